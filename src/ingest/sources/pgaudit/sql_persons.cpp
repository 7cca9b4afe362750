#include "ingest/sources/pgaudit/sql_persons.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"
#include "domain/identifiers.h"

namespace weerbaar::ingest::pgaudit {
namespace {

constexpr size_t kBsnDigits = 9;

enum class Clause : uint8_t {
  kNeutral,    // naming a column here selects nobody: select list, GROUP BY, ORDER BY, USING (…)
  kCondition,  // WHERE, ON, HAVING, SET
};

// A value as far as it is known: of a literal, a parameter or an element of an array.
struct Value {
  std::string text;
  bool exact = false;  // as written: a string. Numbers and parameters may have lost leading zeros.
};

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Elements of PostgreSQL's array text {a,"b",NULL}; nothing when malformed or nested. NULL is left out.
std::optional<std::vector<std::string>> array_elements(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> elements;
  if (text.empty()) return elements;
  for (size_t at = 0; at <= text.size(); ++at) {
    std::string element;
    const bool quoted = at < text.size() && text[at] == '"';
    if (quoted) {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
        if (at < text.size()) element += text[at];
      }
      if (at++ >= text.size()) return std::nullopt;
    } else {
      for (; at < text.size() && text[at] != ','; ++at) {
        if (std::string_view("{}\"\\").find(text[at]) != std::string_view::npos) return std::nullopt;
        element += text[at];
      }
    }
    if (at < text.size() && text[at] != ',') return std::nullopt;
    if (quoted || element != "NULL") elements.push_back(std::move(element));
  }
  return elements;
}

class Scan {
 public:
  Scan(const PersonFinder& finder, std::string_view sql, std::span<const Token> tokens, const StatementTables& tables,
       const Parameters* parameters)
      : finder_(finder), sql_(sql), tokens_(tokens), parameters_(parameters) {
    for (const TableName& table : tables.tables) {
      table_columns_.push_back(finder.columns_of(table));
      all_columns_ |= table_columns_.back();
    }
    for (const auto& [alias, table] : tables.aliases) alias_columns_[alias] |= table_columns_[table];
    levels_.emplace_back();
  }

  FoundPersons run() {
    while (tokens_[at_].kind != TokenKind::kEnd) step();
    return std::move(found_);
  }

 private:
  // One pair of parentheses, or the statement itself.
  struct Level {
    Clause clause = Clause::kNeutral;
    bool negated = false;  // within NOT ( … )
    bool call = false;     // within the arguments of a function
    bool row = false;      // a row of VALUES of an INSERT
    size_t position = 0;   // of the value in that row
  };

  // Reading tokens
  // ------------------------------------------------------------------------------------------------------

  [[nodiscard]] Keyword keyword(size_t at) const { return at < tokens_.size() ? tokens_[at].keyword : Keyword::kNo; }
  [[nodiscard]] TokenKind kind(size_t at) const { return at < tokens_.size() ? tokens_[at].kind : TokenKind::kEnd; }
  [[nodiscard]] std::string_view text(size_t at) const { return tokens_[at].in(sql_); }
  [[nodiscard]] bool is(size_t at, std::string_view op) const {
    return kind(at) == TokenKind::kOperator && text(at) == op;
  }

  // Behind "::type", as often as it stands there: ::character varying(9)[]
  [[nodiscard]] size_t skip_casts(size_t at) const {
    while (is(at, "::") && kind(at + 1) != TokenKind::kEnd) at = skip_type(at + 1);
    return at;
  }
  [[nodiscard]] size_t skip_type(size_t at) const {
    if (starts_name(tokens_[at])) read_name(sql_, tokens_, at);
    if (kind(at) == TokenKind::kWord && keyword(at) == Keyword::kNo) ++at;  // double precision, character varying
    if (is(at, "(") && kind(at + 1) == TokenKind::kNumber) {
      const size_t close = is(at + 2, ",") && kind(at + 3) == TokenKind::kNumber ? at + 4 : at + 2;
      if (is(close, ")")) at = close + 1;
    }
    for (;;) {
      const size_t close = kind(at + 1) == TokenKind::kNumber ? at + 2 : at + 1;
      if (!is(at, "[") || !is(close, "]")) return at;
      at = close + 1;
    }
  }

  // A single value at `at`, which moves behind it and its casts. Nothing when it is none, or is not known.
  std::optional<Value> read_value(size_t& at) const {
    if (keyword(at) == Keyword::kCast && is(at + 1, "(")) {
      size_t inner = at + 2;
      std::optional<Value> value = read_value_without_cast(inner);
      if (!value || keyword(inner) != Keyword::kAs) return std::nullopt;
      inner = skip_type(inner + 1);
      if (!is(inner, ")")) return std::nullopt;
      at = skip_casts(inner + 1);
      return value;
    }
    std::optional<Value> value = read_value_without_cast(at);
    if (value) at = skip_casts(at);
    return value;
  }
  std::optional<Value> read_value_without_cast(size_t& at) const {
    const TokenKind what = kind(at);
    if (what == TokenKind::kString) {
      std::optional<std::string> value = string_value(text(at));
      if (!value) return std::nullopt;
      ++at;
      return Value{std::move(*value), true};
    }
    if (what == TokenKind::kNumber && is_digits(text(at))) return Value{std::string(text(at++)), false};
    if (what == TokenKind::kParameter) {
      const std::optional<std::string>* value = parameter(text(at));
      if (value == nullptr || !*value) return std::nullopt;
      ++at;
      return Value{**value, false};
    }
    if (keyword(at) == Keyword::kNull) {
      ++at;
      return Value{"", true};
    }
    return std::nullopt;
  }
  [[nodiscard]] const std::optional<std::string>* parameter(std::string_view token) const {
    size_t number = 0;
    std::from_chars(token.data() + 1, token.data() + token.size(), number);
    if (parameters_ == nullptr || number == 0 || number > parameters_->size()) return nullptr;
    return &(*parameters_)[number - 1];
  }

  struct Column {
    uint64_t columns = 0;  // person columns that it may be, one bit each
    bool unknown = false;  // named like one, but of a table that is not known
    size_t end = 0;        // token behind it and its casts

    [[nodiscard]] bool matters() const { return columns != 0 || unknown; }
  };

  // The column named at `at`; nothing when no name stands there, or when it is that of a function.
  [[nodiscard]] std::optional<Column> read_column(size_t at) const {
    if (kind(at) != TokenKind::kWord && kind(at) != TokenKind::kQuotedIdentifier) return std::nullopt;
    if (!starts_name(tokens_[at])) return std::nullopt;
    const std::vector<std::string> parts = read_name(sql_, tokens_, at);
    if (is(at, "(") || kind(at) == TokenKind::kString) return std::nullopt;
    Column column;
    column.end = skip_casts(at);
    const uint64_t named = finder_.columns_named(parts.back());
    if (named == 0) return column;
    if (parts.size() == 1) {
      column.columns = named & all_columns_;
      return column;
    }
    const auto alias = alias_columns_.find(parts[parts.size() - 2]);
    column.unknown = alias == alias_columns_.end();
    if (!column.unknown) column.columns = named & alias->second;
    return column;
  }

  // What may stand around a comparison for it to be a condition of its own
  // ----------------------------------------------

  [[nodiscard]] bool may_precede(size_t at) const {
    if (at == 0) return true;
    switch (keyword(at - 1)) {
      case Keyword::kWhere:
      case Keyword::kAnd:
      case Keyword::kOr:
      case Keyword::kOn:
      case Keyword::kHaving:
      case Keyword::kWhen:
      case Keyword::kSet:
      case Keyword::kSelect:
      case Keyword::kNot:
        return true;
      default:
        return is(at - 1, "(") || is(at - 1, ",");
    }
  }
  [[nodiscard]] bool may_follow(size_t at) const {
    if (kind(at) == TokenKind::kEnd || is(at, ")") || is(at, ",") || is(at, ";")) return true;
    switch (keyword(at)) {
      case Keyword::kAnd:
      case Keyword::kOr:
      case Keyword::kThen:
      case Keyword::kWhere:
      case Keyword::kFrom:
      case Keyword::kGroup:
      case Keyword::kHaving:
      case Keyword::kOrder:
      case Keyword::kLimit:
      case Keyword::kOffset:
      case Keyword::kFetch:
      case Keyword::kFor:
      case Keyword::kWindow:
      case Keyword::kUnion:
      case Keyword::kExcept:
      case Keyword::kIntersect:
      case Keyword::kReturning:
      case Keyword::kAs:
      case Keyword::kOn:
      case Keyword::kWhen:
      case Keyword::kJoin:
      case Keyword::kInner:
      case Keyword::kLeft:
      case Keyword::kRight:
      case Keyword::kFull:
      case Keyword::kCross:
      case Keyword::kNatural:
        return true;
      default:
        return false;
    }
  }
  [[nodiscard]] bool is_negated(size_t at) const {
    return levels_.back().negated || (at > 0 && keyword(at - 1) == Keyword::kNot);
  }

  // Results
  // -------------------------------------------------------------------------------------------------------------

  void add(uint64_t columns, const Value& value) {
    if (value.text.empty()) return;  // NULL or '': nobody
    // Whoever writes what is no identity beside one must not get the whole access refused.
    if (value.text.size() > kSubjectIdBytesMax || has_control(value.text) || value.text.starts_with(kPseudonymMark)) {
      found_.incomplete = true;
      return;
    }
    // Several columns of one name may differ in type: the first configured wins.
    const SubjectType type = finder_.columns()[static_cast<size_t>(std::countr_zero(columns))].type;
    if (type != SubjectType::kBsn) {
      found_.persons.push_back({type, value.text, false});
      return;
    }
    std::string padded = value.text;
    if (!value.exact && is_digits(padded) && padded.size() < kBsnDigits)
      padded.insert(0, kBsnDigits - padded.size(), '0');
    if (is_bsn(padded)) {
      found_.persons.push_back({type, std::move(padded), false});
    } else {
      found_.persons.push_back({SubjectType::kOther, value.text, true});
    }
  }

  // The scan
  // ------------------------------------------------------------------------------------------------------------

  void step() {
    if (levels_.back().row && levels_.back().position < insert_columns_.size()) check_inserted(at_);
    if (read_reversed()) return;
    if (const std::optional<Column> column = read_column(at_)) {
      if (column->matters()) return on_person_column(*column);
      at_ = column->end;
      return;
    }
    if (tokens_[at_].keyword != Keyword::kNo) {
      on_keyword(tokens_[at_].keyword);
    } else if (is(at_, "(")) {
      on_open();
    } else if (is(at_, ")")) {
      if (levels_.size() > 1) levels_.pop_back();
      if (levels_.size() == insert_level_ && !is(at_ + 1, ",")) insert_columns_.clear();
    } else if (is(at_, ",") && levels_.back().row) {
      ++levels_.back().position;
      check_at_ = 0;
    } else if (is(at_, ";")) {
      levels_.assign(1, Level{});
      insert_columns_.clear();
      insert_unlisted_ = false;
    }
    ++at_;
  }

  // At the first token of each value of a row.
  void check_inserted(size_t at) {
    const Level& level = levels_.back();
    if (check_at_ != 0) return;
    check_at_ = at;
    const uint64_t columns = insert_columns_[level.position];
    if (columns == 0) return;
    const std::optional<Value> value = read_value(at);
    if (value && (is(at, ",") || is(at, ")"))) {
      add(columns, *value);
    } else {
      found_.incomplete = true;
    }
  }

  // value = column
  bool read_reversed() {
    size_t at = at_;
    const std::optional<Value> value = read_value(at);
    if (!value) return false;
    if (is(at, "=")) {
      const std::optional<Column> column = read_column(at + 1);
      if (column && column->matters()) {
        const bool whole = may_precede(at_) && may_follow(column->end) && !is_negated(at_) && !levels_.back().call;
        if (whole && column->columns != 0) {
          add(column->columns, *value);
        } else {
          found_.incomplete = true;
        }
        at = column->end;
      }
    }
    at_ = at;
    return true;
  }

  void on_person_column(const Column& column) {
    const size_t begin = std::exchange(at_, column.end);
    if (is(at_, "=")) return on_equals(begin, column);
    if (keyword(at_) == Keyword::kIn && is(at_ + 1, "(")) return on_in(begin, column);
    const bool plain = is(at_, ",") || is(at_, ")") || kind(at_) == TokenKind::kEnd;
    if (levels_.back().clause == Clause::kNeutral && (plain || !compares(at_))) return;
    found_.incomplete = true;
  }

  // True for what makes a column of a select list a condition after all (CASE WHEN bsn > …).
  [[nodiscard]] bool compares(size_t at) const {
    switch (keyword(at)) {
      case Keyword::kNot:
      case Keyword::kBetween:
      case Keyword::kLike:
      case Keyword::kIlike:
      case Keyword::kSimilar:
      case Keyword::kIs:
        return true;
      default:
        return kind(at) == TokenKind::kOperator && std::string_view("<>~!").find(text(at)[0]) != std::string_view::npos;
    }
  }

  void on_equals(size_t begin, const Column& column) {
    size_t at = at_ + 1;
    const bool whole = may_precede(begin) && !is_negated(begin) && !levels_.back().call;
    if (const std::optional<Value> value = read_value(at)) {
      if (whole && column.columns != 0 && may_follow(at)) {
        add(column.columns, *value);
      } else {
        found_.incomplete = true;
      }
      at_ = at;
      return;
    }
    if (keyword(at) == Keyword::kAny || keyword(at) == Keyword::kSome) return on_any(at, column, whole);
    const std::optional<Column> other = read_column(at);
    if (other && is_person_name(at) && may_precede(begin) && may_follow(other->end)) {
      at_ = other->end;  // a join
      return;
    }
    found_.incomplete = true;
    at_ = at;
  }

  // True when the name at `at` ends in that of a person column, whatever the table.
  [[nodiscard]] bool is_person_name(size_t at) const {
    return finder_.columns_named(read_name(sql_, tokens_, at).back()) != 0;
  }

  // Values up to the closing token; false when one is not understood. `at` moves behind what was read.
  bool read_list(size_t& at, std::string_view close, std::vector<Value>& values) const {
    for (;; ++at) {
      std::optional<Value> value = read_value(at);
      if (!value) return false;
      values.push_back(std::move(*value));
      if (is(at, close)) break;
      if (!is(at, ",")) return false;
    }
    ++at;
    return true;
  }

  void add_all(const Column& column, const std::vector<Value>& values, bool understood) {
    if (!understood || column.columns == 0) found_.incomplete = true;
    if (column.columns == 0) return;
    for (const Value& value : values) add(column.columns, value);
  }

  // An element that is not understood leaves the others as they are: they are compared with the column all the same.
  void on_in(size_t begin, const Column& column) {
    size_t at = at_ + 2;
    std::vector<Value> values;
    bool understood = read_list(at, ")", values);
    const bool whole = may_precede(begin) && !is_negated(begin) && !levels_.back().call;
    if (understood) understood = may_follow(at);
    if (!whole) {
      values.clear();
      understood = false;
    }
    add_all(column, values, understood);
    at_ = understood ? at : at_ + 1;
  }

  // column = ANY ($1), ANY ('{…}'), ANY (ARRAY[…])
  void on_any(size_t at, const Column& column, bool whole) {
    at_ = at + 1;  // the parenthesis: when it is not understood, what is in it is scanned as usual
    if (!whole || !is(at + 1, "(")) {
      found_.incomplete = true;
      return;
    }
    std::vector<Value> values;
    bool understood = false;
    at += 2;
    if (keyword(at) == Keyword::kArray && is(at + 1, "[")) {
      at += 2;
      understood = read_list(at, "]", values);
      at = skip_casts(at);
    } else if (const std::optional<Value> array = read_value(at)) {
      if (const auto elements = array_elements(array->text)) {
        for (const std::string& element : *elements) values.push_back({element, array->exact});
        understood = true;
      }
    }
    understood = understood && is(at, ")") && may_follow(at + 1);
    add_all(column, understood ? values : std::vector<Value>(), understood);
    if (understood) at_ = at + 1;
  }

  void on_open() {
    Level inner = levels_.back();
    inner.row = false;
    const Keyword before = at_ == 0 ? Keyword::kNo : keyword(at_ - 1);
    const bool not_before = at_ > 1 && keyword(at_ - 2) == Keyword::kNot;
    inner.negated = inner.negated || before == Keyword::kNot ||
                    ((before == Keyword::kExists || before == Keyword::kIn) && not_before);
    const Keyword next = keyword(at_ + 1);
    if (next == Keyword::kSelect || next == Keyword::kWith || next == Keyword::kValues) {
      inner.clause = Clause::kNeutral;
      inner.call = false;
    } else if (at_ > 0 && before == Keyword::kNo && kind(at_ - 1) != TokenKind::kOperator) {
      inner.call = true;
    } else if (before == Keyword::kUsing || before == Keyword::kConflict) {
      inner.clause = Clause::kNeutral;
    }
    if (levels_.size() == insert_level_ && in_values_ && !insert_columns_.empty()) {
      inner.row = true;
      inner.position = 0;
      inner.call = false;
      inner.clause = Clause::kNeutral;
      check_at_ = 0;
    }
    levels_.push_back(inner);
  }

  void on_keyword(Keyword word) {
    switch (word) {
      case Keyword::kWhere:
      case Keyword::kHaving:
        levels_.back().clause = Clause::kCondition;
        break;
      case Keyword::kSet:
        levels_.back().clause = Clause::kCondition;
        insert_columns_.clear();
        break;
      case Keyword::kOn:
        levels_.back().clause = keyword(at_ + 1) == Keyword::kConflict ? Clause::kNeutral : Clause::kCondition;
        insert_columns_.clear();
        break;
      case Keyword::kSelect:
        on_insert_source();
        [[fallthrough]];
      case Keyword::kFrom:
      case Keyword::kUpdate:
      case Keyword::kGroup:
      case Keyword::kOrder:
      case Keyword::kLimit:
      case Keyword::kOffset:
      case Keyword::kWindow:
      case Keyword::kReturning:
      case Keyword::kUnion:
      case Keyword::kExcept:
      case Keyword::kIntersect:
        if (word == Keyword::kFrom && at_ > 0 && keyword(at_ - 1) == Keyword::kDistinct) break;
        levels_.back().clause = Clause::kNeutral;
        if (word == Keyword::kExcept) levels_.back().negated = true;
        break;
      case Keyword::kInto:
        on_into();
        return;
      case Keyword::kValues:
        on_values();
        break;
      default:
        break;
    }
  }

  // INSERT INTO table [AS alias] [(columns)]
  void on_into() {
    insert_columns_.clear();
    in_values_ = false;
    insert_unlisted_ = false;
    size_t at = at_ + 1;
    if (at_ == 0 || keyword(at_ - 1) != Keyword::kInsert || !starts_name(tokens_[at])) return;
    const std::vector<std::string> parts = read_name(sql_, tokens_, at);
    const TableName table{parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()};
    const uint64_t columns = finder_.columns_of(table);
    if (keyword(at) == Keyword::kAs) at += 2;
    if (is(at, "(") && keyword(at + 1) != Keyword::kSelect && keyword(at + 1) != Keyword::kWith) {
      while (kind(at) != TokenKind::kEnd && !is(at, ")")) {
        ++at;
        if (kind(at) != TokenKind::kWord && kind(at) != TokenKind::kQuotedIdentifier) continue;
        insert_columns_.push_back(finder_.columns_named(identifier_name(text(at))) & columns);
      }
      const bool any = std::any_of(insert_columns_.begin(), insert_columns_.end(), [](uint64_t c) { return c != 0; });
      if (!any) insert_columns_.clear();
      if (is(at, ")")) ++at;
    } else {
      insert_unlisted_ = columns != 0;  // which value goes into which column only the catalogue knows
    }
    insert_level_ = levels_.size();
    at_ = std::min(at, tokens_.size() - 1) - 1;
  }

  void on_values() {
    if (levels_.size() != insert_level_) return;
    in_values_ = true;
    on_unlisted();
  }
  // INSERT … SELECT: the persons come out of a query.
  void on_insert_source() {
    if (levels_.size() != insert_level_ || in_values_) return;
    if (!insert_columns_.empty()) found_.incomplete = true;
    insert_columns_.clear();
    on_unlisted();
  }
  void on_unlisted() {
    found_.incomplete = found_.incomplete || insert_unlisted_;
    insert_unlisted_ = false;
  }

  const PersonFinder& finder_;
  std::string_view sql_;
  std::span<const Token> tokens_;
  const Parameters* parameters_;
  std::vector<uint64_t> table_columns_;
  std::unordered_map<std::string, uint64_t> alias_columns_;
  uint64_t all_columns_ = 0;
  size_t at_ = 0;
  std::vector<Level> levels_;
  FoundPersons found_;

  std::vector<uint64_t> insert_columns_;  // of the INSERT being read: the person columns that each position is
  size_t insert_level_ = 0;
  bool in_values_ = false;
  bool insert_unlisted_ = false;
  size_t check_at_ = 0;
};

}  // namespace

PersonFinder::PersonFinder(std::vector<PersonColumn> columns) : columns_(std::move(columns)) {
  WEERBAAR_CHECK(columns_.size() <= kPersonColumnsMax);
  for (size_t i = 0; i < columns_.size(); ++i) by_name_[columns_[i].column] |= uint64_t{1} << i;
}

uint64_t PersonFinder::columns_named(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? 0 : found->second;
}

uint64_t PersonFinder::columns_of(const TableName& table) const {
  uint64_t bits = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].table.table.empty() || may_be_same(columns_[i].table, table)) bits |= uint64_t{1} << i;
  }
  return bits;
}

FoundPersons PersonFinder::find(std::string_view sql, std::span<const Token> tokens, const StatementTables& tables,
                                const Parameters* parameters) const {
  if (columns_.empty()) return {};
  return Scan(*this, sql, tokens, tables, parameters).run();
}

}  // namespace weerbaar::ingest::pgaudit
