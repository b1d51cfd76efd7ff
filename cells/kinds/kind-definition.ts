/** What every room may know of a kind of cell without running it. */
export interface KindDefinition {
  /** The words that open the info string of the kind's fence; null for prose, which has no fence. */
  readonly fence: string | null;
  /** As people read it: "SQL". */
  readonly label: string;
  /** The source of a new cell. */
  readonly defaultSource: string;
  /** Whether running the cell does anything beside showing it. */
  readonly runs: boolean;
  /** Its result is a relation of the engine, under the cell's name. */
  readonly givesTable: boolean;
  /** The process that it needs; `kernel-for-expressions`: only when it reads names. */
  readonly needs: "kernel" | "engine" | "kernel-for-expressions" | "nothing";
}
