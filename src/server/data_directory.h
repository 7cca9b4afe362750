// A data directory as commands use it: its settings, its keys and its trail; and the record of who used it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "os/file_system.h"
#include "people/store.h"
#include "register/register.h"
#include "server/settings.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

// The source of the events by which Weerbaar records its own use. Nobody else may deliver under this name.
inline constexpr std::string_view kOwnSource = "self";

// Where a running server is asked for the trail (server/trail_loan.h).
inline constexpr std::string_view kLoanSocket = "serve.sock";

// Why somebody uses Weerbaar itself: recorded with the use.
struct UsePurpose {
  std::string case_id;
  std::string reason;
};

// One use of Weerbaar: a query, an export, the end of a retention term.
struct Use {
  Action action = Action::kSearch;
  std::string component;          // the command
  std::vector<Subject> subjects;  // asked about, and bared by the answer
  std::string query;
  std::optional<uint64_t> records;
  bool shows_identities = false;
};

class DataDirectory {
 public:
  // Makes the directory with its settings, keys and an empty trail. kExists when it holds anything.
  static Result<Settings> create(os::FileSystem& files, const std::string& directory, const std::string& origin,
                                 const std::string& keys, int64_t retention_months);
  // Reads the settings. kNotFound when it is no data directory. `keys`: another place than the settings name; empty for
  // that one.
  static Result<DataDirectory> open(os::FileSystem& files, const std::string& directory, const std::string& keys);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const std::string& path() const { return directory_; }
  [[nodiscard]] std::string trail_path() const { return os::join(directory_, "trail"); }
  [[nodiscard]] std::string loan_socket() const { return os::join(directory_, kLoanSocket); }
  [[nodiscard]] const std::string& keys_path() const { return keys_path_; }
  [[nodiscard]] os::FileSystem& files() const { return *files_; }

  Result<trail::KeyStore*> keys();
  // From now on the keys of another opening of the same directory, which must be open: what is written under the key
  // of a quarter that has just begun is then found here too.
  void use_keys_of(const DataDirectory& other) { keys_ = other.keys_; }
  Result<trail::VerifierKey> verifier_key() const;
  // What a command writes for others must not take the place of a file of the log or of its keys. `option` names it for
  // the error. kInvalid when it would, also through a symbolic link.
  [[nodiscard]] Status check_output(std::string_view option, const std::string& path) const;
  // Opens the register, and makes it when it is not there: a file readable by its owner only, unless the settings name
  // another database.
  Result<std::unique_ptr<facts::Register>> open_register() const;
  // The same for the database of people.
  Result<std::unique_ptr<people::Store>> open_people() const;
  // Opens the trail to write; waits a little for another process to finish. A running server lends it for as long as it
  // is open here: meanwhile its senders wait, so close it soon.
  Result<std::unique_ptr<trail::Trail>> open_trail();
  // The same for who writes for long. kBusy when a server runs: its senders would wait too long.
  Result<std::unique_ptr<trail::Trail>> open_trail_for_long();
  // The same for the server, which asks nobody.
  Result<std::unique_ptr<trail::Trail>> open_trail_alone();
  // Opens it, calls `work`, and closes it.
  Status with_trail(const std::function<Status(trail::Trail&)>& work);
  // Whoever imports facts, or takes a register as put back, holds this from before it looks at the register until the
  // trail says what became of it. kBusy when another did not end within a minute.
  [[nodiscard]] Result<std::unique_ptr<os::Lock>> lock_register() const;
  // Opens the trail as it is now, to read for long: others may write meanwhile, and nothing of that is seen.
  Result<std::unique_ptr<trail::Trail>> open_trail_as_it_is();
  // The same, while this process holds the trail open to write, and writes nothing.
  Result<std::unique_ptr<trail::Trail>> open_trail_to_read();

 private:
  DataDirectory(os::FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}
  Result<trail::TrailOptions> trail_options();
  [[nodiscard]] Result<people::SecretBox> people_box() const;
  [[nodiscard]] Result<std::unique_ptr<sql::Database>> open_database(std::string address, std::string_view file) const;

  os::FileSystem* files_;
  std::string directory_;
  std::string keys_path_;
  Settings settings_;
  std::shared_ptr<trail::KeyStore> keys_;
};

// Records a use as an access event (several when it bares more persons than fit one) of the source "self", by the user
// of the operating system, durably and under a new checkpoint. Call it before anything is shown: what cannot be
// recorded is not shown.
Status record_use(trail::Trail& trail, const Use& use, const UsePurpose& purpose);
// The same without a checkpoint, for who makes one anyway before anything is shown.
Status append_use(trail::Trail& trail, const Use& use, const UsePurpose& purpose);

}  // namespace weerbaar::server
