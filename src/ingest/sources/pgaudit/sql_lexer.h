// Tokens of PostgreSQL's SQL, after chapter 4.1 of its manual. Knows strings ('', E'', U&'', B'', X'', N'', $tag$),
// quoted identifiers, nested comments, operators, numbers and $n; takes standard_conforming_strings as on. Never fails:
// what is not closed runs to the end. Linear in the length of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::ingest::pgaudit {

enum class TokenKind : uint8_t { kWord, kQuotedIdentifier, kString, kNumber, kParameter, kOperator, kEnd };

// The words that matter to whoever looks for tables and persons. kNo: an identifier, or a word that does not matter.
enum class Keyword : uint8_t {
  kNo,
  kAll,
  kAnd,
  kAny,
  kArray,
  kAs,
  kAsc,
  kBetween,
  kBy,
  kCall,
  kCase,
  kCast,
  kClose,
  kCollate,
  kConflict,
  kCopy,
  kCreate,
  kCross,
  kDelete,
  kDesc,
  kDistinct,
  kDo,
  kElse,
  kEnd,
  kExcept,
  kExists,
  kFetch,
  kFor,
  kFrom,
  kFull,
  kGroup,
  kHaving,
  kIf,
  kIlike,
  kIn,
  kInner,
  kInsert,
  kIntersect,
  kInto,
  kIs,
  kJoin,
  kKey,
  kLateral,
  kLeft,
  kLike,
  kLimit,
  kMaterialized,
  kMerge,
  kMove,
  kNatural,
  kNot,
  kNull,
  kOf,
  kOffset,
  kOn,
  kOnly,
  kOr,
  kOrder,
  kOuter,
  kRecursive,
  kReturning,
  kRevoke,
  kRight,
  kSelect,
  kSet,
  kSimilar,
  kSome,
  kTable,
  kTablesample,
  kThen,
  kTo,
  kTruncate,
  kUnion,
  kUpdate,
  kUsing,
  kValues,
  kWhen,
  kWhere,
  kWindow,
  kWith
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Keyword keyword = Keyword::kNo;
  uint32_t offset = 0;
  uint32_t length = 0;

  [[nodiscard]] std::string_view in(std::string_view sql) const { return sql.substr(offset, length); }
};

// Replaces `tokens`; the last is kEnd. False when a string, quoted identifier or comment is not closed. `sql` must be
// shorter than 4 GiB.
bool lex_sql(std::string_view sql, std::vector<Token>& tokens);

// The value of a kString token; nothing for bit strings, bad escapes and strings that are not closed.
std::optional<std::string> string_value(std::string_view token);

// The name that a kWord or kQuotedIdentifier token stands for: words are folded to lower case (ASCII).
std::string identifier_name(std::string_view token);

// A name as SQL: in quotes when it has to be.
std::string quote_identifier(std::string_view name);

}  // namespace weerbaar::ingest::pgaudit
