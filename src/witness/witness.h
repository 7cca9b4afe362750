// An independent witness of logs (c2sp.org/tlog-witness). It cosigns a checkpoint when that continues the one it
// cosigned before, so that a log that shows two histories, or takes something back, cannot have both signed.
//
// A directory holds what it cosigned: logs/<SHA-256 of the origin in hexadecimal>.checkpoint, a signed note of the log
// with the cosignature (docs/formats/witness.md). Whoever puts an older copy of it back makes the witness sign two
// histories: after that it needs a new key.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "os/file_system.h"
#include "trail/format/add_checkpoint.h"
#include "trail/format/checkpoint.h"
#include "trail/format/signature.h"

namespace weerbaar::witness {

inline constexpr size_t kLogsMax = 10'000;

// A log, and the keys that it may sign with.
struct KnownLog {
  std::string origin;
  std::vector<trail::VerifierKey> keys;
};

// The status that the standard has for it.
enum class Outcome : int {
  kCosigned = 200,
  kMalformed = 400,  // or the old size is above that of the checkpoint
  kNotSigned = 403,  // by a key that the log may sign with, or a signature of such a key is wrong
  kUnknownLog = 404,
  kOtherSize = 409,     // than the last that was cosigned
  kInconsistent = 422,  // it does not continue the last that was cosigned: perhaps proof against the log
  kUnavailable = 503,   // disk or clock: ask again
};

struct Answer {
  Outcome outcome;
  std::string body;     // of kCosigned and kOtherSize
  std::string why;      // of the others, for who asked: nothing of this machine in it
  std::string origin;   // once the log is known
  uint64_t size = 0;    // of the checkpoint that was given, then
  std::string problem;  // of kUnavailable, for the operator
};

// Thread-safe: one request of a log at a time.
class Witness {
 public:
  // Makes what is missing in the directory, and locks it. kBusy when another process holds it; kInvalid when the key is
  // not that of a witness. `files` must outlive it.
  static Result<std::unique_ptr<Witness>> open(os::FileSystem& files, std::string directory, trail::SigningKey key,
                                               std::function<Time()> clock = os::now);

  // From now on. No two have the same origin.
  void use_logs(std::vector<KnownLog> logs);

  // What it cosigns is on disk before the answer is there. After any failure nothing was promised, and the next request
  // finds what the disk holds.
  Answer add_checkpoint(std::string_view body);

  // The last note cosigned of the log whose origin has this hash, with the signatures of the log that were verified and
  // the cosignature. kNotFound when there is none; kCorrupt when what is stored is not what this witness cosigned.
  [[nodiscard]] Result<std::string> checkpoint(std::string_view origin_hash) const;

  struct Stored {
    std::string note;
    trail::Checkpoint checkpoint;
    uint64_t unix_seconds = 0;  // of the cosignature
  };
  // Nothing when it never cosigned that log. Errors as of checkpoint().
  [[nodiscard]] Result<std::optional<Stored>> stored(std::string_view origin) const;

  [[nodiscard]] const trail::VerifierKey& verifier() const { return key_.verifier(); }

 private:
  using Logs = std::vector<KnownLog>;
  static constexpr size_t kMutexes = 16;

  Witness(os::FileSystem& files, std::string directory, trail::SigningKey key, std::function<Time()> clock)
      : files_(files), directory_(std::move(directory)), key_(std::move(key)), clock_(std::move(clock)) {}
  [[nodiscard]] std::string path(std::string_view origin_hash) const;
  [[nodiscard]] std::shared_ptr<const Logs> logs() const;
  [[nodiscard]] Result<std::optional<Stored>> read(std::string_view origin_hash) const;
  Answer follow(const trail::AddCheckpoint& request, const trail::Checkpoint& checkpoint,
                const trail::OpenedNote& opened);
  Result<std::string> cosign_and_store(const trail::OpenedNote& opened, uint64_t not_before, const std::string& hash);

  os::FileSystem& files_;
  const std::string directory_;
  const trail::SigningKey key_;
  const std::function<Time()> clock_;
  std::unique_ptr<os::Lock> lock_;
  mutable std::mutex logs_mutex_;
  std::shared_ptr<const Logs> logs_ = std::make_shared<const Logs>();
  std::array<std::mutex, kMutexes> of_logs_;
};

// SHA-256 in lower case hexadecimal: by it a log is asked for.
std::string origin_hash(std::string_view origin);

}  // namespace weerbaar::witness
