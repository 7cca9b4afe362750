// What a check found for each access, kept: so that whoever sees an access later sees how it was judged, without
// judging it again. docs/formats/policy.md gives the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "examine/purpose/judge.h"
#include "os/file_system.h"
#include "trail/format/sha256.h"

namespace weerbaar::purpose {

// One access, as it is stored.
struct StoredVerdict {
  uint64_t index = 0;
  Outcome outcome = Outcome::kUnexplained;
  struct Found {
    uint32_t rule = 0;     // by its place among the rules of the policy, in order
    uint32_t subject = 0;  // of the entry
    bool is_on_behalf = false;
  };
  std::vector<Found> found;
};

// Appends the bytes of one access. `rules` are those of the judge.
void append_verdict(uint64_t index, const Verdict& verdict, std::span<const Rule> rules, Bytes& out);
// The same of accesses from one `indexes` each, which may share verdicts.
void append_verdicts(std::span<const uint64_t> indexes, const Verdicts& verdicts, std::span<const Rule> rules,
                     Bytes& out);

// Writes a file of findings: of each call of add() a block for each period whose keys the accesses were written by.
// Nothing is there under its name before finish().
class FindingsWriter {
 public:
  // `rules` are those of the judge, and must outlive it.
  static Result<FindingsWriter> create(os::FileSystem& files, std::string path, std::span<const Rule> rules);

  // The verdicts of accesses from `first` on, as append_verdict() gives them, behind those given before. The facts by
  // which rules fired are not kept: beside a register, their numbers would name people whose period's key is gone.
  // `periods` says of each by whose keys it was written.
  Status add(uint64_t first, ByteView verdicts, std::span<const uint16_t> periods);
  // SHA-256 that stands for all verdicts that were added: FindingsFile::digest().
  [[nodiscard]] trail::Hash digest() const;
  // `head` says what was checked; JSON. Durable when it returns.
  Status finish(std::string_view head);

 private:
  struct Block {
    uint64_t first = 0;
    uint64_t offset = 0;
    uint64_t period = 0;
    trail::Hash hash{};
  };

  FindingsWriter(os::FileSystem& files, std::string path, std::unique_ptr<os::File> file, std::span<const Rule> rules)
      : files_(&files), path_(std::move(path)), file_(std::move(file)), rules_(rules) {}
  Status add_block(uint64_t first, uint16_t period, ByteView verdicts);
  [[nodiscard]] Bytes directory() const;
  Status write(ByteView bytes);

  os::FileSystem* files_;
  std::string path_;
  std::unique_ptr<os::File> file_;
  std::span<const Rule> rules_;
  uint64_t size_ = 0;
  std::vector<Block> blocks_;
};

// Not thread-safe: keeps the blocks that were read last, and the place in them, for accesses that are asked for are
// often near each other. Those asked for in ascending order cost one pass over each block.
class FindingsFile {
 public:
  using Periods = std::set<uint16_t>;

  // Blocks are checked when they are read. kCorrupt names what is damaged, or of an earlier version. Of accesses of
  // periods that are `destroyed` it holds nothing, whether they were dropped or not.
  static Result<FindingsFile> open(os::FileSystem& files, const std::string& path, Periods destroyed = {});
  // Overwrites what it holds of accesses of these periods; durable when it returns. Errors of open().
  static Status drop(os::FileSystem& files, const std::string& path, const Periods& periods);

  [[nodiscard]] const std::string& head() const { return head_; }
  // SHA-256 over the directory, and so of all blocks: what the trail records of this file.
  [[nodiscard]] const trail::Hash& digest() const { return digest_; }
  // Nothing when the access was not among those that were checked. `rules` are those of the policy, in order.
  Result<std::optional<StoredVerdict>> find(uint64_t index, std::span<const Rule> rules);

 private:
  struct Block {
    uint64_t first = 0;
    uint64_t offset = 0;
    uint64_t end = 0;
    uint16_t period = 0;
    trail::Hash hash{};
  };
  // A block in memory.
  struct Loaded {
    Bytes bytes;
    size_t position = 0;  // what stands before it is of entries before asked
    uint64_t asked = 0;
  };

  FindingsFile() = default;
  Status read_directory(ByteView rows, uint64_t end);
  Status load(uint64_t first);
  Result<std::optional<StoredVerdict>> find_in(Loaded& loaded, uint64_t index, std::span<const Rule> rules) const;
  Result<Bytes> read_block(const Block& place) const;
  [[nodiscard]] ByteView stored(const Block& place) const {
    return mapping_->bytes().subspan(place.offset, place.end - place.offset);
  }

  std::string path_;
  Periods destroyed_;
  std::unique_ptr<os::Mapping> mapping_;
  std::string head_;
  trail::Hash digest_{};
  std::vector<Block> blocks_;  // by their first entry
  std::optional<uint64_t> loaded_first_;
  std::vector<Loaded> loaded_;  // all blocks of that first entry
};

}  // namespace weerbaar::purpose
