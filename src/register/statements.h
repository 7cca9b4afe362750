// The tables of the register in SQL: made from the schema, so that both say the same.
#pragma once

#include <string>
#include <vector>

#include "register/schema.h"
#include "sql/database.h"

namespace weerbaar::facts {

// "fact_employee", in quotation marks as every name is: some of ours are words of SQL.
std::string table_name(const Table& table);
// Of the columns, in order: quoted.
std::vector<std::string> column_names(const Table& table);
std::string create_table(const Table& table, const sql::Database& database);
std::string create_index(const Table& table);
// The columns and the validity of the facts that were known after import $1, by key and beginning.
std::string select_facts(const Table& table);
// How many those are.
std::string count_facts(const Table& table);

// The rows of a file on their way in, beside the facts: its columns, and what is to become of each row.
std::string create_incoming(const Table& table, const sql::Database& database);
// "a.x = b.x AND …" over the key.
std::string same_key(const Table& table, std::string_view a, std::string_view b);
// The same over everything that a fact says, validity included.
std::string same_fact(const Table& table, std::string_view a, std::string_view b);

}  // namespace weerbaar::facts
