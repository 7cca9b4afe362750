// Weerbaar, as an organisation runs it: events are checked, made pseudonymous, kept once each, synced, sealed, signed.
// All that the benchmark knows of the trail is in this file.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <unordered_map>
#include <utility>

#include "ingest/intake.h"
#include "ingest/registry.h"
#include "peers/stores.h"
#include "server/append_queue.h"
#include "trail/package/package.h"
#include "trail/package/trail_indexes.h"
#include "trail/privacy/key_store.h"
#include "trail/store/count.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"
#include "trail/verify/verify.h"

namespace weerbaar::benchmarks {
namespace {

constexpr std::string_view kOrigin = "bench.example.org/trail";

class WeerbaarStore : public Store {
 public:
  explicit WeerbaarStore(StoreOptions options) : Store(std::move(options)) {}

  [[nodiscard]] std::string describe() const override {
    return "fdatasync of each batch before it counts; pseudonyms, each (source, id) taken once, hash tree, index by "
           "subject and by actor; sealed and signed within the clock; no cache of its own to set";
  }

  Status create() override {
    WEERBAAR_ASSIGN(keys_, trail::KeyStore::create(os::real_file_system(), keys_directory(), kOrigin));
    WEERBAAR_TRY(trail::Trail::create(trail_options()));
    WEERBAAR_ASSIGN(trail_, trail::Trail::open(trail_options(), trail::Access::kAppend));
    return {};
  }
  Status open() override {
    WEERBAAR_ASSIGN(keys_, trail::KeyStore::open(os::real_file_system(), keys_directory()));
    WEERBAAR_ASSIGN(trail_, trail::Trail::open(trail_options(), trail::Access::kRead));
    return {};
  }
  Status close() override {
    trail_.reset();
    keys_.reset();
    return {};
  }

  Status append(std::span<const AccessEvent> events) override {
    WEERBAAR_ASSIGN(const trail::Receipt receipt, trail_->append(events));
    if (receipt.accepted == events.size()) return {};
    return fail(Code::kInvalid, fmt::format("accepted {} of {} events", receipt.accepted, events.size()));
  }
  Status append_json(const JsonLines& lines) override;
  Status finish() override {
    WEERBAAR_TRY(trail_->finish_sealing());
    WEERBAAR_ASSIGN(const std::string note, trail_->sign());
    return note.empty() ? Status(fail(Code::kCorrupt, "an empty checkpoint")) : Status();
  }

  Status needle(std::string_view bsn, std::vector<Access>& accesses) override;
  Result<std::vector<Suspect>> leak(std::span<const std::string> bsns) override;
  Result<std::vector<DayCount>> by_day_and_system() override;

  [[nodiscard]] bool can_verify() const override { return true; }
  Result<uint64_t> verify() override;

  // As `weerbaar prove` does it: the index of what is not sealed is made, committed and signed within the clock.
  Result<std::optional<Completeness>> completeness(std::string_view bsn) override;

 private:
  [[nodiscard]] std::string trail_directory() const { return directory() + "/trail"; }
  [[nodiscard]] std::string keys_directory() const { return directory() + "/trail.keys"; }
  [[nodiscard]] trail::TrailOptions trail_options() {
    trail::TrailOptions options;
    options.files = &os::real_file_system();
    options.directory = trail_directory();
    options.keys = keys_.get();
    return options;
  }

  std::unique_ptr<trail::KeyStore> keys_;
  std::unique_ptr<trail::Trail> trail_;
};

trail::Whom whom_of(std::string_view bsn) {
  return trail::OfSubject{SubjectType::kBsn, std::string(bsn)};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// As `weerbaar ingest` does it.
Status WeerbaarStore::append_json(const JsonLines& lines) {
  WEERBAAR_ASSIGN(ingest::Quarantine quarantine,
                  ingest::Quarantine::create(os::real_file_system(), directory(), "refused"));
  WEERBAAR_ASSIGN(const auto source, ingest::make_source("jsonl", {}));
  server::AppendQueue queue(*trail_, [](const AccessEvent&, const Error& why) { return fail(why.code, why.text); });
  ingest::Intake intake("benchmark", *source, [&](EventBatch& events) { return queue.give(events); }, quarantine);
  WEERBAAR_TRY(read_batches(lines, [&](std::string_view text) { return intake.feed(text); }));
  WEERBAAR_TRY(intake.finish());
  WEERBAAR_ASSIGN(const auto totals, queue.finish());
  if (totals.accepted == lines.events) return {};
  return fail(Code::kInvalid, fmt::format("accepted {} of {} events", totals.accepted, lines.events));
}

Status WeerbaarStore::needle(std::string_view bsn, std::vector<Access>& accesses) {
  WEERBAAR_ASSIGN(const trail::ConsultationList found, trail::consultations_of(*trail_, whom_of(bsn), {}));
  std::vector<std::string> names;
  for (const trail::ActorPseudonym& actor : found.actors) {
    WEERBAAR_ASSIGN(const auto* key, keys_->period(actor.period));
    WEERBAAR_ASSIGN(std::string name, key->decrypt_identifier(trail::Domain::kActor, actor.id));
    names.push_back(std::move(name));
  }
  for (const trail::Consultation& one : found.consultations) {
    accesses.push_back({one.time.micros, names[one.actor]});
  }
  return {};
}

// Counts by pseudonym, and asks for each name once. An employee has another pseudonym in each period.
Result<std::vector<Suspect>> WeerbaarStore::leak(std::span<const std::string> bsns) {
  std::vector<trail::Whom> whom;
  whom.reserve(bsns.size());
  for (const std::string& bsn : bsns) whom.push_back(whom_of(bsn));
  WEERBAAR_ASSIGN(const trail::ConsultationLists found, trail::consultations_of(*trail_, whom, {}));
  std::vector<Suspect> suspects;
  std::unordered_map<std::string, uint32_t> by_name;
  std::vector<uint32_t> suspect_of;  // by actor
  for (const trail::ActorPseudonym& actor : found.actors) {
    WEERBAAR_ASSIGN(const auto* key, keys_->period(actor.period));
    WEERBAAR_ASSIGN(std::string name, key->decrypt_identifier(trail::Domain::kActor, actor.id));
    const auto [known, added] = by_name.try_emplace(name, static_cast<uint32_t>(suspects.size()));
    if (added) suspects.push_back({std::move(name), 0, 0, 0});
    suspect_of.push_back(known->second);
  }
  std::vector<size_t> last_person(suspects.size(), 0);  // its place in the list, from 1
  for (size_t person = 0; person < found.consultations.size(); ++person) {
    for (const trail::Consultation& one : found.consultations[person]) {
      const uint32_t number = suspect_of[one.actor];
      Suspect& suspect = suspects[number];
      ++suspect.accesses;
      suspect.last_micros = std::max(suspect.last_micros, one.time.micros);
      if (std::exchange(last_person[number], person + 1) != person + 1) ++suspect.persons;
    }
  }
  sort_suspects(suspects);
  return suspects;
}

Result<std::vector<DayCount>> WeerbaarStore::by_day_and_system() {
  trail::CountQuery query;
  query.group_by = {trail::CountField::kDay, trail::CountField::kSystem};
  WEERBAAR_ASSIGN(const std::vector<trail::CountGroup> groups, trail::count(*trail_, query));
  std::vector<DayCount> counts;
  counts.reserve(groups.size());
  std::string_view day;
  int64_t number = 0;
  for (const trail::CountGroup& group : groups) {
    if (group.values[0] != day) {
      day = group.values[0];
      WEERBAAR_ASSIGN(const Time time, parse_time_or_date(day));
      number = floor_div(time.micros, kMicrosPerDay);
    }
    counts.push_back({number, group.values[1], group.events});
  }
  return counts;
}

Result<std::optional<Completeness>> WeerbaarStore::completeness(std::string_view bsn) {
  trail_.reset();
  WEERBAAR_ASSIGN(trail_, trail::Trail::open(trail_options(), trail::Access::kAppend));
  trail::AnswerRequest request;
  request.disclosure = trail::Disclosure::kIdentities;
  request.question = "Who consulted the data of this person?";
  request.made_by = "benchmark";
  const auto making = std::chrono::steady_clock::now();
  WEERBAAR_ASSIGN(request.pseudonyms, trail::person_pseudonyms(*trail_, whom_of(bsn)));
  WEERBAAR_TRY(trail_->commit_tail_index());
  WEERBAAR_ASSIGN(const std::string note, trail_->sign());
  WEERBAAR_ASSIGN(trail::TrailIndexes indexes, trail::TrailIndexes::open(*trail_));
  WEERBAAR_ASSIGN(const trail::MadeAnswer made, trail::make_answer(*trail_, request, indexes));
  Completeness figures;
  figures.made_seconds = seconds_since(making);
  figures.bytes = made.package.size();
  const auto checking = std::chrono::steady_clock::now();
  WEERBAAR_ASSIGN(const trail::PackageReport report, trail::verify_package(made.package, {}));
  figures.checked_seconds = seconds_since(checking);
  if (!report.complete || note.empty()) return fail(Code::kCorrupt, "the package is not complete");
  WEERBAAR_TRY(close());
  WEERBAAR_TRY(open());
  return figures;
}

Result<uint64_t> WeerbaarStore::verify() {
  trail::VerifyOptions options;
  options.files = &os::real_file_system();
  options.directory = trail_directory();
  options.key = keys_->verifier_key();
  options.origin = std::string(kOrigin);
  WEERBAAR_ASSIGN(const trail::Report report, trail::verify(options));
  if (!report.ok)
    return fail(Code::kCorrupt,
                "the trail does not verify: " + report.problems.at(0).where + ": " + report.problems.at(0).what);
  return report.size.value();
}

}  // namespace

std::unique_ptr<Store> make_weerbaar(StoreOptions options) {
  return std::make_unique<WeerbaarStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks
