// Weerbaar, as an organisation runs it: events are checked, made pseudonymous, kept once each, synced, sealed, signed.
// All that the benchmark knows of the trail is in this file.
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "ingest/intake.h"
#include "ingest/registry.h"
#include "peers/stores.h"
#include "server/append_queue.h"
#include "trail/privacy/key_store.h"
#include "trail/store/count.h"
#include "trail/store/event_codec.h"
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
  Result<std::vector<DayCount>> by_day_and_system() override;

  [[nodiscard]] bool can_verify() const override { return true; }
  Result<uint64_t> verify() override;

  // COMPLETENESS: the peers have nothing like it, and the trail makes no such package yet. When it does, override
  // completeness() here: prove every access of the person and the absence of others, check it, and give its figures.

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
  // Used again by each question.
  Bytes bytes_;
  trail::Entry entry_;
  EventBatch shown_;
};

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
  const trail::Whom whom = trail::OfSubject{SubjectType::kBsn, std::string(bsn)};
  WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(*trail_, whom, {}));
  for (const trail::Hit& hit : found.hits) {
    bytes_.clear();
    WEERBAAR_TRY(trail_->entry(hit.index, bytes_));
    WEERBAAR_TRY(entry_.decode(bytes_));
    WEERBAAR_ASSIGN(const auto* key, keys_->period(trail::Period{entry_.event().period}));
    shown_.clear();
    WEERBAAR_TRY(decode(entry_.event(), trail::Disclosure::kIdentities, key, shown_));
    const AccessEvent& event = shown_.events()[0];
    accesses.push_back({event.time.micros, std::string(event.actor.id), std::string(event.system)});
  }
  return {};
}

Result<std::vector<DayCount>> WeerbaarStore::by_day_and_system() {
  trail::CountQuery query;
  query.group_by = {trail::CountField::kDay, trail::CountField::kSystem};
  WEERBAAR_ASSIGN(const std::vector<trail::CountGroup> groups, trail::count(*trail_, query));
  std::vector<DayCount> counts;
  counts.reserve(groups.size());
  for (const trail::CountGroup& group : groups) {
    WEERBAAR_ASSIGN(const Time time, parse_time_or_date(group.values[0]));
    counts.push_back({floor_div(time.micros, kMicrosPerDay), group.values[1], group.events});
  }
  return counts;
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
