import { analysisOperations } from "./analysis-operations.ts";
import type { Applied, Reducers } from "./applied.ts";
import { documentOperations } from "./document-operations.ts";
import type { Operation, OperationType } from "./operation.ts";
import { processOperations } from "./process-operations.ts";
import { runOperations } from "./run-operations.ts";
import type { SessionState } from "./state.ts";
import { timeOperations } from "./time-operations.ts";

const REDUCERS: Reducers<OperationType> = {
  ...documentOperations,
  ...analysisOperations,
  ...timeOperations,
  ...runOperations,
  ...processOperations,
};

/**
 * The state after the operation, and what the shell must do about it. Pure and total: an operation that means nothing
 * in this state (a late result, a cell that is gone) leaves it as it is, and none throws. Server and client replay the
 * same operations through this same function; the client ignores the effects.
 */
export function apply(state: SessionState, operation: Operation): Applied {
  // Each entry takes exactly its own operation, which the compiler cannot follow through the lookup.
  const reduce = REDUCERS[operation.type] as (state: SessionState, operation: Operation) => Applied;
  return reduce(state, operation);
}
