import type { Cell } from "../document/document.ts";
import { KINDS } from "../kinds/kinds.ts";

/** How sentences for readers call a cell. */
export const labelOf = ({ name, kind }: Cell): string => name ?? `a cell of ${KINDS[kind].label}`;
