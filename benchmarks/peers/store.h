// What every store that is measured can do, Weerbaar among them. A store is one file; stores.h lists them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "peers/answers.h"
#include "peers/json_lines.h"

namespace weerbaar::benchmarks {

// Events in one append(): one transaction, one sync.
inline constexpr size_t kBatchEvents = 10'000;

struct StoreOptions {
  std::string directory;  // exists, is empty, and is for this store alone
  // For caches and buffers of its own, if it has such settings. The page cache of the system comes on top.
  uint64_t cache_bytes = 0;
};

// How a package that proves that nothing was left out was made and checked.
struct Completeness {
  uint64_t bytes = 0;
  double made_seconds = 0;
  double checked_seconds = 0;
};

// create() or open() comes first. One thread at a time uses it.
class Store {
 public:
  virtual ~Store() = default;

  // Settings that matter when its figures are read, in one line: what is synced, which memory, which indexes.
  [[nodiscard]] virtual std::string describe() const = 0;

  // Makes it empty, and opens it.
  virtual Status create() = 0;
  // Opens what is there.
  virtual Status open() = 0;
  // Afterwards no process holds anything of it in memory.
  virtual Status close() = 0;

  // At most kBatchEvents. Durable when it returns, unless describe() says that it cannot be.
  virtual Status append(std::span<const AccessEvent> events) = 0;
  // The same from JSON Lines: read and check, and append. Two cores are at its disposal.
  virtual Status append_json(const JsonLines& lines);
  // What must still happen before everything can be asked, and proven if it can be. Counts as ingest.
  virtual Status finish() { return {}; }
  // What an operator does at night, to the benefit of size and answers. Does not count as ingest.
  virtual Status settle() { return {}; }

  // Adds every access to the data of a person, in any order.
  virtual Status needle(std::string_view bsn, std::vector<Access>& accesses) = 0;
  // Who saw how many of these persons: rank_suspects() over all their accesses.
  virtual Result<std::vector<Suspect>> leak(std::span<const std::string> bsns);
  virtual Result<std::vector<DayCount>> by_day_and_system() = 0;

  [[nodiscard]] virtual bool can_verify() const { return false; }
  // Recomputes all; how many events were found to be what they were. Any doubt is an error.
  virtual Result<uint64_t> verify() { return 0; }

  // On disk, all in: blocks allocated under the directory.
  virtual Result<uint64_t> bytes();

  // A package with every access to the data of this person and the proof that there are no others. Nothing: it has no
  // such thing.
  virtual Result<std::optional<Completeness>> completeness(std::string_view /*bsn*/) { return std::nullopt; }

 protected:
  explicit Store(StoreOptions options) : options_(std::move(options)) {}
  [[nodiscard]] const std::string& directory() const { return options_.directory; }
  [[nodiscard]] const StoreOptions& options() const { return options_; }

 private:
  StoreOptions options_;
};

// Blocks that the files below a directory take.
Result<uint64_t> allocated_bytes(const std::string& directory);

}  // namespace weerbaar::benchmarks
