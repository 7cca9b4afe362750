#include "peers/events.h"

#include <algorithm>
#include <random>
#include <utility>

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

namespace {

// How many looks at each person there are, by person.
std::vector<uint32_t> count_looks(std::span<const Look> looks) {
  std::vector<uint32_t> counts;
  for (const Look& look : looks) {
    if (look.person >= counts.size()) counts.resize(2 * size_t{look.person} + 1);
    ++counts[look.person];
  }
  return counts;
}

// Finds persons by how many looks at them there are.
class ByLooks {
 public:
  explicit ByLooks(std::span<const Look> looks) {
    const std::vector<uint32_t> counts = count_looks(looks);
    for (uint32_t person = 0; person < counts.size(); ++person) {
      if (counts[person] > 0) order_.emplace_back(counts[person], person);
    }
    std::ranges::sort(order_);
  }
  // One of those with so many, or the next with more, or the one with most.
  uint32_t person(uint32_t looks, std::mt19937_64& random) const {
    const auto begin = std::ranges::lower_bound(order_, std::pair(looks, 0U));
    const auto end = std::ranges::lower_bound(order_, std::pair(looks + 1, 0U));
    if (begin == order_.end()) return order_.back().second;
    const auto many = static_cast<uint64_t>(end - begin);
    return begin[static_cast<std::ptrdiff_t>(many == 0 ? 0 : random() % many)].second;
  }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> order_;  // looks and person
};

}  // namespace

Questions draw_questions(const Events& events, uint64_t first) {
  constexpr uint64_t kSeed = 99;
  std::mt19937_64 random(kSeed);
  const auto draw = [&] { return bsn_of(events.looks()[random() % events.count()].person); };
  const auto draw_distinct = [&](size_t count) {
    std::vector<std::string> persons;
    while (persons.size() < count) {
      std::string person = draw();
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
  while (questions.needles.size() < fewer(kNeedles)) questions.needles.push_back(draw());
  while (questions.leaks.size() < fewer(kLeaks)) questions.leaks.push_back(draw_distinct(kLeakPersons));
  questions.cold = draw_distinct(fewer(kColdNeedles));
  const std::vector<uint32_t> looks_among_first = count_looks(events.looks().first(first));
  const ByLooks by_looks(events.looks());
  while (questions.growth.size() < fewer(kGrowthNeedles)) {
    const uint32_t person = events.looks()[random() % first].person;
    questions.growth.push_back(bsn_of(person));
    questions.grown.push_back(bsn_of(by_looks.person(looks_among_first[person], random)));
  }
  return questions;
}

}  // namespace weerbaar::benchmarks
