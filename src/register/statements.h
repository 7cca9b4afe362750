// The tables of the register in SQL: made from the schema, so that both say the same.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "register/fact_digest.h"
#include "register/fate.h"
#include "register/schema.h"
#include "sql/database.h"

namespace weerbaar::facts {

// "fact_employee", in quotation marks as every name is: some of ours are words of SQL.
std::string table_name(const Table& table);
// Of the columns, in order: quoted.
std::vector<std::string> column_names(const Table& table);
std::string create_table(const Table& table, const sql::Database& database);
std::string create_index(const Table& table);
// The columns, the validity, the import and the place (kIntegersOfFact whole numbers) of the facts that were known
// after import $1, by key and beginning.
std::string select_facts(const Table& table);
inline constexpr size_t kIntegersOfFact = 4;
// The same of the facts that are known, and of those that import $1 withdrew; then the import that withdrew it.
std::string select_changed_facts(const Table& table);
// What the register keeps beside facts: one of kBesideFacts. Its state as it is now.
Result<TableState> state_beside_facts(sql::Database& database, std::string_view table);
// Of the first of them that is valid from $2 to $3, whose columns `said` are $4, $5 … and whose columns `empty` say
// nothing: its import and place, and when and in which format that import was made.
std::string find_fact(const Table& table, std::span<const size_t> said, std::span<const size_t> empty);
// How many those are.
std::string count_facts(const Table& table);

// The rows of a delivery on their way in, beside the facts: of which of its tables (by number, from 0) each is, the
// columns of all of them, and what is to become of it.
std::string create_incoming(std::span<const Table* const> tables, const sql::Database& database);
// The columns that these tables have, each once: quoted.
std::vector<std::string> incoming_columns(std::span<const Table* const> tables);
std::string create_incoming_index(const Table& table, size_t number);
// Rows that overlap another of the same key stand in one cluster with it, and most rows in none. First
// mark_clusters(), which gives 0 to those in any; then number_clusters(), which gives each cluster its number.
std::string mark_clusters(const Table& table, size_t number);
std::string number_clusters(const Table& table, size_t number);
// Of the rows in clusters, by cluster and number: cluster, number, place, fate, valid_from, valid_to.
std::string select_clusters(size_t number);
// The rows that overlap an earlier one.
std::string create_overlapping(const sql::Database& database);
// Of the rows in clusters that say the same, validity included, all but the first.
std::string mark_repeated(const Table& table, size_t number, Fate from, Fate to);
// "FROM … AS f WHERE …": the facts that are not withdrawn and overlap the row "incoming". Since such facts of one key
// never overlap each other, only the last that begins before the row may be one of those.
std::string overlapping_facts(const Table& table);
// "a.x = b.x AND …" over the key.
std::string same_key(const Table& table, std::string_view a, std::string_view b);
// The same over the columns of which `is_known` says so, key included.
std::string same_columns(const Table& table, const std::vector<bool>& is_known, std::string_view a, std::string_view b);
// The same over everything that a fact says, validity included.
std::string same_fact(const Table& table, std::string_view a, std::string_view b);
// "a.valid_from < b.valid_to AND …".
std::string overlap(std::string_view a, std::string_view b);

}  // namespace weerbaar::facts
