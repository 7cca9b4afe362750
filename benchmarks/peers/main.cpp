// Peers side by side: ./dev bench. Each store gets the same events and the same questions, one store after the other,
// each in a process of its own.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "peers/child.h"
#include "peers/events.h"
#include "peers/machine.h"
#include "peers/measure.h"
#include "peers/memory_limit.h"
#include "peers/options.h"
#include "peers/report.h"
#include "peers/stores.h"

namespace weerbaar::benchmarks {
namespace {

namespace fs = std::filesystem;

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr int kSkipped = 77;
// JSON Lines of more would fill disks.
constexpr uint64_t kJsonEventsMax = 10'000'000;
constexpr uint64_t kEventsForAnyMemory = 100'000;
// Own caches: so much of the memory, and at most that many bytes; what is left is the page cache's.
constexpr uint64_t kCacheShare = 8;
constexpr uint64_t kScarceCacheShare = 4;
constexpr uint64_t kCacheBytesMax = 2ULL << 30U;

void tell(const std::string& text) {
  fmt::print(stderr, "{}\n", text);
}

// A directory that is gone when this is.
class Place {
 public:
  static Result<Place> make(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    // A server that runs as another user must get through.
    if (error || chmod(path.c_str(), 0755) != 0) return fail(Code::kIo, "cannot make " + path);
    return Place(path);
  }
  Place(Place&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Place(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

uint64_t cache_bytes() {
  struct sysinfo memory{};
  const uint64_t bytes = sysinfo(&memory) == 0 ? memory.totalram * memory.mem_unit : 0;
  return std::min(bytes / kCacheShare, kCacheBytesMax);
}

// Those asked for that can comparison. Absent ones that were named are an error, that the test suite takes as a skip.
Result<std::vector<StoreKind>> choose(const Options& options, std::vector<std::string>& left_out) {
  std::vector<StoreKind> chosen;
  std::vector<std::string> unknown = options.only;
  for (StoreKind& kind : all_stores()) {
    std::erase(unknown, kind.name);
    const bool named = std::ranges::find(options.only, kind.name) != options.only.end();
    if (!options.only.empty() && !named) continue;
    if (kind.absent.empty()) {
      chosen.push_back(std::move(kind));
    } else {
      left_out.push_back(fmt::format("{}: {}", kind.name, kind.absent));
      if (named) return fail(Code::kNotFound, left_out.back());
    }
  }
  if (unknown.empty()) return chosen;
  std::string known;
  for (const StoreKind& kind : all_stores()) known += " " + kind.name;
  return fail(Code::kInvalid, fmt::format("there is no store {}; there are{}", unknown[0], known));
}

// One run of a fresh store in a child.
Result<Figures> measure(const StoreKind& kind, const std::string& directory, uint64_t cache, const MemoryLimit* limit,
                        const std::function<Result<Figures>(Store&, const std::string&)>& work) {
  WEERBAAR_ASSIGN(const Place place, Place::make(directory + "/" + kind.name));
  sync();  // so that nobody writes out what another left
  return in_child(limit, [&]() -> Result<Figures> {
    const std::unique_ptr<Store> store = kind.make({place.path(), cache});
    return work(*store, place.path());
  });
}

// With scarce memory a store may fail: that is a finding, unless there are so few events that any memory is enough.
bool measure_scarce_row(const StoreKind& kind, const std::string& directory, const Plan& plan, Comparison& comparison,
                        Figures& figures) {
  const auto limit = MemoryLimit::create(comparison.options.memory_bytes);
  comparison.memory_means =
      limit ? limit->means() + ", page cache included" : "the caches of the stores alone, since " + limit.error().text;
  plan.events->touch();
  auto scarce = measure(kind, directory, comparison.options.memory_bytes / kScarceCacheShare, limit ? &*limit : nullptr,
                        [&](Store& store, const std::string&) { return measure_scarce(store, plan); });
  const std::string row(to_string(Row::kScarce));
  if (!scarce) {
    tell(fmt::format("{}: {}", kind.name, scarce.error().text));
    figures.notes[row] = scarce.error().text;
    return plan.events->count() > kEventsForAnyMemory;
  }
  if (scarce->numbers.at("scarce events") * 1e6 < static_cast<double>(plan.events->count())) {
    figures.notes[row] = fmt::format("cut off after {} s", plan.patience.count());
  }
  figures.add(std::move(*scarce));
  return true;
}

// Adds what `work` measures, or why it failed: the other figures, and the other stores, are still worth having.
bool add(Column& column, const std::string& what, const std::function<Result<Figures>()>& work) {
  auto figures = work();
  if (figures) {
    column.figures.add(std::move(*figures));
    return true;
  }
  tell(fmt::format("{}: {}", column.name, figures.error().text));
  column.figures.notes[what] = "FAILED: " + figures.error().text;
  return false;
}

// Whether all went well.
bool measure_column(const StoreKind& kind, const std::string& directory, const Plan& plan, Comparison& comparison) {
  tell("-- " + kind.title);
  const uint64_t cache = cache_bytes();
  Column& column =
      comparison.columns.emplace_back(Column{kind.name, kind.title, kind.make({directory, cache})->describe(), {}});
  const bool only_others =
      std::ranges::all_of(plan.rows, [](Row row) { return row == Row::kIngestJson || row == Row::kScarce; });
  bool is_fine = true;
  if (!only_others) {
    is_fine &= add(column, "measuring", [&] {
      return measure(kind, directory, cache, nullptr,
                     [&](Store& store, const std::string& place) { return measure_store(store, plan, place); });
    });
  }
  if (plan.has(Row::kIngestJson)) {
    is_fine &= add(column, std::string(to_string(Row::kIngestJson)), [&] {
      return measure(kind, directory, cache, nullptr,
                     [&](Store& store, const std::string&) { return measure_json(store, plan); });
    });
  }
  if (plan.has(Row::kScarce)) {
    is_fine &= measure_scarce_row(kind, directory, plan, comparison, column.figures);
  }
  return is_fine;
}

// Whether all went well, until an interrupt.
Result<bool> measure_all(const std::vector<StoreKind>& kinds, const std::string& directory, Comparison& comparison) {
  WorkloadOptions workload;
  workload.events = comparison.options.events;
  tell(fmt::format("-- making {} events", workload.events));
  WEERBAAR_ASSIGN(const Events events, Events::make(directory + "/events", workload));
  JsonLines json;
  if (comparison.options.rows.contains(Row::kIngestJson)) {
    comparison.json_events = std::min(workload.events, kJsonEventsMax);
    WEERBAAR_ASSIGN(json, write_json(events, comparison.json_events, directory + "/events.jsonl"));
  }
  const Questions questions = draw_questions(events, tenth_of(workload.events));
  const Plan plan{&events,
                  &json,
                  &questions,
                  comparison.options.rows,
                  comparison.options.keep_page_cache,
                  comparison.options.patience};
  const OthersLoad others;
  bool is_fine = true;
  for (const StoreKind& kind : kinds) {
    if (!is_interrupted()) is_fine &= measure_column(kind, directory, plan, comparison);
  }
  comparison.others_share = others.share();
  return is_fine && !is_interrupted();
}

int report(const Comparison& comparison) {
  const std::vector<std::string> different = differences(comparison);
  for (const std::string& one : different) tell("the stores do not agree: " + one);
  if (!different.empty()) return kFailed;
  fmt::print("{}", table_of(comparison));
  if (comparison.options.json_file.empty()) return 0;
  std::ofstream file(comparison.options.json_file);
  file << json_of(comparison).dump(2) << '\n' << std::flush;
  if (file) return 0;
  tell("cannot write " + comparison.options.json_file);
  return kFailed;
}

// Before hours of work.
Status check_json_file(const std::string& path) {
  if (path.empty() || std::ofstream(path, std::ios::app)) return {};
  return fail(Code::kInvalid, "cannot write " + path);
}

// Absolute: servers want it so.
std::string directory_of(const Options& options) {
  const fs::path parent = options.directory.empty() ? "/var/tmp" : options.directory;
  return fs::absolute(parent / fmt::format("weerbaar-bench-{}", getpid())).string();
}

int run(int argc, const char* const* argv) {
  const ParsedOptions parsed = parse_options(argc, argv);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  Comparison comparison;
  comparison.options = parsed.options;
  const auto kinds = choose(comparison.options, comparison.left_out);
  if (!kinds) {
    tell(kinds.error().text);
    return kinds.error().code == Code::kNotFound ? kSkipped : kWrongUse;
  }
  for (const std::string& store : comparison.left_out) tell("-- left out: " + store);
  if (const Status writable = check_json_file(comparison.options.json_file); !writable) {
    tell(writable.error().text);
    return kWrongUse;
  }
  const auto place = Place::make(directory_of(comparison.options));
  if (!place) {
    tell(place.error().text);
    return kFailed;
  }
  take_interrupts();
  comparison.machine = this_machine(place->path());
  const auto measured = measure_all(*kinds, place->path(), comparison);
  if (!measured) {
    tell(measured.error().text);
    return kFailed;
  }
  const int reported = report(comparison);
  return *measured ? reported : kFailed;
}

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  return weerbaar::benchmarks::run(argc, argv);
}
