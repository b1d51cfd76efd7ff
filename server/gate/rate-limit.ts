/** A token bucket per name: `perSecond` on average, one second's worth at once. Memory is bounded by forgetting full buckets. */
export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; atMillis: number }>();

  /** 0 when the call may proceed, else the milliseconds after which it may. */
  take(name: string, perSecond: number, nowMillis: number = Date.now()): number {
    const bucket = this.#buckets.get(name) ?? { tokens: perSecond, atMillis: nowMillis };
    const grown = bucket.tokens + (Math.max(0, nowMillis - bucket.atMillis) / 1000) * perSecond;
    const tokens = Math.min(perSecond, grown);
    if (this.#buckets.size > 10_000) this.#buckets.clear();
    if (tokens < 1) {
      this.#buckets.set(name, { tokens, atMillis: nowMillis });
      return Math.ceil(((1 - tokens) / perSecond) * 1000);
    }
    this.#buckets.set(name, { tokens: tokens - 1, atMillis: nowMillis });
    return 0;
  }
}
