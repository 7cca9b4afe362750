// The keys of one trail, in a directory of their own that nobody but their owner may read: the signing key of the log,
// and a key for each period. Keep it apart from the trail, and back it up apart: whoever has both reads everything; who
// loses it reads nothing about people any more.
//
//   signing.key          Ed25519, the form of Go's note package
//   signed               the last checkpoint that was signed; empty before the first
//   made                 the periods that ever had a key
//   periods/2026-Q1.key  a key, or the record of its destruction
//   lock                 held while one of these changes
//
// A file that is missing, unreadable or damaged is an error that says so; nothing is ever made in its place.
// Byte for byte: docs/formats/keys.md.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "os/file_system.h"
#include "trail/format/signature.h"
#include "trail/privacy/key_file.h"
#include "trail/privacy/period.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::trail {

enum class PeriodState : uint8_t {
  kLive,
  kDestroyed,
  kDamaged,  // missing, unreadable or garbled: period() says which
};

struct PeriodStatus {
  Period period;
  PeriodState state;
  std::optional<Time> created;             // when known
  std::optional<Destruction> destruction;  // of kDestroyed, unless a crash came before it was recorded
};

// Thread-safe. Several processes may have the same directory open: what changes files takes the lock and gives kBusy
// while another holds it. A process that has used a key keeps it in memory when another process destroys it.
//
// Every function that reads files may also give kIo (the machine refused), and those that write kNoSpace.
class KeyStore {
 public:
  // Makes the directory, readable by its owner only, with a new signing key named `origin`. Durable when it returns.
  // kExists when there are keys already, or remains of them. kInvalid when the origin is not a key name.
  // An existing empty directory is used as it is: its mode is the caller's care.
  static Result<std::unique_ptr<KeyStore>> create(os::FileSystem& files, const std::string& directory,
                                                  std::string_view origin);
  // kNotFound when there is no signing.key; kCorrupt when a file that must be there is damaged or missing.
  // `files` must outlive the store.
  static Result<std::unique_ptr<KeyStore>> open(os::FileSystem& files, const std::string& directory);

  // The name of the log and of its key.
  [[nodiscard]] const std::string& origin() const { return signing_key_.verifier().name; }
  // `.format()` is the text for signers; it holds the secret.
  [[nodiscard]] const SigningKey& signing_key() const { return signing_key_; }
  // `.format()` is the text to publish.
  [[nodiscard]] const VerifierKey& verifier_key() const { return signing_key_.verifier(); }

  // The key of a period, to read with. The pointer is valid as long as the store.
  //   kNotFound  never made
  //   kDenied    destroyed
  //   kCorrupt   damaged or missing
  Result<const Pseudonymiser*> period(Period period);
  // The same, to write with: a key that was never made is made, and is durable when this returns. kInvalid when outside
  // 1970-Q1 to 9999-Q4.
  Result<const Pseudonymiser*> period_or_create(Period period);

  // Every period that ever had a key, in ascending order.
  Result<std::vector<PeriodStatus>> periods();

  struct Readable {
    std::vector<std::pair<Period, const Pseudonymiser*>> alive;  // ascending; valid as long as the store
    std::vector<Period> destroyed;
  };
  // All of them to read with, from memory after the first time. What another process makes or destroys later is not
  // seen. kCorrupt when a key is damaged or missing.
  Result<std::shared_ptr<const Readable>> readable();

  // Looks at the files again: from now on keys that another process made are seen, and those that it destroyed are not
  // given any more, except to who holds a pointer to one.
  Status refresh();

  // Crypto-shredding: overwrites the key with zeros and then replaces the file by a record of when and why, so that the
  // key is never made again. Durable when it returns. What was stored under it can never be made readable again; copies
  // on backups, snapshots and disks that do not overwrite in place are the operator's to destroy.
  // Also finishes an interrupted destruction, and destroys damaged keys. Fine when destroyed already: the first record
  // stays. kNotFound when never made; kInvalid when the reason is not is_reason().
  //
  // Known hole: this process keeps the key in memory until the store is closed, for pointers that were handed out.
  Status destroy(Period period, Time when, std::string_view reason);

  // The note of the last checkpoint signed; empty when none ever was. kCorrupt when it is not a checkpoint of this key.
  Result<std::string> last_signed();
  // Remembers that a checkpoint was signed: call it after signing and before anybody sees the signature, so that the
  // log never contradicts itself, also after a restore of the trail. Durable when it returns; after an error the note
  // must not be shown.
  //   kInvalid  not a checkpoint signed by this key
  //   kCorrupt  the tree is smaller than the last one, or as large with another root
  Status remember_signed(std::string_view note);

 private:
  struct Kept {
    std::unique_ptr<const Pseudonymiser> pseudonymiser;
    bool durable = false;  // known to survive a power failure, so fit to write with
  };

  KeyStore(os::FileSystem& files, std::string directory, SigningKey signing_key)
      : files_(files), directory_(std::move(directory)), signing_key_(std::move(signing_key)) {}

  [[nodiscard]] std::string path(std::string_view name) const { return os::join(directory_, name); }
  [[nodiscard]] std::string path(Period period) const;
  [[nodiscard]] Result<std::unique_ptr<os::Lock>> lock() const;
  [[nodiscard]] Result<PeriodKeyFile> read_period(Period period) const;
  [[nodiscard]] Result<std::vector<Period>> read_list() const;
  [[nodiscard]] Result<std::vector<PeriodStatus>> read_periods() const;
  [[nodiscard]] Status write_period(const PeriodKeyFile& file) const;
  [[nodiscard]] Status add_to_list(Period period) const;
  [[nodiscard]] Status erase(Period period) const;
  [[nodiscard]] Result<std::string> read_signed() const;
  Result<const Pseudonymiser*> keep(const PeriodKeyFile& file, bool durable);

  os::FileSystem& files_;
  const std::string directory_;
  const SigningKey signing_key_;

  std::mutex mutex_;  // guards all below, and the order of changes to files
  std::map<Period, Kept> live_;
  std::vector<std::unique_ptr<const Pseudonymiser>> destroyed_;
  std::shared_ptr<const Readable> readable_;  // null when it is not known
};

}  // namespace weerbaar::trail
