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
