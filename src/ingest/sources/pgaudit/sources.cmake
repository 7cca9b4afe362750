# The pgaudit source; paths relative to src/ingest.
set(PGAUDIT_SOURCES
    sources/pgaudit/audit_message.cpp sources/pgaudit/csv_records.cpp sources/pgaudit/mapping.cpp
    sources/pgaudit/open_statement.cpp sources/pgaudit/pgaudit.cpp sources/pgaudit/sql_lexer.cpp
    sources/pgaudit/sql_persons.cpp sources/pgaudit/sql_tables.cpp)
set(PGAUDIT_TESTS
    sources/pgaudit/audit_message_test.cpp sources/pgaudit/csv_records_test.cpp sources/pgaudit/mapping_test.cpp
    sources/pgaudit/pgaudit_logs_test.cpp sources/pgaudit/pgaudit_test.cpp sources/pgaudit/sql_lexer_test.cpp
    sources/pgaudit/sql_persons_test.cpp sources/pgaudit/sql_tables_test.cpp)
set(PGAUDIT_FUZZERS sources/pgaudit/pgaudit_mapping_fuzz.cpp sources/pgaudit/pgaudit_records_fuzz.cpp sources/pgaudit/pgaudit_sql_fuzz.cpp)
set(PGAUDIT_BENCHMARKS sources/pgaudit/pgaudit_bench.cpp)
