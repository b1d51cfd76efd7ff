import { type DuckDBType, DuckDBTypeId } from "../duckdb/duckdb.ts";

/** The type as SQL text that names exactly this type, aliases such as JSON included at every depth. */
export function typeText(type: DuckDBType): string {
  if (type.alias !== undefined && type.alias !== "") return type.alias;
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return `${typeText(type.valueType)}[]`;
    case DuckDBTypeId.ARRAY:
      return `${typeText(type.valueType)}[${type.length}]`;
    case DuckDBTypeId.STRUCT:
      return `STRUCT(${members(type.entryNames, type.entryTypes)})`;
    case DuckDBTypeId.UNION:
      return `UNION(${members(type.memberTags, type.memberTypes)})`;
    case DuckDBTypeId.MAP:
      return `MAP(${typeText(type.keyType)}, ${typeText(type.valueType)})`;
    case DuckDBTypeId.SQLNULL:
      return '"NULL"';
    default:
      return type.toString();
  }
}

function members(names: readonly string[], types: readonly DuckDBType[]): string {
  return names.map((name, i) => `"${name.replaceAll('"', '""')}" ${typeText(types[i]!)}`).join(", ");
}
