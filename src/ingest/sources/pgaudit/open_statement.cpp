#include "ingest/sources/pgaudit/open_statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/access_event_json.h"
#include "ingest/sources/pgaudit/sql_lexer.h"

namespace weerbaar::ingest::pgaudit {
namespace {

// Names that cannot be cut out of a component any more.
constexpr size_t kMoreBytesMax = 24;

// The statement with ? for every string and number. Cut between tokens, so that it stays UTF-8.
std::string make_template(std::string_view sql, std::span<const Token> tokens, bool& truncated) {
  std::string text;
  size_t end = 0;
  truncated = false;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kEnd) break;
    const bool literal = token.kind == TokenKind::kString || token.kind == TokenKind::kNumber;
    const std::string_view written = literal ? std::string_view("?") : token.in(sql);
    const bool gap = !text.empty() && token.offset > end;
    if (text.size() + written.size() + (gap ? 1 : 0) > kQueryBytesMax) {
      truncated = true;
      break;
    }
    if (gap) text += ' ';
    text += written;
    end = token.offset + token.length;
  }
  return text;
}

// How much an action reveals or changes: of all that one statement does, the event names the gravest.
int gravity(Action action) {
  switch (action) {
    case Action::kRead:
      return 1;
    case Action::kCreate:
      return 2;
    case Action::kUpdate:
      return 3;
    case Action::kDelete:
      return 4;
    case Action::kExport:
      return 5;
    default:
      return 0;
  }
}

Action action_of(Verb verb) {
  switch (verb) {
    case Verb::kSelect:
      return Action::kRead;
    case Verb::kInsert:
    case Verb::kCopyFrom:
      return Action::kCreate;
    case Verb::kUpdate:
      return Action::kUpdate;
    case Verb::kDelete:
      return Action::kDelete;
    case Verb::kCopyTo:
      return Action::kExport;
    case Verb::kOther:
      return Action::kExecute;
  }
  return Action::kExecute;
}

Action action_of(const AuditMessage& audit) {
  if (audit.audit_class == "READ") return audit.command == "COPY" ? Action::kExport : Action::kRead;
  if (audit.audit_class != "WRITE") return Action::kExecute;
  if (audit.command == "INSERT" || audit.command == "COPY") return Action::kCreate;
  if (audit.command == "DELETE" || audit.command == "TRUNCATE TABLE") return Action::kDelete;
  return Action::kUpdate;
}

bool is_table(std::string_view object_type) {
  return object_type.find("TABLE") != std::string_view::npos || object_type.find("VIEW") != std::string_view::npos;
}

// pgaudit counts what queries return or change, and writes 0 for everything else, COPY among it.
bool counts_rows(const AuditMessage& audit) {
  const std::string_view command = audit.command;
  return audit.rows.value_or(0) > 0 || command == "SELECT" || command == "INSERT" || command == "UPDATE" ||
         command == "DELETE" || command == "MERGE";
}

// For a field that must not hold control characters: a table may be called anything.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
}

// Names joined by ", "; what does not fit is counted. `whole` tells whether all fitted.
std::string join(const std::vector<std::string>& names, size_t bytes_max, bool& whole) {
  std::string text;
  whole = true;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string_view separator = text.empty() ? "" : ", ";
    const size_t reserve = i + 1 == names.size() ? 0 : kMoreBytesMax;
    if (text.size() + separator.size() + names[i].size() + reserve > bytes_max) {
      text += fmt::format("{}+{} more", separator, names.size() - i);
      whole = false;
      break;
    }
    text += separator;
    text += names[i];
  }
  return text;
}

std::string_view keep_json(EventBatch& memory, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return memory.keep(json);
}

std::string join_words(const std::set<std::string, std::less<>>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

const StatementFacts& StatementReader::read(std::string_view sql, const Parameters* parameters) {
  const bool same_parameters = parameters == nullptr ? !parameters_ : parameters_ == *parameters;
  if (read_ && same_parameters && sql_ == sql) return facts_;
  read_ = true;
  sql_ = sql;
  parameters_ = parameters == nullptr ? std::nullopt : std::optional(*parameters);
  const bool closed = lex_sql(sql_, tokens_);
  facts_.text_template = make_template(sql_, tokens_, facts_.truncated);
  facts_.searches = std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
    return token.keyword == Keyword::kLike || token.keyword == Keyword::kIlike || token.keyword == Keyword::kSimilar;
  });
  StatementTables tables = find_tables(sql_, tokens_);
  facts_.verb = tables.verb;
  facts_.persons = finder_.find(sql_, tokens_, tables, parameters);
  facts_.persons.incomplete = facts_.persons.incomplete || (!closed && has_persons());
  facts_.tables = std::move(tables.tables);
  facts_.names_person_table = std::any_of(facts_.tables.begin(), facts_.tables.end(),
                                          [this](const TableName& table) { return finder_.columns_of(table) != 0; });
  return facts_;
}

OpenStatement::OpenStatement(Origin origin, std::optional<uint64_t> statement_id, uint64_t first_line)
    : origin_(std::move(origin)), statement_id_(statement_id), first_line_(first_line) {}

bool OpenStatement::full() const {
  return persons_.size() >= kHeldPersonsMax || name_bytes_ >= kHeldNameBytesMax ||
         std::max(classes_.size(), commands_.size()) >= kHeldWordsMax;
}

void OpenStatement::raise(Action action) {
  if (gravity(action) > gravity(action_)) action_ = action;
}

void OpenStatement::add_table(std::set<TableName>& to, const TableName& table) {
  if (to.insert(table).second) name_bytes_ += table.schema.size() + table.table.size();
}

// Definitions and grants name columns without asking for anybody: what is not understood there matters to nobody.
void OpenStatement::add_facts(const StatementFacts& facts, bool touches_data) {
  if (query_.empty()) {
    query_ = facts.text_template;
    query_truncated_ = facts.truncated;
  }
  searches_ = searches_ || facts.searches;
  incomplete_ = incomplete_ || (touches_data && facts.persons.incomplete);
  for (const TableName& table : facts.tables) add_table(mentioned_, table);
  for (const Person& person : facts.persons.persons) {
    std::string key = person.id;
    key += static_cast<char>('0' + static_cast<int>(person.type));
    if (seen_.insert(std::move(key)).second) persons_.push_back(person);
  }
}

void OpenStatement::add_audit(const AuditMessage& audit, const StatementFacts* facts, bool unknown_persons,
                              bool person_table) {
  ++lines_;
  raise(action_of(audit));
  if (!classes_.contains(audit.audit_class)) classes_.emplace(audit.audit_class);
  if (!commands_.contains(audit.command)) commands_.emplace(audit.command);
  if (!audit.object_name.empty()) {
    if (is_table(audit.object_type)) {
      add_table(objects_, parse_table_name(audit.object_name));
    } else if (others_.emplace(audit.object_name).second) {
      name_bytes_ += audit.object_name.size();
    }
  }
  if (audit.rows && counts_rows(audit)) records_ = std::max(records_.value_or(0), std::min(*audit.rows, kRecordsMax));
  const bool touches_data =
      audit.audit_class == "READ" || audit.audit_class == "WRITE" || audit.audit_class == "FUNCTION";
  if (facts != nullptr) add_facts(*facts, touches_data);
  names_person_table_ = names_person_table_ || (facts != nullptr && facts->names_person_table);
  const bool through_view = person_table && !names_person_table_;
  incomplete_ = incomplete_ || (touches_data && (unknown_persons || through_view));
}

void OpenStatement::set_denied(std::string_view sql_state) {
  lines_ = 1;
  outcome_ = Outcome::kDenied;
  sql_state_ = sql_state;
}

void OpenStatement::add_denied(const StatementFacts* facts, bool unknown_persons) {
  incomplete_ = incomplete_ || unknown_persons;
  if (facts == nullptr) return;
  raise(action_of(facts->verb));
  add_facts(*facts, facts->verb != Verb::kOther);
}

void OpenStatement::set_denied_login(std::string_view sql_state) {
  set_denied(sql_state);
  action_ = Action::kLogin;
}

std::string OpenStatement::id() const {
  std::string id = origin_.session_id;
  if (statement_id_) id += fmt::format("/{}", *statement_id_);
  id += fmt::format(":{}", first_line_);
  if (lines_ > 1) id += fmt::format("+{}", lines_);
  return id;
}

std::vector<std::string> OpenStatement::table_names() const {
  std::set<std::string> names;
  for (const TableName& table : objects_) names.insert(printable(display_name(table)));
  for (const TableName& table : mentioned_) {
    // A name that pgaudit resolved to its schema is not repeated without it.
    const bool known = std::any_of(objects_.begin(), objects_.end(),
                                   [&](const TableName& object) { return may_be_same(object, table); });
    if (!known) names.insert(printable(display_name(table)));
  }
  if (names.empty()) {
    for (const std::string& other : others_) names.insert(printable(other));
  }
  return {names.begin(), names.end()};
}

std::vector<Attribute> OpenStatement::attributes(EventBatch& memory, bool bsn_invalid, bool with_tables) const {
  std::vector<Attribute> attributes;
  const auto text = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) attributes.push_back({key, keep_json(memory, value)});
  };
  text("database", origin_.database);
  text("application_name", origin_.application_name);
  if (origin_.account != origin_.actor) text("account", origin_.account);
  text("class", join_words(classes_));
  text("command", join_words(commands_));
  text("sql_state", sql_state_);
  if (with_tables) {
    bool whole = true;
    text("tables", join(table_names(), kTablesAttributeBytesMax, whole));
  }
  if (query_truncated_) attributes.push_back({"query_truncated", "true"});
  if (incomplete_) attributes.push_back({"subjects_incomplete", "true"});
  if (bsn_invalid) attributes.push_back({"bsn_invalid", "true"});
  return attributes;
}

void OpenStatement::describe(AccessEvent& event, EventBatch& memory) const {
  event.source = memory.keep(origin_.source);
  event.time = origin_.time;
  event.actor.id = memory.keep(origin_.actor);
  event.actor.type = origin_.actor_type;
  const bool search = action_ == Action::kRead && searches_ && persons_.empty();
  event.action = search ? Action::kSearch : action_;
  event.outcome = outcome_;
  event.system = memory.keep(origin_.system);
  event.query = memory.keep(query_);
  event.records = records_;
  event.workplace.terminal = memory.keep(origin_.terminal);
  event.workplace.ip = memory.keep(origin_.ip);
}

void OpenStatement::emit(EventBatch& events) const {
  AccessEvent event;
  describe(event, events);
  bool whole = true;
  event.component = events.keep(join(table_names(), kTextBytesMax, whole));
  const std::string first_id = id();
  std::vector<Subject> subjects;
  size_t next = 0;
  for (size_t part = 1; part == 1 || next < persons_.size(); ++part) {
    subjects.clear();
    bool bsn_invalid = false;
    for (size_t bytes = 0; next < persons_.size() && subjects.size() < kSubjectsMax; ++next) {
      const Person& person = persons_[next];
      bytes += person.id.size();
      if (bytes > kSubjectBytesMax) break;
      subjects.push_back({person.type, events.keep(person.id), {}});
      bsn_invalid = bsn_invalid || person.bsn_invalid;
    }
    event.id = events.keep(part == 1 ? first_id : fmt::format("{}#{}", first_id, part));
    event.subjects = events.keep(std::span<const Subject>(subjects));
    const std::vector<Attribute> kept = attributes(events, bsn_invalid, !whole);
    event.attributes = events.keep(std::span<const Attribute>(kept));
    events.add(event);
  }
}

}  // namespace weerbaar::ingest::pgaudit
