#include "witness/witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "trail/format/cosignature.h"
#include "trail/format/merkle.h"
#include "trail/format/note.h"

namespace weerbaar::witness {
namespace {

constexpr std::string_view kLogsDirectory = "logs";
constexpr std::string_view kSuffix = ".checkpoint";
constexpr size_t kHashDigits = 64;

Answer refused(Outcome outcome, std::string why) {
  Answer answer{};
  answer.outcome = outcome;
  answer.why = std::move(why);
  return answer;
}

Answer unavailable(const Error& error) {
  Answer answer = refused(Outcome::kUnavailable, "the witness cannot sign now: ask again later");
  answer.problem = error.text;
  return answer;
}

bool is_origin_hash(std::string_view text) {
  return text.size() == kHashDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What is wrong with a checkpoint that shall follow `last`; nothing when it does. The order is that of the standard.
std::string fault_of(const trail::AddCheckpoint& request, const trail::Checkpoint& next, const trail::Hash& last_root) {
  if (next.size.value() == 0 && next.root != trail::tree_root({})) {
    return "a checkpoint of no entries does not have the root of the empty tree";
  }
  if (request.old_size.value() == 0) {
    return request.proof.empty() ? "" : "there is no proof of consistency from an empty tree";
  }
  const Status status = trail::verify_consistency(request.old_size, next.size, last_root, next.root, request.proof);
  return status ? "" : status.error().text;
}

}  // namespace

std::string origin_hash(std::string_view origin) {
  return to_hex(trail::sha256(as_bytes(origin)));
}

Result<std::unique_ptr<Witness>> Witness::open(os::FileSystem& files, std::string directory, trail::SigningKey key,
                                               std::function<Time()> clock) {
  if (key.verifier().type != trail::SignatureType::kCosignature) {
    return fail(Code::kInvalid, "the key is not that of a witness: a log and a witness never share one");
  }
  WEERBAAR_TRY(files.make_directory(os::join(directory, kLogsDirectory)));
  std::unique_ptr<Witness> witness(new Witness(files, std::move(directory), std::move(key), std::move(clock)));
  WEERBAAR_ASSIGN(witness->lock_, files.lock(os::join(witness->directory_, "lock")));
  return witness;
}

void Witness::use_logs(std::vector<KnownLog> logs) {
  auto fresh = std::make_shared<const Logs>(std::move(logs));
  const std::lock_guard lock(logs_mutex_);
  logs_ = std::move(fresh);
}

std::shared_ptr<const Witness::Logs> Witness::logs() const {
  const std::lock_guard lock(logs_mutex_);
  return logs_;
}

std::string Witness::path(std::string_view origin_hash) const {
  return os::join(os::join(directory_, kLogsDirectory), std::string(origin_hash).append(kSuffix));
}

// From the disk each time: after a failed write nobody knows better what is there.
Result<std::optional<Witness::Stored>> Witness::read(std::string_view hash) const {
  const std::string file = path(hash);
  const auto bytes = os::read_file(files_, file, trail::kNoteBytesMax);
  if (!bytes && bytes.error().code == Code::kNotFound) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  Stored stored;
  stored.note = as_text(*bytes);
  const auto corrupt = [&](const Error& error) {
    return fail(Code::kCorrupt, fmt::format("{}: {}: it is not what this witness cosigned, and nothing of that log is "
                                            "cosigned until it is",
                                            file, error.text));
  };
  const auto cosignature = trail::find_cosignature(stored.note, key_.verifier());
  if (!cosignature) return corrupt(cosignature.error());
  stored.unix_seconds = cosignature->unix_seconds;
  WEERBAAR_ASSIGN(const std::string_view text, trail::note_text(stored.note));
  auto checkpoint = trail::parse_checkpoint(text);
  if (!checkpoint) return corrupt(checkpoint.error());
  if (origin_hash(checkpoint->origin) != hash) return corrupt({Code::kCorrupt, "it is of another log"});
  stored.checkpoint = std::move(*checkpoint);
  return stored;
}

Result<std::optional<Witness::Stored>> Witness::stored(std::string_view origin) const {
  return read(origin_hash(origin));
}

Result<std::string> Witness::checkpoint(std::string_view origin_hash) const {
  if (!is_origin_hash(origin_hash)) return fail(Code::kNotFound, "not the SHA-256 of an origin");
  WEERBAAR_ASSIGN(auto found, read(origin_hash));
  if (!found) return fail(Code::kNotFound, "this witness cosigned no checkpoint of that log");
  return std::move(found->note);
}

// Signed first and stored then: the cosignature is part of what is stored, and leaves only after that.
Result<std::string> Witness::cosign_and_store(const trail::OpenedNote& opened, uint64_t not_before,
                                              const std::string& hash) {
  const Time now = clock_();
  if (now.micros < 0) return fail(Code::kIo, "the clock of this machine stands before 1970: set it");
  const auto seconds = static_cast<uint64_t>(now.micros / kMicrosPerSecond);
  if (seconds < not_before) {
    return fail(Code::kIo, fmt::format("the clock of this machine stands {} s before the last cosignature: set it",
                                       not_before - seconds));
  }
  WEERBAAR_ASSIGN(std::string line, trail::cosign(opened.text, seconds, key_));
  std::string note = opened.text + "\n";
  for (const std::string& of_log : opened.verified_lines) note.append(of_log).append("\n");
  note += line;
  WEERBAAR_TRY(os::write_file_atomically(files_, path(hash), as_bytes(note)));
  return line;
}

Answer Witness::add_checkpoint(std::string_view body) {
  const auto request = trail::parse_add_checkpoint(body);
  if (!request) return refused(Outcome::kMalformed, request.error().text);
  const auto text = trail::note_text(request->note);
  if (!text) return refused(Outcome::kMalformed, text.error().text);
  const auto checkpoint = trail::parse_checkpoint(*text);
  if (!checkpoint) return refused(Outcome::kMalformed, checkpoint.error().text);

  const std::shared_ptr<const Logs> known = logs();
  const auto log = std::ranges::find(*known, checkpoint->origin, &KnownLog::origin);
  if (log == known->end()) return refused(Outcome::kUnknownLog, "this witness does not know the log");
  const auto opened = trail::open_note(request->note, log->keys);
  if (!opened && opened.error().code == Code::kInvalid) return refused(Outcome::kMalformed, opened.error().text);
  if (!opened) return refused(Outcome::kNotSigned, opened.error().text);

  Answer answer = request->old_size > checkpoint->size
                      ? refused(Outcome::kMalformed, "the old size is above that of the checkpoint")
                      : follow(*request, *checkpoint, *opened);
  answer.origin = checkpoint->origin;
  answer.size = checkpoint->size.value();
  return answer;
}

// Nobody else reads or writes what is stored of the log meanwhile.
Answer Witness::follow(const trail::AddCheckpoint& request, const trail::Checkpoint& checkpoint,
                       const trail::OpenedNote& opened) {
  const std::string hash = origin_hash(checkpoint.origin);
  const std::lock_guard one_at_a_time(of_logs_[std::hash<std::string>{}(hash) % kMutexes]);
  const auto last = read(hash);
  if (!last) return unavailable(last.error());
  const Stored before = last->value_or(Stored{});
  if (request.old_size != before.checkpoint.size) {
    Answer answer = refused(Outcome::kOtherSize, "");
    answer.body = trail::format_tree_size(before.checkpoint.size);
    return answer;
  }
  if (std::string fault = fault_of(request, checkpoint, before.checkpoint.root); !fault.empty()) {
    return refused(Outcome::kInconsistent, std::move(fault));
  }
  auto line = cosign_and_store(opened, before.unix_seconds, hash);
  if (!line) return unavailable(line.error());
  Answer answer = refused(Outcome::kCosigned, "");
  answer.body = std::move(*line);
  return answer;
}

}  // namespace weerbaar::witness
