#include "trail/package/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "trail/package/markdown.h"
#include "trail/package/words.h"

namespace weerbaar::trail {
namespace {

// Writes the sections of the statement in one language.
class StatementWriter {
 public:
  explicit StatementWriter(const Words& words) : words_(words) {}

  std::string write(const Statement& statement) {
    write_heading(statement);
    text_ += fmt::format("\n## {}\n", words_.entries);
    for (const ShownEntry& entry : statement.entries) {
      if (entry.event) {
        write_access(entry, statement.disclosure);
      } else if (statement.answer == nullptr) {
        write_record(entry);
      }
    }
    if (statement.answer != nullptr) write_records_used(statement);
    write_proven(statement);
    return std::move(text_);
  }

 private:
  template <class... Values>
  static std::string filled(std::string_view pattern, const Values&... values) {
    return fmt::format(fmt::runtime(pattern), values...);
  }
  void item(std::string_view line) { text_.append("- ").append(line).append("\n"); }
  // "label `one`; `two`", nothing without parts.
  void list(std::string_view label, const std::vector<std::string>& parts, std::string_view separator) {
    if (!parts.empty()) item(fmt::format("{}{}", label, fmt::join(parts, separator)));
  }
  static void add(std::vector<std::string>& parts, std::string_view label, std::string_view text) {
    if (!text.empty()) parts.push_back(std::string(label) + code_span(text));
  }

  void write_heading(const Statement& s) {
    const auto accesses = std::ranges::count_if(s.entries, [](const ShownEntry& e) { return e.event.has_value(); });
    text_ += fmt::format("# {}\n\n> {}\n\n", words_.title, escaped(s.question));
    item(filled(words_.made, escaped(s.made_by), format_time(s.made_at)));
    item(filled(words_.log, code_span(s.origin)));
    item(filled(words_.tree, s.size.value(), to_base64(s.root)));
    item(filled(words_.key, code_span(s.key)));
    item(filled(words_.count, s.entries.size(), accesses));
    item(s.disclosure == Disclosure::kIdentities ? words_.identities : words_.pseudonyms);
    if (s.answer != nullptr) write_asked(*s.answer);
    text_ += fmt::format("\n{}\n", words_.times);
  }

  void write_asked(const AnswerSummary& answer) {
    const auto [from, to] = answer.range;
    item(filled(words_.range, from ? format_time(*from) : std::string(words_.beginning),
                to ? format_time(*to) : std::string(words_.end)));
    for (const std::string& pseudonym : answer.pseudonyms) {
      item(fmt::format("{}{}", words_.pseudonym, code_span(pseudonym)));
    }
  }

  void write_access(const ShownEntry& entry, Disclosure asked) {
    const AccessEvent& event = *entry.event;
    text_ += fmt::format("\n### {}\n\n", filled(words_.access, entry.index.value()));
    std::string time = filled(words_.time, format_time(event.time), format_time(entry.received));
    for (const std::string& mark : entry.marks) {
      time += "; " + (mark == "future" ? std::string(words_.future) : filled(words_.other_mark, mark));
    }
    item(time);
    write_who_and_what(event);
    write_why_and_where(event);
    item(filled(words_.source, code_span(event.source), code_span(event.id)));
    std::vector<std::string> withheld;
    for (const std::string& name : entry.withheld) add(withheld, "", name);
    list(words_.withheld, withheld, ", ");
    if (entry.disclosure != asked) item(filled(words_.shown_as_pseudonyms, entry.period));
  }

  void write_who_and_what(const AccessEvent& event) {
    std::vector<std::string> who;
    add(who, std::string(words_.actor_types[static_cast<size_t>(event.actor.type)]) + " ", event.actor.id);
    add(who, words_.function, event.actor.function);
    add(who, words_.unit, event.actor.unit);
    add(who, words_.on_behalf_of, event.actor.on_behalf_of);
    list(words_.who, who, ", ");
    std::vector<std::string> what = {std::string(words_.actions[static_cast<size_t>(event.action)])};
    add(what, "", event.system);
    add(what, words_.component, event.component);
    list(words_.what, what, ", ");
    std::vector<std::string> whose;
    for (const Subject& subject : event.subjects) {
      const std::string_view type = words_.subject_types[static_cast<size_t>(subject.type)];
      whose.push_back(fmt::format("{} {}", type, code_span(subject.id)));
      if (!subject.role.empty()) whose.back() += fmt::format(" ({}{})", words_.role, code_span(subject.role));
    }
    if (whose.empty()) whose.emplace_back(words_.nobody);
    list(words_.whose, whose, "; ");
    std::vector<std::string> data;
    for (const std::string_view category : event.data) add(data, "", category);
    list(words_.data, data, ", ");
    if (event.records) item(fmt::format("{}{}", words_.records, *event.records));
  }

  void write_why_and_where(const AccessEvent& event) {
    std::vector<std::string> purpose;
    add(purpose, words_.case_id, event.purpose.case_id);
    add(purpose, words_.processing_activity, event.purpose.processing_activity);
    add(purpose, words_.legal_basis, event.purpose.legal_basis);
    add(purpose, words_.reason, event.purpose.reason);
    if (event.purpose.break_glass) purpose.emplace_back(words_.break_glass);
    if (purpose.empty()) purpose.emplace_back(words_.no_purpose);
    list(words_.purpose, purpose, ", ");
    std::vector<std::string> query;
    add(query, "", event.query);
    list(words_.query, query, "");
    item(fmt::format("{}{}", words_.outcome, words_.outcomes[static_cast<size_t>(event.outcome)]));
    std::vector<std::string> workplace;
    add(workplace, words_.terminal, event.workplace.terminal);
    add(workplace, words_.ip, event.workplace.ip);
    add(workplace, words_.location, event.workplace.location);
    list(words_.workplace, workplace, ", ");
  }

  void write_record(const ShownEntry& entry) {
    text_ += fmt::format("\n### {}\n\n", filled(words_.record, entry.index.value()));
    item(filled(words_.record_type, code_span(entry.record_type), format_time(entry.received)));
    item(fmt::format("{}{}", words_.record_body, code_span(entry.record_body)));
  }

  // Behind the accesses of an answer.
  void write_records_used(const Statement& s) {
    if (s.answer->accesses == 0) text_ += fmt::format("\n{}\n", words_.no_accesses);
    text_ += fmt::format("\n## {}\n\n", words_.records_used);
    for (const ShownEntry& entry : s.entries) {
      if (entry.event) continue;
      item(filled(words_.record_line, entry.index.value(), code_span(entry.record_type), format_time(entry.received),
                  code_span(entry.record_body)));
    }
  }

  void write_complete(const Statement& s) {
    item(filled(words_.proven_complete, s.answer->accesses, s.size.value(), s.answer->indexes, s.answer->indexed));
    std::vector<std::string> periods;
    periods.reserve(s.answer->not_covered.size());
    for (const Period period : s.answer->not_covered) periods.push_back(to_string(period));
    if (!periods.empty()) item(filled(words_.not_covered, fmt::format("{}", fmt::join(periods, ", "))));
  }

  void write_proven(const Statement& s) {
    text_ += fmt::format("\n## {}\n\n", words_.proven);
    item(filled(words_.proven_entries, code_span(s.origin), s.size.value()));
    item(words_.proven_signature);
    if (s.answer != nullptr) write_complete(s);
    text_ += fmt::format("\n## {}\n\n", words_.assumed);
    if (s.answer == nullptr) {
      item(words_.assumed_complete);
    } else {
      item(words_.assumed_indexes);
      item(words_.assumed_person);
    }
    item(words_.assumed_key);
    item(s.disclosure == Disclosure::kIdentities ? words_.assumed_identities : words_.assumed_pseudonyms);
    item(words_.assumed_source);
    item(words_.assumed_maker);
    if (s.answer != nullptr) item(words_.neighbours);
    text_ += fmt::format("\n{}\n", words_.check);
  }

  const Words& words_;
  std::string text_;
};

}  // namespace

std::string to_markdown(const Statement& statement, Language language) {
  return StatementWriter(words_of(language)).write(statement);
}

}  // namespace weerbaar::trail
