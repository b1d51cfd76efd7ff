/** Columns of streams as the contracts of a workspace have them, in any case. */
export interface ContractColumns {
  /** Marked personal by one of them. */
  readonly personal: ReadonlySet<string>;
  /** In every contract that has them free of that, and what every stream has that names nobody. */
  readonly open: ReadonlySet<string>;
}
