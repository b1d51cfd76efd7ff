import fc from "fast-check";

/** A type as SQL text and a generator of SQL literals of it. */
interface RandomType {
  readonly type: string;
  readonly literal: fc.Arbitrary<string>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const integers = (type: string, min: bigint, max: bigint): RandomType => ({
  type,
  literal: fc.oneof(fc.bigInt(min, max), fc.constantFrom(min, max, 0n)).map((n) => `'${n}'`),
});
const signed = (type: string, bits: bigint): RandomType => integers(type, -(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n);
const unsigned = (type: string, bits: bigint): RandomType => integers(type, 0n, 2n ** bits - 1n);
const decimal = (width: number, scale: number): RandomType => {
  const most = 10n ** BigInt(width) - 1n;
  return {
    type: `DECIMAL(${width},${scale})`,
    literal: fc.bigInt(-most, most).map((n) => {
      const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, "0");
      const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      return `'${n < 0n ? "-" : ""}${text}'`;
    }),
  };
};
const date = fc.date({
  min: new Date("1677-09-22T00:00:00Z"),
  max: new Date("2262-04-10T00:00:00Z"),
  noInvalidDate: true,
});
const instant = fc
  .tuple(date, fc.nat(999))
  .map(([at, micros]) => at.toISOString().replace("Z", String(micros).padStart(3, "0")));
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }).filter((s) => !s.includes("\0")),
  fc.constantFrom("", "exactly twelv", "twelve bytes", "é".repeat(30), "x".repeat(5000)),
);
const time = fc.nat(86_399_999).map((millis) => new Date(millis).toISOString().slice(11, 23));
const double = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0));

const LEAVES: readonly RandomType[] = [
  { type: "BOOLEAN", literal: fc.boolean().map(String) },
  ...([8n, 16n, 32n, 64n] as const).flatMap((bits, i) => [
    signed(["TINYINT", "SMALLINT", "INTEGER", "BIGINT"][i]!, bits),
    unsigned(["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"][i]!, bits),
  ]),
  signed("HUGEINT", 128n),
  unsigned("UHUGEINT", 128n),
  ...[
    [4, 2],
    [9, 0],
    [18, 6],
    [38, 10],
  ].map(([width, scale]) => decimal(width!, scale!)),
  { type: "DOUBLE", literal: double.map((n) => `'${Object.is(n, -0) ? "-0" : n}'`) },
  { type: "FLOAT", literal: fc.float({ noNaN: true }).map((n) => `'${n}'`) },
  { type: "VARCHAR", literal: text.map(quoted) },
  {
    type: "BLOB",
    literal: fc.uint8Array({ maxLength: 30 }).map((b) => `from_hex('${Buffer.from(b).toString("hex")}')`),
  },
  { type: "BIT", literal: fc.stringMatching(/^[01]{1,40}$/).map(quoted) },
  { type: "UUID", literal: fc.uuid().map(quoted) },
  { type: "DATE", literal: date.map((d) => quoted(d.toISOString().slice(0, 10))) },
  { type: "TIME", literal: time.map(quoted) },
  {
    type: "TIMETZ",
    literal: fc
      .tuple(time, fc.integer({ min: -15, max: 15 }))
      .map(([t, zone]) => quoted(`${t}${zone < 0 ? "-" : "+"}${String(Math.abs(zone)).padStart(2, "0")}`)),
  },
  ...["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ"].map((type) => ({
    type,
    literal: instant.map((at) => quoted(type === "TIMESTAMPTZ" ? `${at}+00` : at)),
  })),
  {
    type: "INTERVAL",
    literal: fc
      .tuple(
        fc.integer({ min: -999, max: 999 }),
        fc.integer({ min: -999, max: 999 }),
        fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      )
      .map(([months, days, micros]) => `to_months(${months}) + to_days(${days}) + to_microseconds(${micros})`),
  },
  { type: "ENUM('a', 'it''s', '')", literal: fc.constantFrom("'a'", "'it''s'", "''") },
  {
    type: "JSON",
    literal: fc
      .json({ maxDepth: 2 })
      .filter((s) => !s.includes("\\u0000"))
      .map(quoted),
  },
];

const orNull = (literal: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant("NULL") }, { weight: 4, arbitrary: literal });
const cast = ({ type, literal }: RandomType): fc.Arbitrary<string> =>
  orNull(literal).map((value) => `(${value})::${type}`);

/** Any type, nested up to `depth`. */
function anyType(depth: number): fc.Arbitrary<RandomType> {
  const leaf = fc.constantFrom(...LEAVES);
  if (depth === 0) return leaf;
  const inner = anyType(depth - 1);
  const list = inner.map((item) => ({
    type: `${item.type}[]`,
    literal: fc.array(cast(item), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
  }));
  const array = fc.tuple(inner, fc.integer({ min: 1, max: 3 })).map(([item, length]) => ({
    type: `${item.type}[${length}]`,
    literal: fc.array(cast(item), { minLength: length, maxLength: length }).map((items) => `[${items.join(", ")}]`),
  }));
  const struct = fc.array(inner, { minLength: 1, maxLength: 3 }).map((members) => ({
    type: `STRUCT(${members.map((member, i) => `"m ${i}" ${member.type}`).join(", ")})`,
    literal: fc
      .tuple(...members.map(cast))
      .map((values) => `{${values.map((value, i) => `'m ${i}': ${value}`).join(", ")}}`),
  }));
  const map = inner.map((value) => ({
    type: `MAP(INTEGER, ${value.type})`,
    literal: fc
      .uniqueArray(fc.tuple(fc.nat(99), cast(value)), { selector: ([key]) => key, maxLength: 3 })
      .map(
        (entries) =>
          `MAP([${entries.map(([key]) => key).join(", ")}], [${entries.map(([, item]) => item).join(", ")}])`,
      ),
  }));
  const union = fc.array(leaf, { minLength: 1, maxLength: 3 }).map((members) => ({
    type: `UNION(${members.map((member, i) => `u${i} ${member.type}`).join(", ")})`,
    literal: fc.oneof(...members.map((member, i) => cast(member).map((value) => `union_value(u${i} := ${value})`))),
  }));
  return fc.oneof({ weight: 3, arbitrary: leaf }, list, array, struct, map, union);
}

/** SELECT text of a table of up to five columns and twelve rows of any types. */
export const randomTable: fc.Arbitrary<string> = fc.array(anyType(2), { minLength: 1, maxLength: 5 }).chain((types) =>
  fc.array(fc.tuple(...types.map(cast)), { minLength: 1, maxLength: 12 }).map((rows) => {
    const selects = rows.map(
      (values, row) => `SELECT ${row} AS id, ${values.map((value, i) => `${value} AS c${i}`).join(", ")}`,
    );
    return selects.join(" UNION ALL ");
  }),
);
