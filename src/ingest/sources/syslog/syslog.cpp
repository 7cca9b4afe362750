#include "ingest/sources/syslog/syslog.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/sources/delimited/event_maker.h"
#include "ingest/sources/syslog/frame_splitter.h"
#include "ingest/sources/syslog/mapping.h"

namespace weerbaar::ingest {
namespace syslog {
namespace {

constexpr std::string_view kEndMarks("\r\n\0", 3);
constexpr int64_t kSecondsADay = 86'400;
// Behind the next year: enough for a 29th of February, which can lie eight years apart.
constexpr int64_t kYearsBack = 10;

// "Mmm dd hh:mm:ss" in the year, in seconds since 1970 of its clock; nothing for the 29th of February in most years.
Result<int64_t> local_seconds(std::string_view text, int64_t year) {
  static const delimited::TimeFormat kFormat = delimited::TimeFormat::create("%Y %b %d %H:%M:%S", std::nullopt).value();
  std::string with_year = fmt::format("{} {}", year, text);
  const size_t day = with_year.size() - text.size() + 4;
  if (with_year[day] == ' ') with_year[day] = '0';
  WEERBAAR_ASSIGN(const delimited::LocalTime local, kFormat.parse(with_year));
  return local.seconds;
}

enum class Verdict : uint8_t { kNoAccess, kUnknown, kAccess };

class SyslogSource final : public Source {
 public:
  SyslogSource(Mapping mapping, std::function<Time()> now)
      : mapping_(std::move(mapping)), now_(std::move(now)), maker_(mapping_.event) {}

  void feed(std::string_view bytes, Output& output) override {
    splitter_.feed(bytes);
    while (const auto frame = splitter_.next()) take(*frame, output);
  }

  void finish(Output& output) override {
    splitter_.finish();
    feed({}, output);
  }

 private:
  void take(const Frame& frame, Output& output) {
    if (frame.fault == FrameFault::kTooLong) {
      return output.refuse(
          frame.number,
          fmt::format("the message is longer than {} bytes: let the sender cut it, or send less in one", kLineBytesMax),
          frame.text);
    }
    if (frame.fault == FrameFault::kCutShort && (frame.counted || !mapping_.event.dialect.last_line_may_lack_its_end)) {
      return output.refuse(frame.number,
                           "the input ends within this message, which may lack its end: send the whole of it again",
                           frame.text);
    }
    const std::string_view text = frame.text.substr(0, frame.text.find_last_not_of(kEndMarks) + 1);
    if (text.empty()) return;
    ++output.records;
    const Result<bool> made = take_message(text, frame.number, output);
    if (!made) output.refuse(frame.number, made.error().text, frame.text);
    if (is_read_) take_number(output);
  }

  // Of a message without a time nobody could tell whether its sender began anew.
  void take_number(Output& output) {
    if (!mapping_.sequence || message_.time.empty() || message_.time_is_local) return;
    const auto time = parse_time(message_.time);
    if (!time || !content_.text(*mapping_.sequence, cell_)) return;
    Numbered numbered;
    numbered.time = *time;
    const char* const end = cell_.data() + cell_.size();
    if (const auto [to, error] = std::from_chars(cell_.data(), end, numbered.number);
        error != std::errc() || to != end) {
      return;
    }
    if (mapping_.counter) {
      if (!content_.text(*mapping_.counter, cell_)) return;
      numbered.counter = counter_of(cell_);
    }
    output.numbers.push_back(numbered);
  }

  // False when it tells of no access.
  Result<bool> take_message(std::string_view text, uint64_t number, Output& output) {
    is_read_ = false;
    WEERBAAR_TRY(parse_message(text, message_));
    const Status content = content_.read(message_, mapping_.wanted);
    is_read_ = true;
    WEERBAAR_ASSIGN(const Verdict verdict, judge(content.has_value()));
    if (verdict == Verdict::kNoAccess) return false;
    WEERBAAR_TRY(content);
    cells_.clear();
    for (size_t i = 0; i < mapping_.columns.size(); ++i) {
      const Column& column = mapping_.columns[i];
      const Status status = column.part == Part::kTime ? header_time(cell_) : content_.text(column, cell_);
      if (!status) {
        return fail(Code::kInvalid,
                    fmt::format("column \"{}\": {}", mapping_.event.columns[i].name, status.error().text));
      }
      cells_.push_back(output.events.keep(cell_));
    }
    WEERBAAR_ASSIGN(const AccessEvent event, maker_.make(text, cells_, output.events));
    output.accept(event, number, text);
    return true;
  }

  // Of content that is broken nothing is known, so that an access in it does not pass unseen.
  Result<Verdict> judge(bool content_is_whole) {
    if (mapping_.accesses.empty()) return Verdict::kAccess;
    Verdict verdict = Verdict::kNoAccess;
    for (const std::vector<Condition>& conditions : mapping_.accesses) {
      Verdict all = Verdict::kAccess;
      for (const Condition& condition : conditions) {
        WEERBAAR_ASSIGN(const Verdict one, judge(condition, content_is_whole));
        all = std::min(all, one);
      }
      verdict = std::max(verdict, all);
    }
    return verdict;
  }

  Result<Verdict> judge(const Condition& condition, bool content_is_whole) {
    const bool of_content = condition.column.part >= Part::kCefHeader;
    if (of_content && !content_is_whole) return Verdict::kUnknown;
    if (const Status status = content_.text(condition.column, cell_); !status) {
      return fail(Code::kInvalid,
                  fmt::format("a condition of [[access]] looks at a part of the message, and {}", status.error().text));
    }
    const bool holds = std::ranges::find(condition.texts, cell_) != condition.texts.end();
    return holds ? Verdict::kAccess : Verdict::kNoAccess;
  }

  // As the mapping of `time` in the header expects it.
  Status header_time(std::string& to) const {
    to.clear();
    if (message_.time.empty()) return {};
    Time time;
    if (message_.time_is_local) {
      WEERBAAR_ASSIGN(const int64_t seconds, local_time());
      time.micros = seconds * kMicrosPerSecond;
    } else {
      WEERBAAR_ASSIGN(time, parse_time(message_.time));
    }
    const int64_t seconds = floor_div(time.micros, kMicrosPerSecond);
    const int64_t days = floor_div(seconds, kSecondsADay);
    const Civil date = civil_from_days(days);
    const int64_t of_day = seconds - days * kSecondsADay;
    const int64_t nanos = (time.micros - seconds * kMicrosPerSecond) * 1'000 + time.nanos;
    to = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", date.year, date.month, date.day, of_day / 3'600,
                     of_day / 60 % 60, of_day % 60, nanos);
    return {};
  }

  // The moment of a time without year and zone, in seconds since 1970.
  [[nodiscard]] Result<int64_t> local_time() const {
    if (!mapping_.zone || (!mapping_.year && !mapping_.year_of_receipt)) {
      return fail(Code::kInvalid,
                  "the time has no year and no zone: add zone = \"Europe/Amsterdam\" and year = 2026 or "
                  "year = \"receipt\" to the mapping, or let the sender write as RFC 5424 says");
    }
    if (mapping_.year) return moment_in(*mapping_.year);
    // The last year that has this date and in which it does not lie ahead; clocks of senders may be a day off.
    const int64_t latest = floor_div(now_().micros, kMicrosPerSecond) + kSecondsADay;
    const int64_t next_year = civil_from_days(floor_div(latest, kSecondsADay)).year + 1;
    for (int64_t year = next_year; year > next_year - kYearsBack; --year) {
      const auto local = local_seconds(message_.time, year);
      if (local && *local - mapping_.zone->offset_at(*local) <= latest) return moment_in(year);
    }
    return fail(Code::kInvalid, "the time is in no calendar: correct the sender");
  }

  [[nodiscard]] Result<int64_t> moment_in(int64_t year) const {
    WEERBAAR_ASSIGN(const int64_t local, local_seconds(message_.time, year));
    const delimited::TimeZone::Moments moments = mapping_.zone->moments_of(local);
    if (moments.count == 0) return fail(Code::kInvalid, "the clock was put forward over this time in the zone");
    return moments.earlier;
  }

  const Mapping mapping_;
  const std::function<Time()> now_;
  delimited::EventMaker maker_;
  FrameSplitter splitter_;
  Message message_;
  Content content_;
  bool is_read_ = false;  // message_ and content_ are those of this frame
  std::string cell_;
  std::vector<std::string_view> cells_;
};

Time clock_of_system() {
  using std::chrono::duration_cast;
  return {duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count(), 0};
}

}  // namespace

Result<std::unique_ptr<Source>> create_with_clock(const SourceOptions& options, std::function<Time()> now) {
  WEERBAAR_ASSIGN(Mapping mapping, read_mapping(options, os::real_file_system()));
  return std::make_unique<SyslogSource>(std::move(mapping), std::move(now));
}

}  // namespace syslog

Result<std::unique_ptr<Source>> create_syslog(const SourceOptions& options) {
  return syslog::create_with_clock(options, syslog::clock_of_system);
}

}  // namespace weerbaar::ingest
