import type { Operation, OperationType } from "./operation.ts";
import type { Effect, SessionState } from "./state.ts";

export interface Applied {
  readonly state: SessionState;
  readonly effects: readonly Effect[];
}

export type Reduce<Type extends OperationType> = (
  state: SessionState,
  operation: Extract<Operation, { readonly type: Type }>,
) => Applied;
export type Reducers<Types extends OperationType> = { readonly [Type in Types]: Reduce<Type> };

/** The operation means nothing in this state: a late or repeated one. */
export const unchanged = (state: SessionState): Applied => ({ state, effects: [] });
export const applied = (state: SessionState, ...effects: Effect[]): Applied => ({ state, effects });

/** A record without one key; the same record when it is not there. */
export function without<Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> {
  if (!Object.hasOwn(record, key)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
