#include "service/source_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "service/waiting_file.h"

namespace weerbaar::service {
namespace {

using nlohmann::json;

constexpr std::string_view kFolder = "sources";
constexpr std::string_view kName = "state.jsonl";
constexpr std::string_view kSum = R"({"sum":")";
constexpr size_t kSumDigits = 16;
constexpr size_t kCounterDigits = 16;
// Lines of ten thousand sources with all that may be remembered of them.
constexpr uint64_t kFileBytesMax = uint64_t{1} << 32U;

std::unexpected<Error> wrong() {
  return fail(Code::kCorrupt, "a line of the state of the sources is not as it was written: look at the disk");
}

std::string list_of(const NumberSet& numbers) {
  std::string list;
  for (const NumberRange& range : numbers.ranges()) {
    list += fmt::format("{}[{},{}]", list.empty() ? "" : ",", range.from, range.to);
  }
  return "[" + list + "]";
}

// Members of one line, each of which must be there and be what it should.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  void read(const char* name, uint64_t& to) {
    if (const json* const value = find(name, &json::is_number_unsigned)) to = value->get<uint64_t>();
  }
  void read(const char* name, std::string& to) {
    if (const json* const value = find(name, &json::is_string)) to = value->get<std::string>();
  }
  void read(const char* name, Time& to) {
    std::string text;
    read(name, text);
    if (const auto time = parse_time(text)) {
      to = *time;
    } else {
      good_ = false;
    }
  }
  void read(const char* name, std::optional<Time>& to) {
    const auto found = object_.find(name);
    if (found != object_.end() && found->is_null()) return;
    read(name, to.emplace());
  }
  void read(const char* name, NumberSet& to) {
    const json* const list = find(name, &json::is_array);
    if (list == nullptr) return;
    for (const json& range : *list) {
      const bool is_range = range.is_array() && range.size() == 2 && range[0].is_number_unsigned() &&
                            range[1].is_number_unsigned() && range[0].get<uint64_t>() <= range[1].get<uint64_t>();
      if (is_range) to.add({range[0].get<uint64_t>(), range[1].get<uint64_t>()});
      good_ = good_ && is_range;
    }
  }
  [[nodiscard]] bool has(const char* name) const { return object_.contains(name); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  const json* find(const char* name, bool (json::*is_right)() const noexcept) {
    const auto found = object_.find(name);
    if (found != object_.end() && ((*found).*is_right)()) return &*found;
    good_ = false;
    return nullptr;
  }

  const json& object_;
  bool good_ = true;
};

bool is_source(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\'; });
}

Result<uint64_t> parse_counter(std::string_view digits) {
  uint64_t counter = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), counter, 16);
  if (digits.size() != kCounterDigits || error != std::errc() || end != digits.data() + digits.size()) return wrong();
  return counter;
}

}  // namespace

std::string counter_name(uint64_t counter) {
  return fmt::format("{:016x}", counter);
}

std::string source_line(std::string_view source, const SourceState& state) {
  const std::string since = state.silent_since ? "\"" + format_time(*state.silent_since) + "\"" : "null";
  return with_sum(fmt::format(R"(","source":"{}","heard":"{}","silent_since":{},"silences":{},"silent_seconds":{}}})",
                              source, format_time(state.heard), since, state.silences, state.silent_seconds));
}

std::string counter_line(std::string_view source, uint64_t counter, const RecordCounter::State& state) {
  return with_sum(
      fmt::format(R"(","source":"{}","counter":"{}","last":{},"began":"{}","latest":"{}","missing":{},"told":{},)"
                  R"("missing_before":{},"told_before":{},"forgotten":{},"restarts":{}}})",
                  source, counter_name(counter), state.last, format_time(state.began), format_time(state.latest),
                  list_of(state.run.missing), list_of(state.run.told), list_of(state.before.missing),
                  list_of(state.before.told), state.forgotten, state.restarts));
}

Status read_state_line(std::string_view line, SourceStates& to) {
  const size_t rest = kSum.size() + kSumDigits;
  if (line.size() < rest || with_sum(line.substr(rest)) != std::string(line) + "\n") return wrong();
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return wrong();
  Members members(object);
  std::string source;
  members.read("source", source);
  if (!is_source(source)) return wrong();
  if (!members.has("counter")) {
    SourceState state;
    members.read("heard", state.heard);
    members.read("silent_since", state.silent_since);
    members.read("silences", state.silences);
    members.read("silent_seconds", state.silent_seconds);
    if (!members.good()) return wrong();
    SourceState& known = to[source];
    state.counters = std::move(known.counters);
    known = std::move(state);
    return {};
  }
  std::string name;
  RecordCounter::State state;
  members.read("counter", name);
  members.read("last", state.last);
  members.read("began", state.began);
  members.read("latest", state.latest);
  members.read("missing", state.run.missing);
  members.read("told", state.run.told);
  members.read("missing_before", state.before.missing);
  members.read("told_before", state.before.told);
  members.read("forgotten", state.forgotten);
  members.read("restarts", state.restarts);
  WEERBAAR_ASSIGN(const uint64_t counter, parse_counter(name));
  if (!members.good()) return wrong();
  to[source].counters[counter] = std::move(state);
  return {};
}

std::string source_state_path(const std::string& directory) {
  return os::join(os::join(directory, kFolder), kName);
}

Result<ReadStates> read_source_states(os::FileSystem& files, const std::string& directory) {
  ReadStates read;
  const auto bytes = os::read_file(files, source_state_path(directory), kFileBytesMax);
  if (!bytes && bytes.error().code == Code::kNotFound) return read;
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view text = as_text(*bytes);
  // Behind the last line end is what was being written: the line above it says nearly the same.
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    if (!read_state_line(text.substr(0, end), read.sources)) ++read.unreadable;
    text.remove_prefix(end + 1);
  }
  return read;
}

}  // namespace weerbaar::service
