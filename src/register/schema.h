// What an organisation can say about itself: tables of facts, each true from one moment until another.
//
// A fact is a row. Its first columns, the key, say what it is about; the others what is so. For one key, at one moment,
// there is one fact. docs/register.md describes each table for those who fill it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weerbaar::facts {

// What a column holds. Two columns of the same kind may be compared, and so join facts into a path.
enum class Kind : uint8_t {
  kEmployee,
  kAccount,
  kUnit,
  kFunction,
  kLocation,
  kRegion,
  kAddress,
  kSystem,
  kActivity,  // a processing activity
  kData,      // a category of data
  kCase,
  kQueue,
  kRole,
  kSubject,  // "TYPE:ID", as in bsn:123456782
  kText,     // for people to read
  kWord,     // one of the words of the column
};
inline constexpr size_t kKinds = 16;
// As it is written in messages: "employee" ….
std::string_view to_string(Kind kind);

struct Column {
  std::string_view name;
  Kind kind = Kind::kText;
  bool required = false;
  std::span<const std::string_view> words = {};  // of a kWord
};

struct Table {
  std::string_view name;
  size_t key = 1;  // how many of the columns, from the first, say what it is about; they are required
  std::span<const Column> columns;
};

// All of them, by name.
std::span<const Table> tables();
// Null when there is no such table.
const Table* find_table(std::string_view name);

// The columns that every table has beside its own: moments, of which the second is the first at which it is true no
// more. Where they are absent or empty, it was always so, or is so until further notice.
inline constexpr std::string_view kValidFrom = "valid_from";
inline constexpr std::string_view kValidTo = "valid_to";
// A column that any file of CSV may have: "yes" where the row withdraws the fact with its key and beginning, as if it
// never was.
inline constexpr std::string_view kWithdrawn = "withdrawn";
// How those are kept, in microseconds.
inline constexpr int64_t kAlways = INT64_MIN;
inline constexpr int64_t kUntilFurtherNotice = INT64_MAX;

}  // namespace weerbaar::facts
