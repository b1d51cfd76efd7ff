import type { ResolvedWindow } from "../session/operation.ts";
import type { Dialect } from "./dialect.ts";
import type { StreamRoles } from "./stream-roles.ts";

export interface MonitoredColumn {
  readonly name: string;
  /** As the engine calls it: "DECIMAL(12,2)". */
  readonly type: string;
}

/** A relation that a monitoring cell measures. */
export interface MonitoredRelation {
  /** As people name it. */
  readonly title: string;
  /** What stands behind FROM. */
  readonly sql: string;
  readonly columns: readonly MonitoredColumn[];
  /** The column that windows cut; null where there is none. */
  readonly time: string | null;
  /** A column that tells rows apart; null where there is none. */
  readonly identity: string | null;
  /** Where its rows come from, if it can be told whether they changed. */
  readonly source:
    | { readonly type: "stream"; readonly stream: string }
    | { readonly type: "file"; readonly path: string }
    | null;
  /** Of the stream that it is a relation of. */
  readonly roles: StreamRoles | null;
}

/** Some rows of a relation. */
export interface Selection {
  readonly relation: MonitoredRelation;
  readonly window: ResolvedWindow | null;
  /** SQL condition, or null. */
  readonly where: string | null;
  /** Half-open windows whose rows do not count: marks that exclude. */
  readonly excluded: readonly ResolvedWindow[];
}

/** `FROM … WHERE …` of a selection. */
export function fromClause({ relation, window, where, excluded }: Selection, dialect: Dialect): string {
  const time = relation.time === null ? null : dialect.name(relation.time);
  const within = ({ start, end }: ResolvedWindow): string =>
    `${time} >= ${dialect.instant(start)} AND ${time} < ${dialect.instant(end)}`;
  const conditions = [
    ...(window === null || time === null ? [] : [within(window)]),
    // On a line of its own: the condition may end in a comment.
    ...(where === null ? [] : [`(${where}\n)`]),
    ...(time === null ? [] : excluded.map((one) => `NOT (${within(one)})`)),
  ];
  return `FROM ${relation.sql}${conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`}`;
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/;
const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
export const isNumericType = (type: string): boolean => NUMERIC.test(type) && !type.endsWith("]");
export const isIntegerType = (type: string): boolean => INTEGER.test(type);
export const isTimeType = (type: string): boolean => /^(TIMESTAMP|DATE)/.test(type);
export const isFloatType = (type: string): boolean => /^(FLOAT|DOUBLE)$/.test(type);
/** Types that can be compared as categories. */
export const isCategoricalType = (type: string): boolean => /^(VARCHAR|BOOLEAN|ENUM|UUID)/.test(type);
