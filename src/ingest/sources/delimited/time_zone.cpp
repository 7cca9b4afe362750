#include "ingest/sources/delimited/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "ingest/sources/delimited/posix_rule.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo";
constexpr uint64_t kZoneFileBytesMax = 1 << 20;
constexpr size_t kHeaderBytes = 44;
constexpr int64_t kBeginning = std::numeric_limits<int64_t>::min();
// RFC 8536 section 3.2: more than -25 and less than 26 hours.
constexpr int32_t kOffsetMin = -25 * 3'600;
constexpr int32_t kOffsetMax = 26 * 3'600;
constexpr int64_t kYearMax = 9'999;
// Moments whose seconds added to any offset stay far from the ends of 64 bits.
constexpr int64_t kMomentMax = int64_t{1} << 60U;

// Keeps a mapping from reading any other file of the machine.
bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
           c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '/' && std::all_of(name.begin(), name.end(), allowed);
}

// "+01:00" in seconds.
std::optional<int32_t> fixed_offset(std::string_view name) {
  const auto digits = [&](size_t at) -> int32_t {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return is_digit(name[at]) && is_digit(name[at + 1]) ? (name[at] - '0') * 10 + name[at + 1] - '0' : 99;
  };
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  if (digits(1) > 23 || digits(4) > 59) return std::nullopt;
  const int32_t seconds = digits(1) * 3'600 + digits(4) * 60;
  return name[0] == '-' ? -seconds : seconds;
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("the zone file is damaged: {}: reinstall the package tzdata", what));
}

}  // namespace

// Reads the blocks of a TZif file.
class ZoneFileReader {
 public:
  explicit ZoneFileReader(ByteView rest) : rest_(rest) {}

  Result<TimeZone> read() {
    WEERBAAR_ASSIGN(Header header, read_header());
    size_t time_bytes = 4;
    if (header.version >= 2) {
      // The first block repeats, in 32 bits, what the second has in 64.
      WEERBAAR_TRY(take(header.body_bytes(4)));
      WEERBAAR_ASSIGN(header, read_header());
      time_bytes = 8;
    }
    WEERBAAR_ASSIGN(std::vector<TimeZone::Transition> transitions, read_body(header, time_bytes));
    if (time_bytes == 8) WEERBAAR_TRY(add_footer(transitions));
    return TimeZone(std::move(transitions));
  }

 private:
  struct Header {
    int version = 1;
    uint64_t is_ut = 0, is_standard = 0, leaps = 0, times = 0, types = 0, name_bytes = 0;

    [[nodiscard]] uint64_t body_bytes(uint64_t time_bytes) const {
      return times * time_bytes + times + types * 6 + name_bytes + leaps * (time_bytes + 4) + is_standard + is_ut;
    }
  };

  Result<ByteView> take(uint64_t bytes) {
    if (bytes > rest_.size()) return damaged("it is shorter than its header says");
    const ByteView taken = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return taken;
  }

  Result<Header> read_header() {
    WEERBAAR_ASSIGN(const ByteView bytes, take(kHeaderBytes));
    if (as_text(bytes.first(4)) != "TZif") return damaged("it does not start with TZif");
    Header header;
    if (bytes[4] != 0) header.version = bytes[4] - '0';
    if (header.version < 1) return damaged("its version is unknown");
    uint64_t* counts[] = {&header.is_ut, &header.is_standard, &header.leaps,
                          &header.times, &header.types,       &header.name_bytes};
    for (size_t i = 0; i < std::size(counts); ++i) *counts[i] = load_be<uint32_t>(bytes.data() + 20 + i * 4);
    return header;
  }

  Result<std::vector<TimeZone::Transition>> read_body(const Header& header, size_t time_bytes) {
    if (header.leaps != 0) return damaged("it counts leap seconds, which clocks of administrations do not");
    if (header.types == 0 || header.types > 256) return damaged("it has no local time types, or too many");
    WEERBAAR_ASSIGN(const ByteView body, take(header.body_bytes(time_bytes)));
    const uint8_t* times = body.data();
    const uint8_t* indices = times + header.times * time_bytes;
    const uint8_t* types = indices + header.times;
    const auto offset_of = [&](size_t type) { return static_cast<int32_t>(load_be<uint32_t>(types + type * 6)); };
    for (size_t type = 0; type < header.types; ++type) {
      if (offset_of(type) <= kOffsetMin || offset_of(type) >= kOffsetMax) return damaged("an offset is out of range");
    }
    std::vector<TimeZone::Transition> transitions = {{kBeginning, offset_of(0)}};
    for (size_t i = 0; i < header.times; ++i) {
      const uint8_t* from = times + i * time_bytes;
      const int64_t at = time_bytes == 8 ? static_cast<int64_t>(load_be<uint64_t>(from))
                                         : static_cast<int32_t>(load_be<uint32_t>(from));
      if (indices[i] >= header.types) return damaged("a transition names a type that is not there");
      if (at < -kMomentMax || at > kMomentMax || (i > 0 && at <= transitions.back().at)) {
        return damaged("its transitions do not ascend");
      }
      transitions.push_back({at, offset_of(indices[i])});
    }
    return transitions;
  }

  // Writes the yearly changes of the footer out, so that every moment is found in one way.
  Status add_footer(std::vector<TimeZone::Transition>& transitions) {
    const std::string_view text = as_text(rest_);
    const size_t end = text.find('\n', 1);
    if (!text.starts_with('\n') || end == std::string_view::npos) return damaged("its footer is missing");
    if (end == 1) return {};
    const auto rule = PosixRule::parse(text.substr(1, end - 1));
    if (!rule) return damaged("its footer is not a TZ rule");
    if (!rule->daylight) return {};
    const int64_t last = transitions.back().at;
    const int64_t first_year = std::clamp<int64_t>(
        civil_from_days(floor_div(std::max(last, kMicrosMin / kMicrosPerSecond), 86'400)).year - 1, 0, kYearMax);
    // The number of the change comes second: where daylight time of one year ends as that of the next begins, the later
    // change wins.
    std::vector<std::tuple<int64_t, size_t, int32_t>> changes;
    for (int64_t year = first_year; year <= kYearMax; ++year) {
      const auto& daylight = *rule->daylight;
      changes.emplace_back(daylight.start.in_year(year) - rule->standard_offset, changes.size(), daylight.offset);
      changes.emplace_back(daylight.end.in_year(year) - daylight.offset, changes.size(), rule->standard_offset);
    }
    std::sort(changes.begin(), changes.end());
    for (const auto& [at, number, offset] : changes) {
      if (at > last) transitions.push_back({at, offset});
    }
    return {};
  }

  ByteView rest_;
};

Result<TimeZone> TimeZone::open(os::FileSystem& files, std::string_view name) {
  if (name == "UTC") return TimeZone({{kBeginning, 0}});
  if (const auto offset = fixed_offset(name)) return TimeZone({{kBeginning, *offset}});
  const auto unknown = [&] {
    return fail(Code::kInvalid,
                fmt::format("zone \"{}\" is not known here: use UTC, an offset such as +01:00, or a name "
                            "such as Europe/Amsterdam with the package tzdata installed",
                            name));
  };
  if (!is_zone_name(name)) return unknown();
  const auto file = os::read_file(files, os::join(kZoneDirectory, name), kZoneFileBytesMax);
  if (!file) return unknown();
  return parse(*file);
}

Result<TimeZone> TimeZone::parse(ByteView file) {
  return ZoneFileReader(file).read();
}

// Index of the transition that holds at `utc`.
size_t TimeZone::transition_before(int64_t utc) const {
  const auto after = std::upper_bound(transitions_.begin() + 1, transitions_.end(), utc,
                                      [](int64_t moment, const Transition& t) { return moment < t.at; });
  return static_cast<size_t>(after - transitions_.begin()) - 1;
}

int32_t TimeZone::offset_at(int64_t utc) const {
  return transitions_[transition_before(utc)].offset;
}

TimeZone::Moments TimeZone::moments_of(int64_t local) const {
  Moments moments;
  // Every offset that could hold is in force within a day or so of the same number read as UTC.
  for (size_t i = transition_before(local - kOffsetMax); i < transitions_.size(); ++i) {
    if (i > 0 && transitions_[i].at > local - kOffsetMin) break;
    const int64_t moment = local - transitions_[i].offset;
    const bool begun = moment >= transitions_[i].at;
    const bool over = i + 1 < transitions_.size() && moment >= transitions_[i + 1].at;
    if (!begun || over) continue;
    if (moments.count++ == 0) moments.earlier = moment;
    moments.later = moment;
  }
  return moments;
}

}  // namespace weerbaar::ingest::delimited
