/** Pages of a long table, the least recently used forgotten first. Pure: fetching is the caller's. */
export class PageCache<Page> {
  readonly #pages = new Map<number, Page>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(number: number): Page | undefined {
    const page = this.#pages.get(number);
    if (page === undefined) return undefined;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  set(number: number, page: Page): void {
    this.#pages.delete(number);
    this.#pages.set(number, page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#most) return;
      this.#pages.delete(oldest);
    }
  }

  clear(): void {
    this.#pages.clear();
  }
}

/** A scroll area cannot be as high as ten million rows: beyond this many pixels rows are mapped onto it in proportion. */
export const MOST_PIXELS = 8_000_000;

export interface Scroll {
  /** Height of the scrolled content. */
  readonly height: number;
  /** First row to draw, and where it is drawn. */
  readonly first: number;
  readonly top: number;
}

/** Which row stands at the top of a view scrolled to `scrollTop`, and where to draw it. */
export function scrollTo(rowCount: number, rowHeight: number, viewHeight: number, scrollTop: number): Scroll {
  const full = rowCount * rowHeight;
  if (full <= MOST_PIXELS) {
    const first = Math.max(0, Math.min(rowCount - 1, Math.floor(scrollTop / rowHeight)));
    return { height: full, first, top: first * rowHeight };
  }
  const share = Math.min(1, Math.max(0, scrollTop / (MOST_PIXELS - viewHeight)));
  const visible = Math.floor(viewHeight / rowHeight);
  const first = Math.round(share * (rowCount - visible));
  return { height: MOST_PIXELS, first, top: scrollTop };
}
