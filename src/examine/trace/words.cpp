#include "examine/trace/words.h"

#include <fmt/format.h>

#include <cmath>

namespace weerbaar::trace {
namespace {

// Below it a first place is called rare by chance; from it on, one that says nothing.
constexpr double kRare = 0.01;
constexpr double kOften = 0.05;

std::string persons(size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "person" : "persons");
}

std::string changed_to(const Sensitivity::Change& change) {
  switch (change.assumption) {
    case Assumption::kElsewhere:
      return fmt::format("the chance that data came from elsewhere is {}", percent(change.variant.elsewhere));
    case Assumption::kExplainedWeight:
      return fmt::format("an explained consultation weighs {:g}", change.variant.explained_weight);
    case Assumption::kWindow:
      return "only consultations from " + format_time(change.variant.from) + " on count";
  }
  return {};
}

}  // namespace

std::string percent(double part) {
  return part < 0.095 ? fmt::format("{:.1f} %", part * 100) : fmt::format("{:.0f} %", part * 100);
}

std::string fit_in_words(double log_ratio) {
  constexpr double kMillion = 1e6;
  if (log_ratio > std::log(kMillion)) return "more than a million times as well";
  if (log_ratio < -std::log(kMillion)) return "less than a millionth as well";
  const std::string ratio = fmt::format("{:.2g}", std::exp(log_ratio));
  if (ratio == "1") return "about as well";
  if (log_ratio >= std::log(10)) return fmt::format("about {:.0f} times as well", std::exp(log_ratio));
  return fmt::format("about {} times as well", ratio);
}

std::string in_words(const Suspect& suspect, const Finding& finding) {
  std::string text =
      fmt::format("Saw {} of the {} leaked {}, where the work of who sees the same persons would give {}.",
                  suspect.leaked_seen, finding.leaked_total, finding.leaked_total == 1 ? "person" : "persons",
                  suspect.expected < 0.05 ? "hardly one" : fmt::format("{:.1f}", suspect.expected));
  text += fmt::format(" As the source of the list it fits {} as the median reader.", fit_in_words(suspect.log_ratio));
  if (suspect.score <= 0) {
    text += " That it has nothing to do with this one fits better still.";
  } else if (suspect.score <= std::log(static_cast<double>(finding.readers))) {
    // The expected number of those who fit as well by accident is at most readers / LR.
    text += fmt::format(" Among {} employees and accounts one may fit as well by accident.", finding.readers);
  }
  if (finding.judged == 0) return text;
  const size_t explained = suspect.leaked_seen - suspect.unexplained;
  text += explained == 0 ? " Nothing of it is explained by work."
                         : fmt::format(" The work explains {}{}.", persons(explained),
                                       suspect.rules.empty() ? std::string()
                                                             : fmt::format(" ({})", fmt::join(suspect.rules, ", ")));
  return text;
}

std::string chance_in_words(const Finding& finding) {
  if (finding.ranking.empty()) return "Nobody consulted any of these persons in this time, as far as the log knows.";
  if (finding.best.score <= 0) {
    return "Nobody explains the list better than chance: the first place points to nobody.";
  }
  const Chance& chance = finding.chance;
  std::string text = fmt::format(
      "Of lists of as many persons, consulted by as many employees, that have nothing to do with a leak, {} give a "
      "first "
      "place as strong as this one ({} lists drawn)",
      percent(chance.anywhere), chance.drawn);
  if (chance.one_work) {
    text += fmt::format("; of lists out of the work of one employee, which this list may be too, {}",
                        percent(*chance.one_work));
  }
  text += ". ";
  const double reported = chance.reported();
  if (reported >= kOften) return text + "So the first place points to nobody.";
  return text + (reported < kRare ? "So the first place is rarely an accident."
                                  : "So the first place may well be an accident.");
}

std::string group_in_words(const Finding& finding, const NameOf& name_of) {
  const std::vector<Reader>& readers = finding.best.readers;
  if (readers.size() < 2) return {};
  std::string names;
  for (size_t i = 0; i < readers.size(); ++i) {
    names += (i == 0 ? "" : i + 1 == readers.size() ? " and " : ", ") + name_of(readers[i]);
  }
  return fmt::format("The list is explained best by {} together, as if they split the work.", names);
}

std::string sensitivity_in_words(const Finding& finding, const NameOf& name_of) {
  if (finding.ranking.empty()) return {};
  const Sensitivity& sensitivity = finding.sensitivity;
  const size_t all = sensitivity.variants.size();
  if (sensitivity.is_stable()) {
    return fmt::format("The first place stays what it is under all {} combinations of assumptions that were tried.",
                       all);
  }
  std::string text = fmt::format("The first place stays what it is under {} of {} combinations of assumptions.",
                                 sensitivity.same_first, all);
  for (const Sensitivity::Change& change : sensitivity.changes) {
    text += change.variant.first
                ? fmt::format(" If {}, {} comes first.", changed_to(change), name_of(*change.variant.first))
                : fmt::format(" If {}, nobody is left.", changed_to(change));
  }
  if (sensitivity.changes.empty()) text += " No assumption alone changes it.";
  return text;
}

std::vector<std::string> assumptions_in_words(const Finding& finding) {
  const Assumptions& assumptions = finding.assumptions;
  std::vector<std::string> sentences = {
      fmt::format("The data of a leaked person came from elsewhere with a chance of {}, and else from one of those who "
                  "consulted the person in this time.",
                  percent(assumptions.elsewhere)),
      assumptions.leakers == 1 ? "One employee leaked."
                               : fmt::format("At most {} employees split the work, evenly.", assumptions.leakers),
      "The log holds every way in which somebody could see the data, and accounts are not shared.",
  };
  if (finding.judged == 0) {
    sentences.emplace_back("No check has judged these consultations, so that none counts as explained by work.");
    return sentences;
  }
  sentences.push_back(
      fmt::format("A consultation that the work explains, as {} of {} do by the last check, weighs {:g} "
                  "of another.",
                  finding.explained, finding.judged, assumptions.explained_weight));
  if (finding.judged < finding.reads) {
    sentences.push_back(fmt::format("No check has judged {} other consultations, which count as unexplained.",
                                    finding.reads - finding.judged));
  }
  return sentences;
}

}  // namespace weerbaar::trace
