// What a check found for each access, kept: so that whoever sees an access later sees how it was judged, without
// judging it again. docs/formats/policy.md gives the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "examine/purpose/judge.h"
#include "os/file_system.h"

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

// Writes a file of findings, a block for each call of add(). Nothing is there under its name before finish().
class FindingsWriter {
 public:
  // `rules` are those of the judge, and must outlive it.
  static Result<FindingsWriter> create(os::FileSystem& files, std::string path, std::span<const Rule> rules);

  // The verdicts of accesses that are no earlier than `first`, as append_verdict() gives them, behind those given
  // before. The facts by which rules fired are not kept: beside a register, their numbers would name people whose
  // period's key is gone.
  Status add(uint64_t first, ByteView verdicts);
  // `head` says what was checked; JSON. Durable when it returns.
  Status finish(std::string_view head);

 private:
  struct Block {
    uint64_t first = 0;
    uint64_t offset = 0;
  };

  FindingsWriter(os::FileSystem& files, std::string path, std::unique_ptr<os::File> file, std::span<const Rule> rules)
      : files_(&files), path_(std::move(path)), file_(std::move(file)), rules_(rules) {}
  Status add_block(uint64_t first, ByteView verdicts);
  Status write(ByteView bytes);

  os::FileSystem* files_;
  std::string path_;
  std::unique_ptr<os::File> file_;
  std::span<const Rule> rules_;
  uint64_t size_ = 0;
  std::vector<Block> blocks_;
};

// Not thread-safe: keeps the block that was read last, and its place in it, for accesses that are asked for are often
// near each other. Those asked for in ascending order cost one pass over each block.
class FindingsFile {
 public:
  // Blocks are checked when they are read. kCorrupt names what is damaged.
  static Result<FindingsFile> open(os::FileSystem& files, const std::string& path);

  [[nodiscard]] const std::string& head() const { return head_; }
  // Nothing when the access was not among those that were checked. `rules` are those of the policy, in order.
  Result<std::optional<StoredVerdict>> find(uint64_t index, std::span<const Rule> rules);

 private:
  struct Block {
    uint64_t first = 0;
    uint64_t offset = 0;
    uint64_t end = 0;
  };

  FindingsFile() = default;
  Result<Bytes> read_block(size_t number) const;

  std::string path_;
  bool has_facts_ = false;  // version 1 kept them
  std::unique_ptr<os::Mapping> mapping_;
  std::string head_;
  std::vector<Block> blocks_;
  std::optional<size_t> last_;  // the block in last_bytes_
  Bytes last_bytes_;
  size_t position_ = 0;  // in last_bytes_: what stands before it is of entries before asked_
  uint64_t asked_ = 0;
};

}  // namespace weerbaar::purpose
