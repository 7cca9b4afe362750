# The pgaudit source; paths relative to src/ingest.
set(PGAUDIT_SOURCES
    sources/pgaudit/audit_message.cpp sources/pgaudit/csv_records.cpp sources/pgaudit/mapping.cpp
    sources/pgaudit/open_statement.cpp sources/pgaudit/pgaudit.cpp sources/pgaudit/sql_lexer.cpp
    sources/pgaudit/sql_persons.cpp sources/pgaudit/sql_tables.cpp)
