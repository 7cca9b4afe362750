#include "ingest/sources/pgaudit/sql_tables.h"

#include <algorithm>

namespace weerbaar::ingest::pgaudit {
namespace {

class TableFinder {
 public:
  TableFinder(std::string_view sql, std::span<const Token> tokens) : sql_(sql), tokens_(tokens) { open(); }

  StatementTables run() {
    while (tokens_[at_].kind != TokenKind::kEnd) step();
    if (found_.verb == Verb::kOther && is(0, '(')) found_.verb = Verb::kSelect;
    return std::move(found_);
  }

 private:
  // One pair of parentheses.
  struct Level {
    size_t opened_at = 0;  // token of the parenthesis
    bool call = false;     // arguments of a function, where FROM is only a word: extract(year FROM x)
    bool from = false;     // within a list of tables
    bool expects = false;  // a table comes next
    bool into = false;     // … of INSERT INTO, COPY …: a parenthesis behind it is a list of columns
  };

  [[nodiscard]] Keyword keyword(size_t at) const { return at < tokens_.size() ? tokens_[at].keyword : Keyword::kNo; }
  [[nodiscard]] Keyword previous() const { return at_ == 0 ? Keyword::kNo : tokens_[at_ - 1].keyword; }
  [[nodiscard]] bool is(size_t at, char c) const {
    return at < tokens_.size() && tokens_[at].kind == TokenKind::kOperator && tokens_[at].length == 1 &&
           sql_[tokens_[at].offset] == c;
  }
  [[nodiscard]] bool starts_query(size_t at) const {
    const Keyword k = keyword(at);
    return k == Keyword::kSelect || k == Keyword::kWith || k == Keyword::kValues || k == Keyword::kInsert ||
           k == Keyword::kUpdate || k == Keyword::kDelete || k == Keyword::kMerge || k == Keyword::kTable;
  }

  void open() { levels_.emplace_back(); }
  Level& level() { return levels_.back(); }

  void step() {
    const Token& token = tokens_[at_];
    if (level().expects && read_table()) return;
    if (token.keyword != Keyword::kNo) {
      on_keyword(token.keyword);
    } else if (is(at_, '(')) {
      on_open();
    } else if (is(at_, ')')) {
      last_closed_from_ = level().opened_at;
      if (levels_.size() > 1) levels_.pop_back();
    } else if (is(at_, ',')) {
      level().expects = level().from;
      level().into = false;
    } else if (is(at_, ';')) {
      levels_.assign(1, Level{});
      copying_ = false;
    }
    ++at_;
  }

  void on_open() {
    Level inner;
    inner.opened_at = at_;
    const bool query = starts_query(at_ + 1);
    if (level().expects && !query) {
      inner.from = true;  // ( a JOIN b )
      inner.expects = true;
    }
    const bool behind_name = at_ > 0 && tokens_[at_ - 1].kind != TokenKind::kOperator && previous() == Keyword::kNo;
    inner.call = !query && behind_name;
    level().expects = false;
    levels_.push_back(inner);
  }

  void expect(bool list, bool into = false) {
    level().expects = true;
    level().from = list;
    level().into = into;
  }

  void on_keyword(Keyword word) {
    set_verb(word);
    switch (word) {
      case Keyword::kFrom:
        if (level().call || previous() == Keyword::kDistinct || (levels_.size() == 1 && no_tables_behind_from_)) break;
        expect(true);
        break;
      case Keyword::kJoin:
        expect(true);
        break;
      case Keyword::kInto:
        expect(false, true);
        break;
      case Keyword::kUpdate:
        if (previous() != Keyword::kFor && previous() != Keyword::kKey && previous() != Keyword::kOn) expect(false);
        break;
      case Keyword::kTruncate:
        expect(true, true);
        break;
      case Keyword::kTable:
        expect(level().from, true);
        break;
      case Keyword::kUsing:
        if (deletes_ && !is(at_ + 1, '(')) expect(true);
        break;
      case Keyword::kAs:
        remember_derived();
        break;
      case Keyword::kSelect:
      case Keyword::kWhere:
      case Keyword::kGroup:
      case Keyword::kHaving:
      case Keyword::kOrder:
      case Keyword::kLimit:
      case Keyword::kOffset:
      case Keyword::kWindow:
      case Keyword::kReturning:
      case Keyword::kSet:
      case Keyword::kValues:
      case Keyword::kUnion:
      case Keyword::kExcept:
      case Keyword::kIntersect:
        level().from = false;
        level().expects = false;
        break;
      case Keyword::kCopy:
        if (at_ == 0) expect(false, true);
        break;
      default:
        break;
    }
  }

  void set_verb(Keyword word) {
    if (at_ == 0 &&
        (word == Keyword::kCopy || word == Keyword::kFetch || word == Keyword::kMove || word == Keyword::kRevoke)) {
      no_tables_behind_from_ = true;
      copying_ = word == Keyword::kCopy;
    }
    if (word == Keyword::kDelete || word == Keyword::kMerge) deletes_ = true;
    if (levels_.size() != 1) return;
    if (copying_ && (word == Keyword::kTo || word == Keyword::kFrom)) {
      found_.verb = word == Keyword::kTo ? Verb::kCopyTo : Verb::kCopyFrom;
      copying_ = false;
    }
    if (no_tables_behind_from_ || found_.verb != Verb::kOther) return;
    // CREATE … AS SELECT, GRANT SELECT … are neither.
    if (keyword(0) == Keyword::kNo || keyword(0) == Keyword::kCreate) {
      if (!wraps_query()) return;
    }
    if (word == Keyword::kSelect || word == Keyword::kValues || (word == Keyword::kTable && at_ == 0)) {
      found_.verb = Verb::kSelect;
    } else if (word == Keyword::kInsert) {
      found_.verb = Verb::kInsert;
    } else if (word == Keyword::kUpdate || word == Keyword::kMerge) {
      found_.verb = Verb::kUpdate;
    } else if (word == Keyword::kDelete || word == Keyword::kTruncate) {
      found_.verb = Verb::kDelete;
    }
  }

  [[nodiscard]] bool wraps_query() const {
    if (tokens_[0].kind != TokenKind::kWord) return false;
    const std::string first = identifier_name(tokens_[0].in(sql_));
    return first == "explain" || first == "prepare" || first == "declare";
  }

  // At AS: "name AS (SELECT", "name (columns) AS MATERIALIZED (SELECT" make a name that is no table.
  void remember_derived() {
    size_t body = at_ + 1;
    if (keyword(body) == Keyword::kNot) ++body;
    if (keyword(body) == Keyword::kMaterialized) ++body;
    if (!is(body, '(') || !starts_query(body + 1) || at_ == 0) return;
    size_t name = at_ - 1;
    if (is(name, ')')) {
      if (last_closed_from_ == 0) return;
      name = last_closed_from_ - 1;
    }
    if (starts_name(tokens_[name])) found_.derived.insert(identifier_name(tokens_[name].in(sql_)));
  }

  // Where a table is expected. True when a token was taken.
  bool read_table() {
    const Token& token = tokens_[at_];
    const Keyword word = token.keyword;
    if (word == Keyword::kOnly || word == Keyword::kLateral || word == Keyword::kTable || word == Keyword::kIf ||
        word == Keyword::kNot || word == Keyword::kExists) {
      ++at_;
      return true;
    }
    if (is(at_, '(') || word != Keyword::kNo || !starts_name(token)) {
      if (!is(at_, '(')) level().expects = false;
      return false;
    }
    level().expects = false;
    const std::vector<std::string> parts = read_name(sql_, tokens_, at_);
    if (is(at_, '(') && !level().into) return true;  // a function
    if (is(at_, '*')) ++at_;
    if (parts.size() == 1 && found_.derived.contains(parts[0])) return true;
    TableName table;
    table.table = parts.back();
    if (parts.size() > 1) table.schema = parts[parts.size() - 2];
    found_.aliases.emplace_back(table.table, found_.tables.size());
    if (keyword(at_) == Keyword::kAs) ++at_;
    if (starts_name(tokens_[at_])) {
      std::string alias = identifier_name(tokens_[at_].in(sql_));
      if (alias != table.table) found_.aliases.emplace_back(std::move(alias), found_.tables.size());
      ++at_;
    }
    found_.tables.push_back(std::move(table));
    return true;
  }

  std::string_view sql_;
  std::span<const Token> tokens_;
  size_t at_ = 0;
  StatementTables found_;
  std::vector<Level> levels_;
  size_t last_closed_from_ = 0;
  bool no_tables_behind_from_ = false;  // COPY t FROM 'file', FETCH … FROM cursor, REVOKE … FROM role
  bool copying_ = false;
  bool deletes_ = false;  // DELETE … USING t
};

}  // namespace

std::string display_name(const TableName& name) {
  const std::string table = quote_identifier(name.table);
  return name.schema.empty() ? table : quote_identifier(name.schema) + "." + table;
}

TableName parse_table_name(std::string_view text) {
  std::vector<Token> tokens;
  lex_sql(text, tokens);
  size_t at = 0;
  if (!starts_name(tokens[0]) && tokens[0].kind != TokenKind::kWord) return {"", std::string(text)};
  std::vector<std::string> parts = read_name(text, tokens, at);
  TableName name;
  name.table = std::move(parts.back());
  if (parts.size() > 1) name.schema = std::move(parts[parts.size() - 2]);
  return name;
}

bool may_be_same(const TableName& a, const TableName& b) {
  return a.table == b.table && (a.schema.empty() || b.schema.empty() || a.schema == b.schema);
}

bool starts_name(const Token& token) {
  return token.kind == TokenKind::kQuotedIdentifier ||
         (token.kind == TokenKind::kWord && token.keyword == Keyword::kNo);
}

std::vector<std::string> read_name(std::string_view sql, std::span<const Token> tokens, size_t& at) {
  std::vector<std::string> parts = {identifier_name(tokens[at++].in(sql))};
  while (at + 1 < tokens.size() && tokens[at].in(sql) == "." &&
         (tokens[at + 1].kind == TokenKind::kWord || tokens[at + 1].kind == TokenKind::kQuotedIdentifier)) {
    parts.push_back(identifier_name(tokens[at + 1].in(sql)));
    at += 2;
  }
  return parts;
}

StatementTables find_tables(std::string_view sql, std::span<const Token> tokens) {
  return TableFinder(sql, tokens).run();
}

}  // namespace weerbaar::ingest::pgaudit
