#include "service/source_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/bytes.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kOwnSource = "self";
constexpr std::string_view kOwnSystem = "weerbaar";
// Of numbers that are told in one event or line.
constexpr size_t kRangesTold = 50;

// The text of a scalar in JSON; of a string without its quotes.
std::string_view scalar(std::string_view json) {
  if (json.size() >= 2 && json.front() == '"') return json.substr(1, json.size() - 2);
  return json;
}

const Attribute* find(const AccessEvent& event, std::string_view key) {
  const auto found = std::ranges::find(event.attributes, key, &Attribute::key);
  return found == event.attributes.end() ? nullptr : &*found;
}

// In parts that fit into one event.
std::vector<NumberSet> parts_of(const NumberSet& numbers) {
  std::vector<NumberSet> parts;
  for (size_t i = 0; i < numbers.ranges().size(); ++i) {
    if (i % kRangesTold == 0) parts.emplace_back();
    parts.back().add(numbers.ranges()[i]);
  }
  return parts;
}

std::string told_numbers(const SourceNotice& notice, uint64_t restarts) {
  return (notice.run == restarts ? "" : "before the last restart of its count: ") + text_of(notice.numbers);
}

int64_t seconds_between(Time from, Time to) {
  return std::max<int64_t>((to.micros - from.micros) / kMicrosPerSecond, 0);
}

}  // namespace

uint64_t SourceReport::missing() const {
  uint64_t missing = 0;
  for (const auto& [counter, counted] : state.counters) missing = add_up(missing, RecordCounter(counted).missing());
  return missing;
}

SourceWatch::Record record_notices_in(EventWriter& writer) {
  return [&writer](const AccessEvent& event) -> Status {
    WEERBAAR_ASSIGN(const std::vector<trail::Refused> refused, writer.append({&event, 1}));
    if (!refused.empty()) return std::unexpected(refused[0].error);
    return {};
  };
}

SourceWatch::SourceWatch(os::FileSystem& files, const std::string& directory, Record record, JsonLog& log,
                         const WatchOptions& options)
    : files_(files),
      path_(source_state_path(directory)),
      record_(std::move(record)),
      log_(log),
      options_(options),
      began_(options.clock()) {}

Result<std::unique_ptr<SourceWatch>> SourceWatch::open(os::FileSystem& files, const std::string& directory,
                                                       const Senders& senders, Record record, JsonLog& log,
                                                       const WatchOptions& options) {
  WEERBAAR_ASSIGN(ReadStates before, read_source_states(files, directory));
  if (before.unreadable > 0) {
    log.warning("lines of the state of the sources could not be read: gaps may be told that are none",
                {{"lines", before.unreadable}});
  }
  std::unique_ptr<SourceWatch> watch(new SourceWatch(files, directory, std::move(record), log, options));
  for (auto& [name, state] : before.sources) {
    Source& source = watch->sources_[name];
    for (auto& [counter, counted] : state.counters) {
      source.counters.emplace(counter, RecordCounter(std::move(counted)));
      source.restarts_told += source.counters.at(counter).state().restarts;
    }
    state.counters.clear();
    source.state = std::move(state);
  }
  watch->use_senders(senders);
  WEERBAAR_TRY(watch->write_all());
  if (options.look_every.count() > 0) watch->thread_ = std::thread([&opened = *watch] { opened.run(); });
  return watch;
}

SourceWatch::~SourceWatch() {
  // Who cares for the outcome has asked for it before.
  [[maybe_unused]] const Status ignored = finish();
}

void SourceWatch::use_senders(const Senders& senders) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, source] : sources_) {
    source.heartbeat = std::chrono::milliseconds(0);
    source.sequence_attribute.clear();
  }
  for (const auto& sender : senders.all()) {
    Source& source = sources_[sender->source];
    source.heartbeat = sender->heartbeat;
    source.sequence_attribute = sender->sequence_attribute;
    source.counter_attribute = sender->counter_attribute;
  }
}

void SourceWatch::heard(const std::string& source) {
  const Time now = options_.clock();
  const std::lock_guard lock(mutex_);
  sources_[source].state.heard = now;
  has_changed_ = true;
}

void SourceWatch::take(const std::string& source, std::span<const AccessEvent> events) {
  std::vector<ingest::Numbered> numbers;
  {
    const std::lock_guard lock(mutex_);
    const Source& of = sources_[source];
    if (of.sequence_attribute.empty()) return;
    for (const AccessEvent& event : events) {
      const Attribute* const number = find(event, of.sequence_attribute);
      if (number == nullptr) continue;
      const std::string_view digits = scalar(number->value);
      ingest::Numbered numbered;
      numbered.time = event.time;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), numbered.number);
      if (error != std::errc() || end != digits.data() + digits.size()) continue;
      if (!of.counter_attribute.empty()) {
        const Attribute* const counter = find(event, of.counter_attribute);
        numbered.counter = ingest::counter_of(counter == nullptr ? "" : scalar(counter->value));
      }
      numbers.push_back(numbered);
    }
  }
  take(source, numbers);
}

void SourceWatch::take(const std::string& source, std::span<const ingest::Numbered> numbers) {
  if (numbers.empty()) return;
  const std::lock_guard lock(mutex_);
  Source& of = sources_[source];
  std::vector<uint64_t> counters;
  for (const ingest::Numbered& numbered : numbers) {
    add_number(of, numbered);
    if (counters.empty() || counters.back() != numbered.counter) counters.push_back(numbered.counter);
  }
  std::ranges::sort(counters);
  counters.erase(std::unique(counters.begin(), counters.end()), counters.end());
  write_down(source, of, counters);
}

void SourceWatch::add_number(Source& source, const ingest::Numbered& numbered) {
  const auto found = source.counters.find(numbered.counter);
  if (found != source.counters.end()) {
    found->second.add(numbered.number, numbered.time);
  } else if (source.counters.size() < kCountersMax) {
    source.counters.emplace(numbered.counter, RecordCounter(numbered.number, numbered.time));
  } else {
    source.has_too_many = true;
  }
}

// Errors are met again, and told, by the next look.
void SourceWatch::write_down(const std::string& name, const Source& source, std::span<const uint64_t> counters) {
  has_changed_ = true;
  if (file_ == nullptr) return;
  std::string text;
  for (const uint64_t counter : counters) {
    const auto found = source.counters.find(counter);
    if (found != source.counters.end()) text += counter_line(name, counter, found->second.state());
  }
  if (!file_->write_at(end_, as_bytes(text))) {
    file_.reset();
    return;
  }
  end_ += text.size();
}

int64_t SourceWatch::unheard_seconds(const Source& source, Time now) const {
  if (source.heartbeat.count() == 0) return 0;
  // While the server was away nobody could be heard.
  return seconds_between(std::max(source.state.heard, source.state.silent_since.value_or(began_)), now);
}

void SourceWatch::find_silence(const std::string& name, const Source& source, Time now, std::vector<News>& news) const {
  const bool promised = source.heartbeat.count() > 0;
  News one;
  one.notice.source = name;
  if (const auto since = source.state.silent_since) {
    const bool is_heard = source.state.heard > *since;
    if (promised && !is_heard) return;
    one.notice.kind = is_heard ? Kind::kHeard : Kind::kReleased;
    one.notice.since = *since;
    one.notice.until = is_heard ? source.state.heard : now;
    one.count = static_cast<uint64_t>(seconds_between(*since, one.notice.until));
  } else {
    one.notice.since = std::max(source.state.heard, began_);
    if (!promised || (now.micros - one.notice.since.micros) / 1'000 <= source.heartbeat.count()) return;
    one.notice.kind = Kind::kSilent;
    one.count = static_cast<uint64_t>(seconds_between(one.notice.since, now));
  }
  news.push_back(std::move(one));
}

void SourceWatch::find_gaps(const std::string& name, Source& source, std::vector<News>& news) {
  for (auto& [counter, counted] : source.counters) {
    const RecordCounter::Changes changes = counted.look();
    const uint64_t restarts = counted.state().restarts;
    const auto add = [&](Kind kind, uint64_t run, const NumberSet& numbers) {
      for (NumberSet& part : parts_of(numbers)) {
        News one;
        one.counter = counter;
        one.restarts = restarts;
        one.count = part.count();
        one.notice.kind = kind;
        one.notice.source = name;
        one.notice.counter = counter_name(counter);
        one.notice.run = run;
        one.notice.numbers = std::move(part);
        news.push_back(std::move(one));
      }
    };
    // Nothing is of the run before the first.
    add(Kind::kMissing, restarts - 1, changes.missing_before);
    add(Kind::kMissing, restarts, changes.missing);
    add(Kind::kCame, restarts - 1, changes.came_before);
    add(Kind::kCame, restarts, changes.came);
  }
}

std::vector<SourceWatch::News> SourceWatch::find_news() {
  const Time now = options_.clock();
  const std::lock_guard lock(mutex_);
  std::vector<News> news;
  for (auto& [name, source] : sources_) {
    find_silence(name, source, now, news);
    find_gaps(name, source, news);
  }
  return news;
}

Status SourceWatch::look() {
  const std::lock_guard looking(looking_);
  Status status;
  for (const News& news : find_news()) {
    const Status told = tell(news);
    if (!told && status) status = told;
  }
  tell_of_counters();
  const std::lock_guard lock(mutex_);
  const Status written = write_all();
  return status ? written : status;
}

Status SourceWatch::tell(const News& news) {
  WEERBAAR_TRY(record(news));
  log(news);
  const std::lock_guard lock(mutex_);
  has_changed_ = true;
  const SourceNotice& notice = news.notice;
  Source& source = sources_[notice.source];
  switch (notice.kind) {
    case Kind::kSilent:
      source.state.silent_since = notice.since;
      ++source.state.silences;
      break;
    case Kind::kHeard:
    case Kind::kReleased:
      source.state.silent_since.reset();
      source.state.silent_seconds = add_up(source.state.silent_seconds, news.count);
      break;
    case Kind::kMissing:
    case Kind::kCame: {
      const auto counter = source.counters.find(news.counter);
      // When it began anew meanwhile, it is told again with the run that it belongs to now.
      const bool is_same = counter != source.counters.end() && counter->second.state().restarts == news.restarts;
      if (!is_same) break;
      RecordCounter::Changes changes;
      const bool is_before = notice.run != news.restarts;
      if (notice.kind == Kind::kMissing) (is_before ? changes.missing_before : changes.missing) = notice.numbers;
      if (notice.kind == Kind::kCame) (is_before ? changes.came_before : changes.came) = notice.numbers;
      counter->second.told(changes);
      break;
    }
  }
  return {};
}

void SourceWatch::log(const News& news) {
  const std::string_view counter = news.notice.counter;
  const std::string_view source = news.notice.source;
  const std::string numbers = told_numbers(news.notice, news.restarts);
  switch (news.notice.kind) {
    case Kind::kSilent:
      return log_.warning("a source is silent for longer than it promised",
                          {{"source", source}, {"seconds", news.count}});
    case Kind::kHeard:
      return log_.info("a source that was silent is heard", {{"source", source}});
    case Kind::kReleased:
      return log_.warning("nobody waits any more for a source that is silent: its heartbeat is not in the settings now",
                          {{"source", source}, {"seconds", news.count}});
    case Kind::kMissing:
      return log_.warning(
          "records of a source are missing",
          {{"source", source}, {"counter", counter}, {"records", news.count}, {"numbers", std::string_view(numbers)}});
    case Kind::kCame:
      return log_.info(
          "records of a source that were missing came",
          {{"source", source}, {"counter", counter}, {"records", news.count}, {"numbers", std::string_view(numbers)}});
  }
}

// An access event of Weerbaar's own, about nobody.
Status SourceWatch::record(const News& news) {
  std::array<uint8_t, 8> random{};
  WEERBAAR_TRY(os::fill_random(random));
  const std::string id = to_hex(random);
  const SourceNotice& notice = news.notice;
  std::string query = fmt::format("{} {}", notice.source, to_string(notice.kind));
  if (notice.is_of_records()) query += fmt::format(" of {}: {}", notice.counter, told_numbers(notice, news.restarts));
  const NoticeAttributes texts = attributes_of(notice);
  std::vector<Attribute> attributes;
  for (const auto& [key, value] : texts) attributes.push_back({key, value});
  AccessEvent event;
  event.id = id;
  event.source = kOwnSource;
  event.time = options_.clock();
  event.time.nanos = 0;
  event.actor.id = kOwnSystem;
  event.actor.type = ActorType::kService;
  event.action = Action::kExecute;
  event.system = kOwnSystem;
  event.component = kNoticeComponent;
  event.query = query;
  if (notice.is_of_records()) event.records = std::min(news.count, kRecordsMax);
  event.attributes = attributes;
  WEERBAAR_TRY(validate(event));
  return record_(event);
}

void SourceWatch::tell_of_counters() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, source] : sources_) {
    uint64_t restarts = 0;
    for (const auto& [counter, counted] : source.counters) restarts += counted.state().restarts;
    if (restarts > std::exchange(source.restarts_told, restarts)) {
      log_.info("a source numbers its records anew", {{"source", std::string_view(name)}});
    }
    if (source.has_too_many && !std::exchange(source.too_many_told, true)) {
      log_.warning("a source has more counters than are watched",
                   {{"source", std::string_view(name)}, {"watched", uint64_t{kCountersMax}}});
    }
  }
}

std::string SourceWatch::lines() const {
  std::string text;
  for (const auto& [name, source] : sources_) {
    text += source_line(name, source.state);
    for (const auto& [counter, counted] : source.counters) text += counter_line(name, counter, counted.state());
  }
  return text;
}

// Under the mutex.
Status SourceWatch::write_all() {
  if (!has_changed_ && file_ != nullptr) return {};
  const std::string text = lines();
  file_.reset();
  WEERBAAR_TRY(files_.make_directory(os::parent(path_), true));
  WEERBAAR_TRY(os::write_file_atomically(files_, path_, as_bytes(text)));
  has_changed_ = false;
  end_ = text.size();
  WEERBAAR_ASSIGN(file_, files_.open(path_, os::Mode::kReadWrite));
  return {};
}

void SourceWatch::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, options_.look_every, [this] { return finished_; })) return;
    }
    if (const Status status = look(); !status) {
      log_.often("the state of the sources could not be kept", {{"why", std::string_view(status.error().text)}});
    }
  }
}

Status SourceWatch::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return {};
    finished_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  return write_all();
}

std::vector<SourceReport> SourceWatch::report() const {
  const Time now = options_.clock();
  const std::lock_guard lock(mutex_);
  std::vector<SourceReport> reports;
  for (const auto& [name, source] : sources_) {
    SourceReport report;
    report.source = name;
    report.heartbeat = source.heartbeat;
    report.unheard_seconds = unheard_seconds(source, now);
    report.state = source.state;
    for (const auto& [counter, counted] : source.counters) report.state.counters.emplace(counter, counted.state());
    reports.push_back(std::move(report));
  }
  return reports;
}

std::string SourceWatch::metrics() const {
  struct Line {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    bool of_promise;
    std::function<uint64_t(const SourceReport&)> value;
  };
  static const std::array<Line, 5> kLines = {{
      {"source_silent_seconds", "gauge", "Since a source that promised a heartbeat was heard.", true,
       [](const SourceReport& of) { return static_cast<uint64_t>(of.unheard_seconds); }},
      {"source_heartbeat_seconds", "gauge", "How often it promised to be heard.", true,
       [](const SourceReport& of) { return static_cast<uint64_t>(of.heartbeat.count() / 1'000); }},
      {"source_silences_total", "counter", "Times that it was silent for longer.", true,
       [](const SourceReport& of) { return of.state.silences; }},
      {"source_missing_records", "gauge", "Records of a source whose numbers did not come.", false,
       [](const SourceReport& of) { return of.missing(); }},
      {"source_restarts_total", "counter", "Times that a source began to number its records anew.", false,
       [](const SourceReport& of) {
         uint64_t restarts = 0;
         for (const auto& [counter, counted] : of.state.counters) restarts += counted.restarts;
         return restarts;
       }},
  }};
  const std::vector<SourceReport> reports = report();
  std::string text;
  for (const Line& line : kLines) {
    text += fmt::format("# HELP weerbaar_{} {}\n# TYPE weerbaar_{} {}\n", line.name, line.help, line.name, line.type);
    for (const SourceReport& of : reports) {
      if (line.of_promise ? of.heartbeat.count() == 0 : of.state.counters.empty()) continue;
      text += fmt::format("weerbaar_{}{{source=\"{}\"}} {}\n", line.name, of.source, line.value(of));
    }
  }
  return text;
}

}  // namespace weerbaar::service
