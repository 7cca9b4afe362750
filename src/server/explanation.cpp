#include "server/explanation.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "examine/purpose/access_reader.h"
#include "server/judgement.h"

namespace weerbaar::server {
namespace {

using purpose::FactTable;
using purpose::Finding;
using purpose::Rule;
using purpose::Step;

// Judges accesses again by one policy, as facts were known after one import.
class Explainer {
 public:
  Explainer(const trail::Trail& trail, Judgement& judgement, facts::Register& facts)
      : trail_(trail),
        judgement_(judgement),
        register_(facts),
        identities_(judgement.facts, *trail.keys()),
        reader_(trail, judgement.facts, identities_, {}, {}) {}

  // Nothing when the key of its period is destroyed.
  Result<std::optional<purpose::Verdict>> judge(EntryIndex index) {
    Bytes bytes;
    WEERBAAR_TRY(trail_.entry(index, bytes));
    trail::Entry entry;
    WEERBAAR_TRY(entry.decode(bytes));
    WEERBAAR_TRY(reader_.read_event(entry.event(), batch_));
    if (batch_.accesses.empty()) return std::nullopt;
    purpose::Verdict verdict;
    judgement_.judge->judge(batch_.accesses[0], verdict);
    return verdict;
  }

  Result<ShownReason> reason_of(const Finding& finding) {
    const Rule& rule = judgement_.judge->rules()[finding.rule];
    ShownReason reason{
        rule.id, rule.conclusion == purpose::Conclusion::kFlagged, finding.is_on_behalf, finding.subject, {}};
    for (size_t i = 0; i < rule.steps.size(); ++i) {
      WEERBAAR_ASSIGN(ShownStep step, step_of(rule.steps[i], finding.rows[i]));
      reason.steps.push_back(std::move(step));
    }
    return reason;
  }

 private:
  // What else the fact says, the rule did not look at: it is not shown.
  Result<ShownStep> step_of(const Step& step, uint32_t row) {
    ShownStep shown{std::string(step.table->name), {}, std::nullopt};
    if (row == Finding::kNoRow) return shown;
    const FactTable& table = judgement_.facts.table(*step.table);
    std::vector<facts::KnownCell> known;
    for (size_t column = 0; column < step.table->columns.size(); ++column) {
      if (!table.keeps(column)) continue;
      const auto kind = step.table->columns[column].kind;
      known.push_back({column, judgement_.facts.text(kind, table.cell(row, table.place(column)))});
    }
    for (const purpose::Match& match : step.matches) {
      const auto cell = std::ranges::find(known, match.column, &facts::KnownCell::column);
      shown.columns.emplace_back(step.table->columns[match.column].name, cell->text);
    }
    WEERBAAR_ASSIGN(shown.fact, register_.find(*step.table, judgement_.known_at, known, table.valid_from(row),
                                               table.valid_to(row)));
    if (!shown.fact) {
      return fail(Code::kCorrupt, fmt::format("the register lost a fact of the table \"{}\" while it was read: try "
                                              "again",
                                              step.table->name));
    }
    return shown;
  }

  const trail::Trail& trail_;
  Judgement& judgement_;
  facts::Register& register_;
  purpose::PeriodIdentities identities_;
  purpose::AccessReader reader_;
  purpose::AccessBatch batch_;
};

std::string_view word_of(purpose::Outcome outcome) {
  constexpr std::string_view kOutcomes[] = {"explained", "flagged", "unexplained"};
  return kOutcomes[static_cast<size_t>(outcome)];
}

Status explain_event(Explainer& explainer, size_t place, ShownEvents& shown) {
  const ShownEvent& event = shown.events[place];
  WEERBAAR_ASSIGN(const auto verdict, explainer.judge(event.index));
  if (!verdict) {
    shown.problems.push_back(fmt::format(
        "entry {}: the key of its period is destroyed, so that it can be judged no more", event.index.value()));
    return {};
  }
  if (word_of(verdict->outcome) != event.verdict->outcome) {
    shown.problems.push_back(fmt::format(
        "entry {}: check {} found it {}, and by the same policy and import it is {} now: the register or the findings "
        "are not what they were",
        event.index.value(), event.verdict->check, event.verdict->outcome, word_of(verdict->outcome)));
  }
  for (const Finding& finding : verdict->findings) {
    WEERBAAR_ASSIGN(ShownReason reason, explainer.reason_of(finding));
    shown.reasons[place].push_back(std::move(reason));
  }
  return {};
}

// "1 January 1970 on" as moments; nothing where it always was so, or is until further notice.
std::optional<std::string> moment_of(int64_t micros) {
  if (micros == facts::kAlways || micros == facts::kUntilFurtherNotice) return std::nullopt;
  return format_time({micros, 0});
}

std::string validity_of(const facts::RecordedFact& fact) {
  const auto from = moment_of(fact.valid_from);
  const auto to = moment_of(fact.valid_to);
  return fmt::format("{}{}", from ? ", from " + *from : "", to ? ", to " + *to : "");
}

std::string text_of(const ShownStep& step) {
  std::string text = fmt::format("    {}", step.table);
  if (!step.fact) return text + ": there is no such fact";
  for (const auto& [name, value] : step.columns) text += fmt::format(" {}={}", name, printable(value));
  text += fmt::format("{}; import {} of {}", validity_of(*step.fact), step.fact->import,
                      format_time(step.fact->imported_at));
  if (step.fact->place == 0) return text + ", which ended it";
  return text + ", " + facts::name_place(step.fact->format, step.fact->place);
}

nlohmann::ordered_json json_of(const ShownStep& step) {
  nlohmann::ordered_json json = {{"table", step.table}};
  if (!step.fact) {
    json["absent"] = true;
    return json;
  }
  for (const auto& [name, value] : step.columns) json["columns"][name] = value;
  if (const auto from = moment_of(step.fact->valid_from)) json[facts::kValidFrom] = *from;
  if (const auto to = moment_of(step.fact->valid_to)) json[facts::kValidTo] = *to;
  json["import"] = step.fact->import;
  json["imported_at"] = format_time(step.fact->imported_at);
  if (step.fact->place != 0) json["place"] = facts::name_place(step.fact->format, step.fact->place);
  return json;
}

}  // namespace

Status explain(DataDirectory& data, const trail::Trail& trail, Console& console, ShownEvents& shown) {
  shown.reasons.resize(shown.events.size());
  std::map<std::pair<uint64_t, uint64_t>, std::vector<size_t>> judged_by;  // policy and import
  for (size_t i = 0; i < shown.events.size(); ++i) {
    const auto& verdict = shown.events[i].verdict;
    if (verdict) judged_by[{verdict->policy, verdict->known_at}].push_back(i);
  }
  for (const auto& [by, places] : judged_by) {
    WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                    load_judgement(data, trail, {by.first, by.second}, console, {}));
    WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
    Explainer explainer(trail, *judgement, *facts);
    for (const size_t place : places) WEERBAAR_TRY(explain_event(explainer, place, shown));
  }
  return {};
}

nlohmann::ordered_json json_of(std::span<const ShownReason> reasons) {
  auto all = nlohmann::ordered_json::array();
  for (const ShownReason& reason : reasons) {
    nlohmann::ordered_json json = {
        {"rule", reason.rule}, {"concludes", reason.flags ? "flagged" : "explained"}, {"subject", reason.subject}};
    if (reason.is_on_behalf) json["on_behalf_of"] = true;
    json["facts"] = nlohmann::ordered_json::array();
    for (const ShownStep& step : reason.steps) json["facts"].push_back(json_of(step));
    all.push_back(std::move(json));
  }
  return all;
}

std::vector<std::string> text_of(const ShownEvent& event, std::span<const ShownReason> reasons) {
  std::vector<std::string> lines = {
      fmt::format("Entry {}, {} in check {}:", event.index.value(), event.verdict->outcome, event.verdict->check)};
  if (reasons.empty()) lines.emplace_back("  no fact that was known leads from the employee to the person");
  const auto persons = event.event().subjects;
  for (const ShownReason& reason : reasons) {
    std::string line = fmt::format("  {} {}", reason.rule, reason.flags ? "flags" : "explains");
    if (reason.subject < persons.size()) {
      const Subject& person = persons[reason.subject];
      line += fmt::format(" {}:{}", to_string(person.type), printable(person.id));
    }
    if (reason.is_on_behalf) line += ", by the one on whose behalf it was done";
    lines.push_back(std::move(line));
    for (const ShownStep& step : reason.steps) lines.push_back(text_of(step));
  }
  return lines;
}

}  // namespace weerbaar::server
