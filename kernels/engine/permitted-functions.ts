/**
 * Which functions a user's SELECT may call. A SELECT can do more than read: table functions of DuckDB change settings,
 * write logs, run text as SQL or follow raw pointers. So table functions are a list of what is allowed, and a test
 * asks DuckDB for all it has and demands that each stands in one of the two lists. Scalar functions only compute,
 * but for a short list of refusals.
 */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"],
  ...["read_csv", "read_csv_auto", "sniff_csv", "read_parquet", "parquet_scan", "read_text", "read_blob", "glob"],
  ...["read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto"],
  ...["read_ndjson", "read_ndjson_auto", "read_ndjson_objects"],
  ...["parquet_metadata", "parquet_schema", "parquet_file_metadata", "parquet_kv_metadata", "parquet_bloom_probe"],
  ...["parquet_full_metadata", "test_all_types", "test_vector_types", "icu_calendar_names", "pg_timezone_names"],
  ...["duckdb_columns", "duckdb_functions", "duckdb_tables", "duckdb_views", "duckdb_types", "duckdb_keywords"],
  ...["duckdb_schemas", "duckdb_databases", "duckdb_constraints", "duckdb_indexes", "duckdb_sequences"],
  ...["duckdb_dependencies", "duckdb_extensions", "duckdb_memory", "duckdb_optimizers", "duckdb_coordinate_systems"],
  ...["duckdb_settings", "duckdb_variables", "duckdb_temporary_files", "duckdb_table_sample"],
  ...["pragma_table_info", "pragma_version", "pragma_collations", "pragma_platform", "pragma_database_size"],
  ...["pragma_show", "pragma_storage_info", "pragma_user_agent", "pragma_metadata_info", "summary"],
  ...["histogram", "histogram_values"],
  // A macro of each stream's schema, which a cell may name before relations are there.
  "outcomes_known",
]);

/** Known to DuckDB 1.5 and refused, with the reason that the error gives. */
export const REFUSED_TABLE_FUNCTIONS: Readonly<Record<string, string>> = {
  query: "it runs text as SQL; write the query itself",
  query_table: "it takes the name of a table as text; write the table's name in FROM",
  json_execute_serialized_sql: "it runs text as SQL; write the query itself",
  read_duckdb: "database files cannot be opened here; export them to Parquet or CSV under data/",
  ...Object.fromEntries(
    ["arrow_scan", "arrow_scan_dumb", "seq_scan"].map((name) => [name, "it reads raw memory of the engine"]),
  ),
  ...Object.fromEntries(
    [
      ...["checkpoint", "force_checkpoint", "enable_logging", "disable_logging", "truncate_duckdb_logs"],
      ...["enable_profiling", "disable_profiling", "enable_peg_parser", "disable_peg_parser", "check_peg_parser"],
    ].map((name) => [name, "it changes the engine; a cell only reads"]),
  ),
  ...Object.fromEntries(
    [
      ...["duckdb_secrets", "duckdb_secret_types", "which_secret", "duckdb_logs", "duckdb_log_contexts"],
      ...[
        "duckdb_logs_parsed",
        "duckdb_profiling_settings",
        "duckdb_prepared_statements",
        "duckdb_external_file_cache",
      ],
      ...["duckdb_connection_count", "duckdb_approx_database_count", "sql_auto_complete"],
    ].map((name) => [name, "it tells about the engine itself, not about data"]),
  ),
};

export const REFUSED_SCALAR_FUNCTIONS: Readonly<Record<string, string>> = {
  write_log: "it writes to the engine's log",
  sleep_ms: "it only waits, and cannot be interrupted",
  pg_sleep: "it only waits, and cannot be interrupted",
};

/** Functions that tell the present time; as-of macros of the same names stand before them (see `as-of-macros.ts`). */
export const CLOCK_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["now", "today", "current_date", "current_timestamp", "get_current_timestamp", "transaction_timestamp"],
  ...["localtimestamp", "current_localtimestamp", "localtime", "current_localtime", "current_time", "get_current_time"],
  "age",
]);
