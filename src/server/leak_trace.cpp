#include "server/leak_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "examine/trace/words.h"
#include "server/checks.h"
#include "server/console.h"
#include "trail/store/event_codec.h"

namespace weerbaar::server {
namespace {

constexpr int64_t kWindowDays = 365;
// A ratio beyond it is as good as any: JSON has no infinity.
constexpr double kRatioMax = 1e300;

nlohmann::ordered_json sensitivity_json(const LeakAnswer& answer) {
  auto variants = nlohmann::ordered_json::array();
  for (const trace::Variant& variant : answer.finding.sensitivity.variants) {
    nlohmann::ordered_json json = {{"elsewhere", variant.elsewhere},
                                   {"explained_weight", variant.explained_weight},
                                   {"from", format_time(variant.from)}};
    json["first"] = variant.first ? nlohmann::ordered_json(answer.name(*variant.first)) : nlohmann::ordered_json();
    variants.push_back(std::move(json));
  }
  return {{"same_first", answer.finding.sensitivity.same_first}, {"variants", std::move(variants)}};
}

nlohmann::ordered_json chance_json(const trace::Chance& chance) {
  nlohmann::ordered_json json = {{"lists", chance.drawn}, {"anywhere", chance.anywhere}};
  json["one_work"] = chance.one_work ? nlohmann::ordered_json(*chance.one_work) : nlohmann::ordered_json();
  json["reported"] = chance.reported();
  return json;
}

// A flagged access has something against it, so that it weighs in full even when a rule explains it too.
trace::Judgement judgement_of(const std::optional<ShownVerdict>& verdict) {
  if (!verdict) return {};
  if (verdict->outcome != "explained") return {trace::Verdict::kUnexplained, ""};
  return {trace::Verdict::kExplained, verdict->rules.empty() ? std::string() : verdict->rules[0]};
}

}  // namespace

trail::TimeRange leak_range(std::optional<Time> from, Time before) {
  const Time year_before{before.micros - kWindowDays * kMicrosPerDay, 0};
  return {from.value_or(std::max(year_before, Time{kMicrosMin, 0})), before};
}

Result<LeakTrace> trace_leak(const DataDirectory& data, const trail::Trail& trail, const LeakQuestion& question,
                             Console& console) {
  WEERBAAR_ASSIGN(Verdicts verdicts, Verdicts::open(data, trail));
  trace::GatherOptions gathering;
  gathering.judge = [&verdicts](EntryIndex index) { return judgement_of(verdicts.of(index)); };
  gathering.own_source = kOwnSource;
  gathering.progress = [&console](size_t done, size_t total) {
    console.progress(fmt::format("learning what is ordinary: {} of {} persons", grouped(done), grouped(total)));
  };
  WEERBAAR_ASSIGN(trace::Gathered gathered, trace::gather(trail, question.persons, question.range, gathering));
  trace::BaseRates rates(gathered.activity);
  WEERBAAR_ASSIGN(trace::Finding finding, trace::trace(gathered.leak, rates, question.assumptions));
  return LeakTrace{std::move(gathered), std::move(finding), verdicts.problems()};
}

Result<std::vector<trail::OfSubject>> named_persons(const trail::Trail& trail, std::span<const trail::Whom> persons) {
  std::vector<trail::OfSubject> named;
  std::set<std::pair<SubjectType, std::string>> seen;
  for (const trail::Whom& whom : persons) {
    WEERBAAR_ASSIGN(std::vector<trail::OfSubject> meant, trail::persons_behind(trail.keys(), whom));
    for (trail::OfSubject& one : meant) {
      if (seen.emplace(one.type, one.id).second) named.push_back(std::move(one));
    }
  }
  return named;
}

std::string LeakAnswer::name(trace::Reader reader) const {
  const trace::ReaderName& name = gathered.readers[reader];
  return shows_identities ? name.identity : trail::pseudonym_text(name.pseudonym.period, as_text(name.pseudonym.id));
}

nlohmann::ordered_json json_of(const LeakAnswer& answer, size_t place) {
  const trace::Suspect& suspect = answer.finding.ranking[place];
  const double ratio = std::min(kRatioMax, std::exp(std::min(suspect.log_ratio, std::log(kRatioMax))));
  return {{"rank", place + 1},
          {"actor", answer.name(suspect.reader)},
          {"leaked_seen", suspect.leaked_seen},
          {"leaked_total", answer.finding.leaked_total},
          {"guilt", suspect.guilt},
          {"ratio", ratio},
          {"first", format_time(suspect.first)},
          {"last", format_time(suspect.last)},
          {"unexplained", suspect.unexplained}};
}

nlohmann::ordered_json summary_json(const LeakAnswer& answer) {
  const trace::Finding& finding = answer.finding;
  const trace::Gathered& gathered = answer.gathered;
  auto together = nlohmann::ordered_json::array();
  for (const trace::Reader reader : finding.best.readers) together.push_back(answer.name(reader));
  auto destroyed = nlohmann::ordered_json::array();
  for (const trail::Period period : gathered.destroyed) destroyed.push_back(to_string(period));
  return {{"lead_nl", trace::kLeadInDutch},
          {"lead_en", trace::kLeadInEnglish},
          {"chance", chance_json(finding.chance)},
          {"best_explanation", std::move(together)},
          {"sensitivity", sensitivity_json(answer)},
          {"from", format_time(gathered.leak.from)},
          {"before", format_time(gathered.leak.before)},
          {"elsewhere", finding.assumptions.elsewhere},
          {"explained_weight", finding.assumptions.explained_weight},
          {"leakers", finding.assumptions.leakers},
          {"seed", finding.assumptions.seed},
          {"leaked_total", finding.leaked_total},
          {"leaked_consulted", finding.leaked_consulted},
          {"readers", finding.ranking.size()},
          {"consultations", finding.reads},
          {"judged", finding.judged},
          {"explained", finding.explained},
          {"not_counted", gathered.not_counted},
          {"sampled_persons", gathered.sampled},
          {"destroyed", std::move(destroyed)}};
}

std::string question_in_words(const LeakAnswer& answer) {
  return fmt::format("leak of {}, consulted from {} up to {}",
                     counted(answer.finding.leaked_total, "person", "persons"), format_time(answer.gathered.leak.from),
                     format_time(answer.gathered.leak.before));
}

}  // namespace weerbaar::server
