import type { Operation } from "../../cells/session/operation.ts";
import { apply } from "../../cells/session/reducer.ts";
import type { Effect, SessionState } from "../../cells/session/state.ts";

/** Operations held for clients that come back; both bounds hold. */
const HELD_OPERATIONS = 20_000;
const HELD_BYTES = 32_000_000;

/**
 * The one place where a session's state changes. Numbers each operation, tells observers in order and synchronously,
 * and hands the effects on afterwards; an operation that an effect or an observer causes comes after the present one.
 */
export class OperationLog {
  #state: SessionState;
  #sequence = 0;
  #held: { readonly operation: Operation; readonly bytes: number }[] = [];
  #heldBytes = 0;
  readonly #observers = new Set<(operation: Operation, sequence: number) => void>();
  readonly #waiting: Operation[] = [];
  #busy = false;
  readonly #perform: (effect: Effect) => void;
  readonly epoch: string;

  constructor(state: SessionState, epoch: string, perform: (effect: Effect) => void) {
    this.#state = state;
    this.epoch = epoch;
    this.#perform = perform;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Number of the last operation; the first is 1. */
  get sequence(): number {
    return this.#sequence;
  }

  dispatch(operation: Operation): void {
    this.#waiting.push(operation);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#busy = false;
    }
  }

  observe(observer: (operation: Operation, sequence: number) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** The operations after `sequence`, or null where they are no longer held. */
  since(sequence: number): readonly Operation[] | null {
    const missing = this.#sequence - sequence;
    if (missing < 0 || missing > this.#held.length) return null;
    return missing === 0 ? [] : this.#held.slice(-missing).map(({ operation }) => operation);
  }

  #take(operation: Operation): void {
    const { state, effects } = apply(this.#state, operation);
    this.#state = state;
    this.#sequence += 1;
    this.#hold(operation);
    for (const observer of [...this.#observers]) observer(operation, this.#sequence);
    for (const effect of effects) this.#perform(effect);
  }

  #hold(operation: Operation): void {
    const bytes = sizeOf(operation);
    this.#held.push({ operation, bytes });
    this.#heldBytes += bytes;
    while (this.#held.length > HELD_OPERATIONS || (this.#heldBytes > HELD_BYTES && this.#held.length > 0))
      this.#heldBytes -= this.#held.shift()!.bytes;
  }
}

/** Only what can be large is measured; the rest counts as a few hundred bytes. */
function sizeOf(operation: Operation): number {
  switch (operation.type) {
    case "displayed":
    case "redrawn":
      return 200 + JSON.stringify(operation.display).length;
    case "logged":
      return 200 + operation.text.length;
    case "cell-edited":
      return 200 + operation.changes.reduce((sum, { insert }) => sum + insert.length, 0);
    case "cell-inserted":
      return 200 + operation.cell.source.length;
    case "run-ended":
      return 200 + JSON.stringify(operation.result).length;
    default:
      return 200;
  }
}
