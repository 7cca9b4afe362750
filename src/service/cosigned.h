// What witnesses cosigned of the log, kept beside it: DIR/cosigned/ (docs/formats/witness.md). Each file is a signed
// note that anybody can check.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"
#include "trail/format/add_checkpoint.h"
#include "trail/format/tlog_policy.h"
#include "trail/store/signed_log.h"

namespace weerbaar::service {

struct CosignedOptions {
  os::FileSystem* files = nullptr;  // must outlive it
  std::string directory;
  trail::VerifierKey log;
  std::vector<trail::TlogPolicy::Witness> witnesses;
  size_t quorum = 0;     // how many of them make a checkpoint one to publish; 0: none is waited for
  bool writable = true;  // else nothing is added
};

// Thread-safe.
class Cosigned {
 public:
  struct Last {
    trail::Checkpoint checkpoint;
    uint64_t unix_seconds = 0;
    std::string note;  // with the signature of the log and that of the witness
  };

  // Reads what is there, and makes the directory when writable. What is not by these keys is passed over: who changes a
  // witness begins anew with it.
  static Result<std::unique_ptr<Cosigned>> open(const CosignedOptions& options);

  struct Published {
    std::string note;
    TreeSize size;

    bool operator==(const Published&) const = default;
  };

  // The checkpoint `note`, which the log signed, was cosigned by the witness of that name. Durable when it returns.
  Status add(const std::string& witness, const std::string& note, const trail::Cosignature& cosignature);

  // The witness refuses the log, for it cosigned so many entries of another one: something was put back or changed
  // here. Kept until it cosigns again; durable when it returns. As long as too few others are left for the quorum
  // nothing is published.
  Status refuse(const std::string& witness, TreeSize cosigned);
  // What it said then; nothing when it does not refuse.
  [[nodiscard]] std::optional<TreeSize> refused(std::string_view witness) const;

  // What the witness cosigned last; nothing when it never did.
  [[nodiscard]] std::optional<Last> last(std::string_view witness) const;
  // The latest checkpoint that the quorum cosigned, with all its cosignatures.
  [[nodiscard]] std::optional<Last> under_quorum() const;
  // What to publish, of a log whose newest signed checkpoint is this: the latest under the quorum, and nothing as long
  // as there is none; that one when no quorum is asked. With the cosignatures that there are.
  [[nodiscard]] std::optional<Published> to_publish(const trail::SignedLog& newest) const;

  // The names of witnesses that cosigned another log than this one: more entries, or others. Something was put back or
  // exchanged here. What they cosigned is not published any more.
  Result<std::vector<std::string>> contradicted_by(const trail::SignedLog& log);

  [[nodiscard]] size_t quorum() const { return options_.quorum; }
  [[nodiscard]] const std::vector<trail::TlogPolicy::Witness>& witnesses() const { return options_.witnesses; }

 private:
  // Checkpoints of which cosignatures are collected: witnesses may be one apart.
  static constexpr size_t kCollectedMax = 8;
  struct Collected {
    std::string note;                                       // signed by the log alone
    std::map<std::string, std::string, std::less<>> lines;  // by witness, in one order whoever came first
    uint64_t unix_seconds = 0;                              // of the latest

    [[nodiscard]] std::string whole() const;
  };

  explicit Cosigned(const CosignedOptions& options);
  [[nodiscard]] std::string path_of(std::string_view witness) const;
  [[nodiscard]] std::string refusal_path_of(std::string_view witness) const { return path_of(witness) + ".refused"; }
  Status read_witness(const trail::TlogPolicy::Witness& witness);
  Status read_quorum();
  Status keep_under_quorum(const Collected& collected);

  const CosignedOptions options_;
  const trail::TlogPolicy policy_;
  mutable std::mutex mutex_;
  std::map<std::string, Last, std::less<>> last_;
  std::map<uint64_t, Collected> collected_;  // by size
  std::optional<Last> under_quorum_;
  std::map<std::string, TreeSize, std::less<>> refused_;
};

// Where a data directory keeps them, and the files in it.
inline constexpr std::string_view kCosignedDirectory = "cosigned";
inline constexpr std::string_view kUnderQuorum = "checkpoint";
std::string cosigned_file(std::string_view witness);

}  // namespace weerbaar::service
