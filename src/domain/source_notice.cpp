#include "domain/source_notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace weerbaar {
namespace {

using Kind = SourceNotice::Kind;

constexpr std::string_view kSource = "watched_source";
constexpr std::string_view kWhat = "watched_what";
constexpr std::string_view kSince = "watched_since";
constexpr std::string_view kUntil = "watched_until";
constexpr std::string_view kCounter = "watched_counter";
constexpr std::string_view kRun = "watched_run";
constexpr std::string_view kNumbers = "watched_numbers";
constexpr std::array<std::string_view, 5> kWords = {"silent", "heard", "released", "missing", "came"};
constexpr std::string_view kBetween = ", ";

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

// The text of an attribute, without quotes; empty when it is not there. None of ours holds anything escaped.
std::string_view text_of(const AccessEvent& event, std::string_view key) {
  const auto found = std::ranges::find(event.attributes, key, &Attribute::key);
  if (found == event.attributes.end()) return {};
  const std::string_view json = found->value;
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

bool read_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_numbers(std::string_view text, NumberSet& numbers) {
  while (!text.empty()) {
    const std::string_view range = text.substr(0, text.find(kBetween));
    text.remove_prefix(std::min(text.size(), range.size() + kBetween.size()));
    const size_t dash = range.find('-');
    NumberRange read;
    if (!read_number(range.substr(0, dash), read.from)) return false;
    read.to = read.from;
    if (dash != std::string_view::npos && !read_number(range.substr(dash + 1), read.to)) return false;
    if (read.to < read.from) return false;
    numbers.add(read);
  }
  return !numbers.empty();
}

bool read_moment(std::string_view text, Time& moment) {
  const auto read = parse_time(text);
  if (read) moment = *read;
  return read.has_value();
}

}  // namespace

std::string_view to_string(SourceNotice::Kind kind) {
  return kWords[static_cast<size_t>(kind)];
}

std::string text_of(const NumberSet& numbers) {
  std::string text;
  for (const NumberRange& range : numbers.ranges()) {
    if (!text.empty()) text += kBetween;
    text += range.from == range.to ? std::to_string(range.from) : fmt::format("{}-{}", range.from, range.to);
  }
  return text;
}

NoticeAttributes attributes_of(const SourceNotice& notice) {
  NoticeAttributes attributes = {{kSource, quoted(notice.source)}, {kWhat, quoted(to_string(notice.kind))}};
  if (notice.is_of_records()) {
    attributes.emplace_back(kCounter, quoted(notice.counter));
    attributes.emplace_back(kRun, std::to_string(notice.run));
    attributes.emplace_back(kNumbers, quoted(text_of(notice.numbers)));
    return attributes;
  }
  attributes.emplace_back(kSince, quoted(format_time(notice.since)));
  if (notice.kind != Kind::kSilent) attributes.emplace_back(kUntil, quoted(format_time(notice.until)));
  return attributes;
}

std::optional<SourceNotice> source_notice_of(const AccessEvent& event) {
  SourceNotice notice;
  notice.source = text_of(event, kSource);
  const auto word = std::ranges::find(kWords, text_of(event, kWhat));
  if (notice.source.empty() || word == kWords.end()) return std::nullopt;
  notice.kind = static_cast<Kind>(word - kWords.begin());
  if (notice.is_of_records()) {
    notice.counter = text_of(event, kCounter);
    if (!read_number(text_of(event, kRun), notice.run)) return std::nullopt;
    if (!read_numbers(text_of(event, kNumbers), notice.numbers)) return std::nullopt;
    return notice;
  }
  if (!read_moment(text_of(event, kSince), notice.since)) return std::nullopt;
  if (notice.kind != Kind::kSilent && !read_moment(text_of(event, kUntil), notice.until)) return std::nullopt;
  return notice;
}

}  // namespace weerbaar
