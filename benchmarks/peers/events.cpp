#include "peers/events.h"

#include <algorithm>

#include "domain/access_event_json.h"
#include "peers/store.h"

namespace weerbaar::benchmarks {
namespace {

// Writes behind each other what is given, in large pieces.
class Output {
 public:
  static Result<Output> create(const std::string& path) {
    WEERBAAR_ASSIGN(auto file, os::real_file_system().open(path, os::Mode::kCreate));
    return Output(std::move(file));
  }
  Status write(ByteView bytes) {
    WEERBAAR_TRY(file_->write_at(at_, bytes));
    at_ += bytes.size();
    return {};
  }
  [[nodiscard]] uint64_t at() const { return at_; }

 private:
  explicit Output(std::unique_ptr<os::File> file) : file_(std::move(file)) {}

  std::unique_ptr<os::File> file_;
  uint64_t at_ = 0;
};

}  // namespace

Result<Events> Events::make(const std::string& path, const WorkloadOptions& options) {
  static_assert(std::is_trivially_copyable_v<Look>);
  {
    WEERBAAR_ASSIGN(Output output, Output::create(path));
    Workload workload(options);
    std::vector<Look> looks;
    for (uint64_t done = 0; done < options.events; done += looks.size()) {
      looks.clear();
      while (looks.size() < kBatchEvents) {
        const auto look = workload.next();
        if (!look) break;
        looks.push_back(*look);
      }
      WEERBAAR_TRY(output.write({reinterpret_cast<const uint8_t*>(looks.data()), looks.size() * sizeof(Look)}));
    }
  }
  Events events;
  WEERBAAR_ASSIGN(events.mapping_, os::real_file_system().map(path));
  const ByteView bytes = events.mapping_->bytes();
  events.looks_ = {reinterpret_cast<const Look*>(bytes.data()), bytes.size() / sizeof(Look)};
  return events;
}

void Events::fill(uint64_t begin, uint64_t end, EventBatch& batch) const {
  batch.clear();
  for (const Look& look : looks_.subspan(begin, end - begin)) add_event(look, batch);
}

void Events::touch() const {
  uint64_t sum = 0;
  for (const Look& look : looks_) sum += look.number;
  volatile uint64_t kept = sum;
  static_cast<void>(kept);
}

Result<JsonLines> write_json(const Events& events, uint64_t count, const std::string& path) {
  WEERBAAR_ASSIGN(Output output, Output::create(path));
  JsonLines lines;
  lines.path = path;
  lines.events = count;
  lines.batches.push_back(0);
  EventBatch batch;
  std::string text;
  for (uint64_t begin = 0; begin < count; begin += kBatchEvents) {
    events.fill(begin, std::min(begin + kBatchEvents, count), batch);
    text.clear();
    for (const AccessEvent& event : batch.events()) {
      append_json(text, event);
      text += '\n';
    }
    WEERBAAR_TRY(output.write(as_bytes(text)));
    lines.batches.push_back(output.at());
  }
  return lines;
}

Questions draw_questions(const Events& events, uint64_t first) {
  constexpr uint64_t kSeed = 99;
  std::mt19937_64 random(kSeed);
  const auto draw = [&](uint64_t among) { return bsn_of(events.looks()[random() % among].person); };
  const auto draw_distinct = [&](size_t count) {
    std::vector<std::string> persons;
    while (persons.size() < count) {
      std::string person = draw(events.count());
      if (std::ranges::find(persons, person) == persons.end()) persons.push_back(std::move(person));
    }
    return persons;
  };
  const auto fewer = [&](size_t count) {
    constexpr size_t kFewest = 20;
    constexpr uint64_t kEventsForAll = 1'000'000;
    return std::min(count, std::max<size_t>(kFewest, count * events.count() / kEventsForAll));
  };
  Questions questions;
  while (questions.needles.size() < fewer(kNeedles)) questions.needles.push_back(draw(events.count()));
  while (questions.leaks.size() < fewer(kLeaks)) questions.leaks.push_back(draw_distinct(kLeakPersons));
  questions.cold = draw_distinct(fewer(kColdNeedles));
  while (questions.growth.size() < fewer(kGrowthNeedles)) questions.growth.push_back(draw(first));
  return questions;
}

}  // namespace weerbaar::benchmarks
