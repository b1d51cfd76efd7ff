/**
 * Answers that cost a query, kept until their key changes. While a newer one is made the older is given, and of equal
 * questions at once only one is asked. A failure is not kept.
 */
export class Held<T> {
  readonly #known = new Map<string, { readonly key: string; readonly value: T }>();
  readonly #making = new Map<string, Promise<T>>();

  /**
   * The value for `name` at `key`. Waits at most `patienceMillis` for a new one when there is an older; then the
   * older is given, and the new one is there for the next question.
   */
  async get(name: string, key: string, make: () => Promise<T>, patienceMillis: number): Promise<T> {
    const known = this.#known.get(name);
    if (known?.key === key) return known.value;
    const making = this.#making.get(name) ?? this.#begin(name, key, make);
    if (known === undefined) return making;
    return Promise.race([making.catch(() => known.value), later(patienceMillis, known.value)]);
  }

  #begin(name: string, key: string, make: () => Promise<T>): Promise<T> {
    const making = make()
      .then((value) => {
        this.#known.set(name, { key, value });
        return value;
      })
      .finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }
}

function later<T>(millis: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), millis));
}
