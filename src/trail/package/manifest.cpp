#include "trail/package/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "domain/access_event_json.h"
#include "trail/format/tlog_text.h"
#include "trail/package/json_scalar.h"
#include "trail/package/package.h"

namespace weerbaar::trail {
namespace {

Status check_line(std::string_view what, std::string_view text, size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max) {
    return fail(Code::kInvalid, fmt::format("{} must have 1 to {} bytes", what, bytes_max));
  }
  const bool control = std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
  if (!is_utf8(text) || control) return fail(Code::kInvalid, fmt::format("{} must be one line of UTF-8", what));
  return {};
}

std::string_view word_of(Disclosure disclosure) {
  return disclosure == Disclosure::kIdentities ? "identities" : "pseudonyms";
}

std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string to_line(const ManifestFile& file) {
  return fmt::format("{{\"name\":{},\"bytes\":{},\"sha256\":\"{}\"}}", quoted(file.name), file.bytes,
                     to_hex(file.sha256));
}

// Takes the manifest apart line by line.
class ManifestReader {
 public:
  explicit ManifestReader(std::string_view json) : rest_(json) { next(); }

  [[nodiscard]] std::unexpected<Error> wrong() const {
    return fail(Code::kInvalid, fmt::format("line {} is not what a manifest has there", number_));
  }
  [[nodiscard]] bool is(std::string_view line) const { return line_ == line; }
  [[nodiscard]] bool at_end() const { return !line_ && rest_.empty(); }
  void next() {
    line_ = take_line(rest_);
    ++number_;
  }
  // The value in a line `"key":value,`, still as JSON.
  std::optional<std::string_view> value(std::string_view key) {
    const std::string opening = fmt::format("\"{}\":", key);
    if (!line_ || !line_->starts_with(opening) || !line_->ends_with(',')) return std::nullopt;
    const std::string_view json = line_->substr(opening.size(), line_->size() - opening.size() - 1);
    next();
    return json;
  }
  std::optional<std::string> text(std::string_view key) {
    const auto json = value(key);
    if (!json) return std::nullopt;
    auto parsed = parse_json_string(*json);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
  }
  std::optional<uint64_t> number(std::string_view key) {
    const auto json = value(key);
    const auto parsed = json ? parse_decimal(*json) : fail(Code::kInvalid, "");
    if (!parsed) return std::nullopt;
    return *parsed;
  }
  // A line of the list of files; the last one has no comma behind it.
  std::optional<ManifestFile> file(bool& is_last) {
    if (!line_) return std::nullopt;
    std::string_view line = *line_;
    is_last = !line.ends_with(',');
    if (!is_last) line.remove_suffix(1);
    constexpr std::string_view kName = "{\"name\":";
    constexpr std::string_view kBytes = ",\"bytes\":";
    constexpr std::string_view kHash = ",\"sha256\":\"";
    const size_t bytes = line.rfind(kBytes);
    const size_t hash = line.rfind(kHash);
    if (!line.starts_with(kName) || bytes == line.npos || hash == line.npos || hash < bytes) return std::nullopt;
    ManifestFile file;
    const auto name = parse_json_string(line.substr(kName.size(), bytes - kName.size()));
    const auto count = parse_decimal(line.substr(bytes + kBytes.size(), hash - bytes - kBytes.size()));
    const auto digest = from_hex(line.substr(hash + kHash.size()).substr(0, 2 * file.sha256.size()));
    if (!name || !count || !digest || digest->size() != file.sha256.size()) return std::nullopt;
    file.name = *name;
    file.bytes = *count;
    std::ranges::copy(*digest, file.sha256.begin());
    if (to_line(file) != line) return std::nullopt;
    next();
    return file;
  }

 private:
  std::string_view rest_;
  std::optional<std::string_view> line_;
  size_t number_ = 0;
};

Status read_files(ManifestReader& reader, std::vector<ManifestFile>& files) {
  if (!reader.is("\"files\":[")) return reader.wrong();
  reader.next();
  for (bool is_last = false; !is_last;) {
    auto file = reader.file(is_last);
    if (!file) return reader.wrong();
    files.push_back(std::move(*file));
  }
  for (const std::string_view end : {"]", "}"}) {
    if (!reader.is(end)) return reader.wrong();
    reader.next();
  }
  if (!reader.at_end()) return reader.wrong();
  return {};
}

}  // namespace

Status check_texts(std::string_view question, std::string_view made_by) {
  WEERBAAR_TRY(check_line("the question", question, kQuestionBytesMax));
  return check_line("the name of who made the package", made_by, kMadeByBytesMax);
}

std::string to_json(const Manifest& manifest) {
  std::string json = fmt::format(
      "{{\n\"format\":\"{}{}\",\n\"question\":{},\n\"made_by\":{},\n\"made_at\":\"{}\",\n\"disclosure\":\"{}\",\n"
      "\"entries\":{},\n\"events\":{},\n\"files\":[\n",
      kPackageFormat, manifest.version, quoted(manifest.question), quoted(manifest.made_by),
      format_time(manifest.made_at), word_of(manifest.disclosure), manifest.entries, manifest.events);
  for (const ManifestFile& file : manifest.files) {
    json += to_line(file);
    json += &file == &manifest.files.back() ? "\n" : ",\n";
  }
  return json + "]\n}\n";
}

Result<Manifest> parse_manifest(std::string_view json) {
  ManifestReader reader(json);
  if (!reader.is("{")) return reader.wrong();
  reader.next();
  Manifest manifest;
  const auto format = reader.text("format");
  if (format == fmt::format("{}2", kPackageFormat)) {
    manifest.version = 2;
  } else if (format != fmt::format("{}1", kPackageFormat)) {
    return fail(Code::kInvalid, fmt::format("it is not of the format {}1 or {}2: check it with a version that knows it",
                                            kPackageFormat, kPackageFormat));
  }
  const auto question = reader.text("question");
  const auto made_by = reader.text("made_by");
  const auto made_at = reader.text("made_at");
  const auto time = parse_time(made_at.value_or(""));
  const auto disclosure = reader.text("disclosure");
  const auto entries = reader.number("entries");
  const auto events = reader.number("events");
  const bool known = disclosure == "identities" || disclosure == "pseudonyms";
  if (!question || !made_by || !time || format_time(*time) != made_at || !known || !entries || !events) {
    return reader.wrong();
  }
  manifest.question = *question;
  manifest.made_by = *made_by;
  WEERBAAR_TRY(check_texts(manifest.question, manifest.made_by));
  manifest.made_at = *time;
  manifest.disclosure = disclosure == "identities" ? Disclosure::kIdentities : Disclosure::kPseudonyms;
  manifest.entries = *entries;
  manifest.events = *events;
  WEERBAAR_TRY(read_files(reader, manifest.files));
  return manifest;
}

}  // namespace weerbaar::trail
