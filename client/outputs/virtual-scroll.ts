/** A scroll area cannot be as high as ten million rows: beyond this many pixels, rows are mapped onto it. */
const MOST_PIXELS = 8_000_000;

export interface Placement {
  /** Height of the scrolled content, in pixels. */
  readonly height: number;
  /** First row to draw, and where in the content it is drawn. */
  readonly first: number;
  readonly top: number;
}

/**
 * Which rows stand in a view over many of one height. Where all fit, the scroll bar is exact. Where they do not, a long
 * move (dragging the bar) goes to that share of the rows, and a short one (a wheel, a key) moves by its own pixels, so
 * that no row is jumped over.
 */
export class VirtualScroll {
  readonly #rowHeight: number;
  #rows = 0;
  #viewHeight = 0;
  #scrollTop = 0;
  /** Where the view stands in content of full height, in pixels. */
  #position = 0;

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  get #full(): number {
    return this.#rows * this.#rowHeight;
  }

  get #height(): number {
    return Math.min(this.#full, MOST_PIXELS);
  }

  resize(rows: number, viewHeight: number): void {
    this.#rows = rows;
    this.#viewHeight = viewHeight;
    this.#position = Math.max(0, Math.min(this.#position, this.#full - viewHeight));
  }

  reset(): void {
    this.#scrollTop = 0;
    this.#position = 0;
  }

  /** The scroll bar stands at `scrollTop` now. */
  scrolled(scrollTop: number): void {
    const moved = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    const end = Math.max(0, this.#full - this.#viewHeight);
    const barEnd = Math.max(1, this.#height - this.#viewHeight);
    if (this.#full <= MOST_PIXELS) this.#position = scrollTop;
    else if (scrollTop <= 0) this.#position = 0;
    else if (scrollTop >= barEnd - 1) this.#position = end;
    else if (Math.abs(moved) <= 2 * this.#viewHeight) this.#position += moved;
    else this.#position = (scrollTop / barEnd) * end;
    this.#position = Math.max(0, Math.min(end, this.#position));
  }

  /** The `scrollTop` that brings `row` into the view, and the position as if it had been scrolled there. */
  show(row: number): number {
    const top = row * this.#rowHeight;
    let target = this.#position;
    if (top < target) target = top;
    else if (top + this.#rowHeight > target + this.#viewHeight) target = top + this.#rowHeight - this.#viewHeight;
    const moved = target - this.#position;
    this.#position = target;
    const barEnd = Math.max(1, this.#height - this.#viewHeight);
    const isShort = this.#full <= MOST_PIXELS || Math.abs(moved) <= 2 * this.#viewHeight;
    const end = Math.max(1, this.#full - this.#viewHeight);
    this.#scrollTop = Math.max(0, Math.min(barEnd, isShort ? this.#scrollTop + moved : (target / end) * barEnd));
    return this.#scrollTop;
  }

  placement(): Placement {
    const first = Math.max(0, Math.min(this.#rows - 1, Math.floor(this.#position / this.#rowHeight)));
    const into = this.#position - first * this.#rowHeight;
    return { height: this.#height, first, top: Math.max(0, this.#scrollTop - into) };
  }
}
