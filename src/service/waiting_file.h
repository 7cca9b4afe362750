// What waits to be joined, on disk: lines are appended, durable before they are acknowledged. Format:
// docs/formats/waiting.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "os/file_system.h"

namespace weerbaar::service {

// One line: a record that waits, or that a trace waits no more.
struct WaitingLine {
  std::string_view source;
  Time came;               // of a record: when
  std::string_view json;   // of a record: its own request; empty for a trace that went
  std::string_view trace;  // that went: 32 hexadecimal digits; what stands above of it waits no more
};

// With its line end. `json` holds no line end.
std::string waiting_line(std::string_view source, Time came, std::string_view json);
std::string gone_line(std::string_view source, std::string_view trace);
// A line of which `rest` is what stands behind its sum.
std::string with_sum(std::string_view rest);
// `line` without its line end. kCorrupt when it is not as it was written.
Result<WaitingLine> parse_waiting_line(std::string_view line);

// Thread-safe. Nobody else writes to the folder.
class WaitingFile {
 public:
  // FOLDER/records.jsonl, made when something is first written; it and its folder are for their owner only. `files`
  // must outlive it.
  WaitingFile(os::FileSystem& files, std::string folder);

  // Calls `use` for each line that was ever acknowledged and was not replaced, in their order, and for what is not as
  // it was written `unreadable`. Where there is a file, nothing is written until replace() put in its place what still
  // waits.
  Status read(const std::function<void(const WaitingLine&)>& use,
              const std::function<void(std::string_view)>& unreadable) const;

  // What was given to add() since somebody last began to write, and is written and synced at once.
  struct Group {
    std::string text;
    std::optional<Status> outcome;
  };
  // Stands in the file in the order of these calls.
  std::shared_ptr<Group> add(std::string_view lines);
  // Until it is durable, or failed: then it may or may not be read again after a crash, and what was acknowledged
  // before is there.
  Status wait(const std::shared_ptr<Group>& group);
  // Puts `lines` in the place of all that add() was given before. Nobody may call add() before this returns; what it
  // returns is to be called once, and does the work. After it failed nothing is written until it succeeds.
  std::function<Status()> replace(std::string lines);

  [[nodiscard]] uint64_t size() const;  // bytes
  // A replacement failed, or was not made yet.
  [[nodiscard]] bool must_be_replaced() const;

 private:
  void lead(std::unique_lock<std::mutex>& lock);
  Status write(std::string_view text);
  Status open();

  os::FileSystem& files_;
  const std::string folder_;
  const std::string path_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Group> next_ = std::make_shared<Group>();
  bool is_writing_ = false;
  bool must_be_replaced_;
  uint64_t end_ = 0;  // of what is durable
  // Of the one that writes.
  std::unique_ptr<os::File> file_;  // null after a failure
};

}  // namespace weerbaar::service
