#include "service/waiting_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "trail/format/sha256.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kName = "records.jsonl";
constexpr size_t kSumBytes = 8;
constexpr size_t kTraceDigits = 32;
constexpr std::string_view kSum = R"({"sum":")";
constexpr std::string_view kCame = R"(","came":")";
constexpr std::string_view kGone = R"(","gone":")";
constexpr std::string_view kSource = R"(","source":")";
constexpr std::string_view kRecord = R"(","record":)";

// Tells what is as it was written from what a crash left half, or a disk changed.
std::string sum_of(std::string_view rest) {
  const auto hash = trail::sha256(as_bytes(rest));
  return to_hex(std::span(hash).first<kSumBytes>());
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// Up to the next quotation mark, which stays.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find('"'));
  text.remove_prefix(word.size());
  return word;
}

bool is_source(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

}  // namespace

std::string with_sum(std::string_view rest) {
  return fmt::format("{}{}{}\n", kSum, sum_of(rest), rest);
}

std::string waiting_line(std::string_view source, Time came, std::string_view json) {
  return with_sum(fmt::format("{}{}{}{}{}{}}}", kCame, format_time(came), kSource, source, kRecord, json));
}

std::string gone_line(std::string_view source, std::string_view trace) {
  return with_sum(fmt::format("{}{}{}{}\"}}", kGone, trace, kSource, source));
}

Result<WaitingLine> parse_waiting_line(std::string_view line) {
  const auto wrong = [] {
    return fail(Code::kCorrupt, "a line of the waiting room is not as it was written: look at the disk");
  };
  WaitingLine parsed;
  std::string_view rest = line;
  if (!take(rest, kSum)) return wrong();
  const std::string_view sum = take_word(rest);
  if (sum != sum_of(rest)) return wrong();
  const bool is_record = rest.starts_with(kCame);
  if (!take(rest, is_record ? kCame : kGone)) return wrong();
  const std::string_view word = take_word(rest);
  if (!take(rest, kSource)) return wrong();
  parsed.source = take_word(rest);
  if (!is_source(parsed.source)) return wrong();
  if (!is_record) {
    parsed.trace = word;
    const bool is_trace = word.size() == kTraceDigits && word.find_first_not_of("0123456789abcdef") == word.npos;
    if (!is_trace || rest != "\"}") return wrong();
    return parsed;
  }
  const auto came = parse_time(word);
  if (!came || !take(rest, kRecord) || rest.size() < 2 || !rest.ends_with('}') || !is_utf8(rest)) return wrong();
  parsed.came = *came;
  parsed.json = rest.substr(0, rest.size() - 1);
  return parsed;
}

WaitingFile::WaitingFile(os::FileSystem& files, std::string folder)
    : files_(files),
      folder_(std::move(folder)),
      path_(os::join(folder_, kName)),
      must_be_replaced_(files.exists(path_)) {}

Status WaitingFile::read(const std::function<void(const WaitingLine&)>& use,
                         const std::function<void(std::string_view)>& unreadable) const {
  if (!files_.exists(path_)) return {};
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Mapping> mapped, files_.map(path_));
  std::string_view text = as_text(mapped->bytes());
  // Behind the last line end is what was being written when the process ended: nobody was told that it waits.
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (const auto parsed = parse_waiting_line(line)) {
      use(*parsed);
    } else {
      unreadable(line);
    }
  }
  return {};
}

std::shared_ptr<WaitingFile::Group> WaitingFile::add(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  next_->text += lines;
  return next_;
}

Status WaitingFile::wait(const std::shared_ptr<Group>& group) {
  std::unique_lock lock(mutex_);
  while (!group->outcome) {
    if (is_writing_) {
      changed_.wait(lock);
    } else {
      lead(lock);
    }
  }
  return *group->outcome;
}

// Writes for all that wait by now.
void WaitingFile::lead(std::unique_lock<std::mutex>& lock) {
  is_writing_ = true;
  const std::shared_ptr<Group> group = std::exchange(next_, std::make_shared<Group>());
  Status status = fail(Code::kStopped, "the waiting room could not be written anew: look at the disk");
  if (!must_be_replaced_) {
    lock.unlock();
    status = write(group->text);
    lock.lock();
  }
  is_writing_ = false;
  if (status) end_ += group->text.size();
  group->text.clear();
  group->outcome = std::move(status);
  changed_.notify_all();
}

Status WaitingFile::write(std::string_view text) {
  if (text.empty()) return {};
  const auto attempt = [&]() -> Status {
    if (file_ == nullptr) WEERBAAR_TRY(open());
    WEERBAAR_TRY(file_->write_at(end_, as_bytes(text)));
    return file_->sync();
  };
  Status status = attempt();
  // What was written may be there or not: the next one opens the file anew and begins where this one did.
  if (!status) file_.reset();
  return status;
}

Status WaitingFile::open() {
  WEERBAAR_TRY(files_.make_directory(folder_, true));
  auto opened = files_.open(path_, os::Mode::kCreate);
  if (!opened) return std::unexpected(std::move(opened.error()));
  WEERBAAR_TRY((*opened)->resize(end_));
  WEERBAAR_TRY(files_.sync_directory(folder_));
  file_ = std::move(*opened);
  return {};
}

std::function<Status()> WaitingFile::replace(std::string lines) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !is_writing_; });
  is_writing_ = true;
  // What these would have written is in `lines`, as far as it still waits.
  std::shared_ptr<Group> group = std::exchange(next_, std::make_shared<Group>());
  return [this, group = std::move(group), lines = std::move(lines)]() -> Status {
    Status status = files_.make_directory(folder_, true);
    if (status) status = os::write_file_atomically(files_, path_, as_bytes(lines));
    file_.reset();
    const std::lock_guard done(mutex_);
    is_writing_ = false;
    // Which of the two is there after a failure is not known.
    must_be_replaced_ = !status;
    if (status) end_ = lines.size();
    group->outcome = status;
    changed_.notify_all();
    return status;
  };
}

uint64_t WaitingFile::size() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

bool WaitingFile::must_be_replaced() const {
  const std::lock_guard lock(mutex_);
  return must_be_replaced_;
}

}  // namespace weerbaar::service
