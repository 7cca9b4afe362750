#include "sample/sample.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "domain/access_event_json.h"
#include "os/process.h"
#include "register/fact_file.h"
#include "server/commands.h"
#include "server/fact_import.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

constexpr const char* kTruthFile = "truth.jsonl";
constexpr const char* kLeaksFolder = "leaks";

Result<int64_t> day_of(const std::string& date) {
  const auto time = parse_time_or_date(date);
  if (!time) return fail_in("--from", time.error());
  if (time->nanos != 0 || time->micros % kMicrosPerDay != 0) {
    return fail(Code::kInvalid, "--from: this is a moment: give a date, such as 2026-01-05");
  }
  return time->micros / kMicrosPerDay;
}

// A new data directory, or one in which nothing happened yet.
Result<DataDirectory> open_empty(const SampleCommandOptions& options) {
  os::FileSystem& files = os::real_file_system();
  if (!files.exists(os::join(options.directory, kSettingsFile))) {
    InitOptions init;
    init.directory = options.directory;
    init.keys = options.keys;
    WEERBAAR_TRY(make_data_directory(init));
  }
  return DataDirectory::open(files, options.directory, options.keys);
}

// Fills a data directory with one sample.
class Filling {
 public:
  Filling(DataDirectory& data, const os::Lock& turn, trail::Trail& trail, facts::Register& facts, Console& console)
      : data_(data), turn_(turn), trail_(trail), facts_(facts), console_(console) {}

  // Writes every access to a new file too, as JSON Lines. kExists when it is there.
  Status write_events_to(const std::string& path) {
    if (data_.files().exists(path)) return fail(Code::kExists, fmt::format("--events-file: {} is there already", path));
    WEERBAAR_ASSIGN(events_file_, data_.files().open(path, os::Mode::kCreate));
    return {};
  }

  Status take_events(EventBatch& events) {
    if (events_file_ != nullptr) WEERBAAR_TRY(write_events(events));
    WEERBAAR_ASSIGN(const trail::Receipt receipt, trail_.append(events.events()));
    if (!receipt.refused.empty()) return std::unexpected(receipt.refused[0].error);
    events_ += receipt.accepted;
    console_.progress(fmt::format("{} accesses", grouped(events_)));
    return {};
  }

  Status take_facts(std::string_view table, std::string_view csv) {
    console_.progress(fmt::format("facts: {}", table));
    const std::string name = fmt::format("sample-{}-{}.csv", table, ++files_[std::string(table)]);
    WEERBAAR_ASSIGN(const auto delivery, facts::open_fact_file(*facts::find_table(table), csv));
    facts::Source source{name, to_hex(trail::sha256(as_bytes(csv))), os::user_name(), os::now()};
    source.origin = "csv";
    WEERBAAR_ASSIGN(const facts::ImportReport report,
                    import_facts(turn_, [this](const auto& work) { return work(trail_); }, facts_, *delivery,
                                 {std::move(source), std::string(table), ""}));
    if (report.refused == 0) return {};
    return fail(Code::kInvalid, fmt::format("{}, line {}: {}; report this as a fault of the program", name,
                                            report.refusals[0].place, report.refusals[0].why));
  }

  Status write_truth(const std::vector<sample::PlantedCase>& planted) {
    os::FileSystem& files = data_.files();
    WEERBAAR_TRY(files.make_directory(os::join(data_.path(), kLeaksFolder), true));
    std::string truth;
    uint64_t leaks = 0;
    for (const sample::PlantedCase& one : planted) {
      std::string leak_file;
      if (!one.leaked.empty()) {
        leak_file = fmt::format("{}/{}.txt", kLeaksFolder, ++leaks);
        const std::string list = fmt::format("{}\n", fmt::join(one.leaked, "\n"));
        WEERBAAR_TRY(os::write_file_atomically(files, os::join(data_.path(), leak_file), as_bytes(list)));
      }
      truth += sample::truth_line(one, leak_file) + "\n";
    }
    return os::write_file_atomically(files, os::join(data_.path(), kTruthFile), as_bytes(truth));
  }

  [[nodiscard]] uint64_t events() const { return events_; }

 private:
  Status write_events(const EventBatch& events) {
    lines_.clear();
    for (const AccessEvent& event : events.events()) {
      append_json(lines_, event);
      lines_ += '\n';
    }
    WEERBAAR_TRY(events_file_->write_at(events_file_bytes_, as_bytes(lines_)));
    events_file_bytes_ += lines_.size();
    return {};
  }

  DataDirectory& data_;
  const os::Lock& turn_;
  trail::Trail& trail_;
  facts::Register& facts_;
  Console& console_;
  uint64_t events_ = 0;
  std::map<std::string, int> files_;  // of each table so far
  std::unique_ptr<os::File> events_file_;
  uint64_t events_file_bytes_ = 0;
  std::string lines_;  // its memory serves again
};

void say(const SampleCommandOptions& options, const sample::SampleReport& report, Console& console) {
  if (console.json()) {
    const nlohmann::ordered_json json = {
        {"events", report.counts.events}, {"planted", report.planted.size()}, {"facts", report.facts}};
    console.result(json.dump());
    return;
  }
  console.result(fmt::format("Made a sample of {} and {} in {}: {}, {}.",
                             counted(options.employees, "employee", "employees"), counted(options.days, "day", "days"),
                             options.directory, counted(report.counts.events, "access", "accesses"),
                             counted(report.facts, "fact", "facts")));
  console.result(fmt::format("{} among them; {} says who, what and when. All of it is invented.",
                             counted(report.planted.size(), "case of misuse is", "cases of misuse are"),
                             os::join(options.directory, kTruthFile)));
}

}  // namespace

Result<int> run_sample(const SampleCommandOptions& options, Console& console) {
  sample::SampleOptions sample_options;
  sample_options.seed = options.seed;
  sample_options.employees = options.employees;
  sample_options.days = options.days;
  sample_options.events = options.events;
  WEERBAAR_ASSIGN(sample_options.first_day, day_of(options.from));
  WEERBAAR_TRY(sample::check_options(sample_options));
  WEERBAAR_ASSIGN(DataDirectory data, open_empty(options));
  sample::Sample sample(sample_options);
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> turn, data.lock_register());
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail_for_long());
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
  WEERBAAR_ASSIGN(const uint64_t imports, facts->imports());
  if (trail->size().value() != 0 || imports != 0) {
    return fail(Code::kExists, fmt::format("{} holds accesses or facts already, and a sample is nothing to mix with "
                                           "them: choose a new directory",
                                           options.directory));
  }
  Filling filling(data, *turn, *trail, *facts, console);
  if (!options.events_file.empty()) WEERBAAR_TRY(filling.write_events_to(options.events_file));
  WEERBAAR_ASSIGN(
      const sample::SampleReport report,
      sample.make([&](EventBatch& events) { return filling.take_events(events); },
                  [&](std::string_view table, std::string_view csv) { return filling.take_facts(table, csv); }));
  WEERBAAR_TRY(trail->finish_sealing());
  WEERBAAR_TRY(trail->sign());
  WEERBAAR_TRY(filling.write_truth(report.planted));
  say(options, report, console);
  return kExitYes;
}

}  // namespace weerbaar::server
