#include "ingest/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "domain/access_event_json.h"

namespace weerbaar::ingest {
namespace {

constexpr std::string_view kFolder = "quarantine";
constexpr size_t kUnwrittenBytesMax = 1 << 20;

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

// Names of files are bytes to the system; only UTF-8 can stand in JSON.
std::string printable(std::string_view name) {
  std::string text(name);
  if (!is_utf8(text)) std::replace_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }, '?');
  return text;
}

void append_record(std::string& to, const Refusal& refusal, std::string_view input) {
  to += fmt::format(R"({{"time":"{}","input":)", format_time(os::now()));
  append_json_string(to, printable(input));
  if (refusal.line != 0) to += fmt::format(R"(,"line":{})", refusal.line);
  to += R"(,"reason":)";
  append_json_string(to, refusal.reason);
  if (is_utf8(refusal.raw)) {
    to += R"(,"raw":)";
    append_json_string(to, refusal.raw);
  } else {
    to += fmt::format(R"(,"raw_base64":"{}")", to_base64(as_bytes(refusal.raw)));
  }
  to += "}\n";
}

std::string in_words(const Refusal& refusal, std::string_view input) {
  const std::string line = refusal.line == 0 ? "" : fmt::format(", line {}", refusal.line);
  return fmt::format("{}{}: {}", printable(input), line, refusal.reason);
}

}  // namespace

Quarantine::Quarantine(os::FileSystem& files, std::string directory, std::string path)
    : files_(&files), directory_(std::move(directory)), path_(std::move(path)) {}

Result<Quarantine> Quarantine::create(os::FileSystem& files, std::string_view directory, std::string_view name) {
  if (!is_name(name)) {
    return fail(Code::kInvalid, "the name of a quarantine file may hold letters, digits, '.', '_' and '-' only");
  }
  const std::string folder = os::join(directory, kFolder);
  return Quarantine(files, std::string(directory), os::join(folder, std::string(name) + ".jsonl"));
}

Status Quarantine::stop(Status status) {
  if (status) return status;
  stopped_ = true;
  return fail_in("quarantine " + path_, status.error());
}

Status Quarantine::open() {
  const std::string folder = os::join(directory_, kFolder);
  WEERBAAR_TRY(files_->make_directory(folder, true));
  WEERBAAR_ASSIGN(file_, files_->open(path_, os::Mode::kCreate));
  WEERBAAR_TRY(files_->sync_directory(folder));
  WEERBAAR_TRY(files_->sync_directory(directory_));
  WEERBAAR_ASSIGN(end_, file_->size());
  if (end_ == 0) return {};
  std::array<uint8_t, 1> last{};
  WEERBAAR_ASSIGN(const size_t read, file_->read_at(end_ - 1, last));
  // A line that a crash cut off stays, on a line of its own.
  if (read != 1 || last[0] != '\n') unwritten_ = "\n";
  return {};
}

Status Quarantine::write() {
  if (unwritten_.empty()) return {};
  WEERBAAR_TRY(file_->write_at(end_, as_bytes(unwritten_)));
  end_ += unwritten_.size();
  unwritten_.clear();
  return {};
}

Status Quarantine::add(const Refusal& refusal, std::string_view input) {
  if (stopped_) return fail(Code::kStopped, "quarantine " + path_ + " stopped after an earlier failure: start again");
  if (!file_) WEERBAAR_TRY(stop(open()));
  append_record(unwritten_, refusal, input);
  if (first_.size() < kFirstMax) first_.push_back(in_words(refusal, input));
  ++unsynced_;
  if (unsynced_ >= kRefusalsPerSync) return sync();
  if (unwritten_.size() >= kUnwrittenBytesMax) return stop(write());
  return {};
}

Status Quarantine::sync() {
  if (stopped_) return fail(Code::kStopped, "quarantine " + path_ + " stopped after an earlier failure: start again");
  if (unsynced_ == 0) return {};
  WEERBAAR_TRY(stop(write()));
  WEERBAAR_TRY(stop(file_->sync()));
  unsynced_ = 0;
  return {};
}

}  // namespace weerbaar::ingest
