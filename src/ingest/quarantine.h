// Refused records, kept for people: nothing that a source delivered is lost.
//
// DIRECTORY/quarantine/NAME.jsonl, one JSON object a line: time (of the refusal), input, line (absent when unknown),
// reason, and the record as raw (text) or raw_base64 (not UTF-8). The raw record may hold personal data: the file and
// its folder are for their owner only, and it stays where it is until its owner removes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"
#include "os/file_system.h"

namespace weerbaar::ingest {

// Where an intake puts what is refused.
class RefusalKeeper {
 public:
  virtual ~RefusalKeeper() = default;
  // `input` names the file or connection that the record came from.
  virtual Status add(const Refusal& refusal, std::string_view input) = 0;
  // Returns when it answers for all that was added.
  virtual Status sync() = 0;
};

// One writer a file: the caller sees to it. Not thread-safe.
class Quarantine final : public RefusalKeeper {
 public:
  // Nothing is made until the first refusal. `files` must outlive it. kInvalid when `name` is not made of
  // [A-Za-z0-9._-], or begins with a point.
  static Result<Quarantine> create(os::FileSystem& files, std::string_view directory, std::string_view name);

  // Appends; durable after the next sync(), which comes by itself every kRefusalsPerSync records. `input` names the
  // file or connection that the record came from. After an error, from the file system, all later calls fail with
  // kStopped: what was added since the last sync may be lost, so the input must be taken in again.
  Status add(const Refusal& refusal, std::string_view input) override;
  // Returns when all that was added survives a power failure.
  Status sync() override;

  // The first refusals, kFirstMax at most, as "INPUT, line N: REASON": to tell a person at once. Never the record.
  [[nodiscard]] const std::vector<std::string>& first() const { return first_; }
  // Of the file, which need not exist.
  [[nodiscard]] const std::string& path() const { return path_; }

  static constexpr uint64_t kRefusalsPerSync = 1'000;
  static constexpr size_t kFirstMax = 5;

 private:
  Quarantine(os::FileSystem& files, std::string directory, std::string path);
  Status open();
  Status write();
  Status stop(Status status);

  os::FileSystem* files_;
  std::string directory_;  // that of the data, in which "quarantine" is made
  std::string path_;
  std::unique_ptr<os::File> file_;  // null until the first record
  uint64_t end_ = 0;                // of the file
  std::string unwritten_;
  uint64_t unsynced_ = 0;  // records
  std::vector<std::string> first_;
  bool stopped_ = false;
};

}  // namespace weerbaar::ingest
