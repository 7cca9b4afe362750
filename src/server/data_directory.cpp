#include "server/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "os/process.h"
#include "server/paths.h"
#include "server/trail_loan.h"
#include "trail/privacy/secret.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kSettingsBytesMax = 1 << 16;
constexpr std::chrono::milliseconds kLockRetry{100};
constexpr int kLockRetries = 100;
constexpr int kRegisterLockRetries = 600;
constexpr std::string_view kPeopleKeyFile = "people.key";

// Relative to the data directory, unless it is absolute.
std::string resolve(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : os::join(directory, path);
}

}  // namespace

Result<Settings> DataDirectory::create(os::FileSystem& files, const std::string& directory, const std::string& origin,
                                       const std::string& keys, int64_t retention_months) {
  if (files.exists(directory)) {
    WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(directory));
    if (!names.empty()) {
      return fail(Code::kExists, fmt::format("{} is not empty: choose a new directory", directory));
    }
  }
  WEERBAAR_TRY(files.make_directory(directory, true));
  Settings settings;
  settings.origin = origin;
  settings.keys = keys;
  settings.retention_months = retention_months;
  WEERBAAR_ASSIGN(const auto store, trail::KeyStore::create(files, resolve(directory, keys), origin));
  settings.verifier_key = store->verifier_key().format();
  trail::TrailOptions options;
  options.files = &files;
  options.directory = os::join(directory, "trail");
  options.keys = store.get();
  WEERBAAR_TRY(trail::Trail::create(options));
  WEERBAAR_TRY(
      os::write_file_atomically(files, os::join(directory, kSettingsFile), as_bytes(format_settings(settings))));
  return settings;
}

Result<DataDirectory> DataDirectory::open(os::FileSystem& files, const std::string& directory,
                                          const std::string& keys) {
  const std::string file = os::join(directory, kSettingsFile);
  DataDirectory data(files, directory);
  const auto text = os::read_file(files, file, kSettingsBytesMax);
  if (!text && text.error().code == Code::kNotFound) {
    return fail(Code::kNotFound, fmt::format("{} is no data directory (it has no {}): make one with `weerbaar init`",
                                             directory, kSettingsFile));
  }
  if (!text) return std::unexpected(text.error());
  WEERBAAR_ASSIGN(data.settings_, parse_settings(as_text(*text)));
  data.keys_path_ = keys.empty() ? resolve(directory, data.settings_.keys) : keys;
  return data;
}

Status DataDirectory::check_output(std::string_view option, const std::string& path) const {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there) &&
      !std::filesystem::is_directory(there)) {
    return fail(Code::kInvalid, fmt::format("{}: {} is a device, a pipe or a socket, which a file would take the place "
                                            "of: choose another place",
                                            option, path));
  }
  error.clear();
  const auto real = [&error](const std::string& of) { return std::filesystem::weakly_canonical(of, error); };
  for (const std::string& kept : {directory_, keys_path_}) {
    const bool inside = lies_within(real(path), real(kept));
    if (error) return fail(Code::kInvalid, fmt::format("{}: {}: choose another place", option, error.message()));
    if (inside) {
      return fail(Code::kInvalid,
                  fmt::format("{}: this would lie in {}, among the files of the log or its keys, and could replace one "
                              "of them: choose another place",
                              option, kept));
    }
  }
  return {};
}

Result<trail::KeyStore*> DataDirectory::keys() {
  if (keys_ == nullptr) {
    auto opened = trail::KeyStore::open(*files_, keys_path_);
    if (!opened) return fail_in("the keys", opened.error());
    keys_ = std::move(*opened);
    if (keys_->origin() != settings_.origin) {
      return fail(Code::kDenied,
                  fmt::format("{} holds the keys of another log than this data directory's", keys_path_));
    }
    if (keys_->verifier_key().format() != settings_.verifier_key) {
      return fail(Code::kDenied, fmt::format("{} does not hold the key that {} names as verifier_key: one of them was "
                                             "exchanged, put the right one back",
                                             keys_path_, os::join(directory_, kSettingsFile)));
    }
  }
  return keys_.get();
}

Result<trail::VerifierKey> DataDirectory::verifier_key() const {
  return trail::VerifierKey::parse(settings_.verifier_key);
}

Result<std::unique_ptr<facts::Register>> DataDirectory::open_register() const {
  WEERBAAR_ASSIGN(auto database, open_database(settings_.facts, "register.db"));
  return facts::Register::open(std::move(database));
}

Result<std::unique_ptr<people::Store>> DataDirectory::open_people() const {
  WEERBAAR_ASSIGN(auto database, open_database(settings_.people.database, "people.db"));
  WEERBAAR_ASSIGN(const people::SecretBox box, people_box());
  return people::Store::open(std::move(database), box);
}

// With a key that is made at first use. When it is lost nobody comes in by the secrets that it sealed; accounts that
// are reset get new ones.
Result<people::SecretBox> DataDirectory::people_box() const {
  const std::string path = os::join(keys_path_, kPeopleKeyFile);
  auto kept = os::read_file(*files_, path, people::SecretBox::kKeyBytes);
  if (!kept && kept.error().code == Code::kNotFound) {
    trail::Secret made(people::SecretBox::kKeyBytes);
    WEERBAAR_TRY(os::fill_random(made.bytes()));
    WEERBAAR_TRY(os::write_file_atomically(*files_, path, made.bytes()));
    return people::SecretBox::create(made.bytes());
  }
  if (!kept) return std::unexpected(kept.error());
  const trail::WipeAtEnd wipe(*kept);
  auto box = people::SecretBox::create(*kept);
  if (!box) return fail_in(path, box.error());
  return box;
}

Result<std::unique_ptr<sql::Database>> DataDirectory::open_database(std::string address, std::string_view file) const {
  if (address.empty()) address = "sqlite:" + os::join(directory_, file);
  return sql::Database::open(address);
}

Result<trail::TrailOptions> DataDirectory::trail_options() {
  trail::TrailOptions options;
  options.files = files_;
  options.directory = trail_path();
  WEERBAAR_ASSIGN(options.keys, keys());
  return options;
}

// While this process may write nobody else does, so that the files belong together: segments never change, and what is
// not sealed is read into memory.
Result<std::unique_ptr<trail::Trail>> DataDirectory::open_trail_as_it_is() {
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> writable, open_trail());
  WEERBAAR_TRY(writable->finish_sealing());
  return open_trail_to_read();
}

Result<std::unique_ptr<trail::Trail>> DataDirectory::open_trail_to_read() {
  WEERBAAR_ASSIGN(const trail::TrailOptions options, trail_options());
  return trail::Trail::open(options, trail::Access::kRead);
}

namespace {

Result<std::unique_ptr<trail::Trail>> open_patiently(const trail::TrailOptions& options) {
  for (int attempt = 0;; ++attempt) {
    auto opened = trail::Trail::open(options, trail::Access::kAppend);
    const bool busy = !opened && opened.error().code == Code::kBusy;
    if (!busy || attempt >= kLockRetries) return opened;
    std::this_thread::sleep_for(kLockRetry);
  }
}

}  // namespace

Result<std::unique_ptr<trail::Trail>> DataDirectory::open_trail() {
  WEERBAAR_ASSIGN(trail::TrailOptions options, trail_options());
  auto opened = trail::Trail::open(options, trail::Access::kAppend);
  if (opened || opened.error().code != Code::kBusy) return opened;
  WEERBAAR_ASSIGN(options.kept_while_open, borrow_trail(loan_socket()));
  return open_patiently(options);
}

Result<std::unique_ptr<trail::Trail>> DataDirectory::open_trail_for_long() {
  WEERBAAR_ASSIGN(const bool runs, server_runs(loan_socket()));
  if (!runs) return open_trail_alone();
  return fail(Code::kBusy, fmt::format("{}: the server holds the trail, and this would keep its senders waiting for "
                                       "long: send the events to the server (docs/operate/serve.md), or stop it first",
                                       directory_));
}

Result<std::unique_ptr<trail::Trail>> DataDirectory::open_trail_alone() {
  WEERBAAR_ASSIGN(const trail::TrailOptions options, trail_options());
  return open_patiently(options);
}

Result<std::unique_ptr<os::Lock>> DataDirectory::lock_register() const {
  const std::string path = os::join(directory_, "register.lock");
  for (int attempt = 0;; ++attempt) {
    auto lock = files_->lock(path);
    if (lock || lock.error().code != Code::kBusy) return lock;
    if (attempt >= kRegisterLockRetries) {
      return fail(Code::kBusy, fmt::format("another import of {} is under way (it holds {}): wait until it has ended, "
                                           "and do this again",
                                           directory_, path));
    }
    std::this_thread::sleep_for(kLockRetry);
  }
}

Status DataDirectory::with_trail(const std::function<Status(trail::Trail&)>& work) {
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, open_trail());
  return work(*trail);
}

namespace {

// Entries of a trail obeyed the rules of their day, when an identity could still begin as a pseudonym does; who sees
// such a person is to be recorded all the same.
Status validate_use(AccessEvent event) {
  std::vector<Subject> subjects(event.subjects.begin(), event.subjects.end());
  std::erase_if(subjects, [](const Subject& subject) { return subject.id.starts_with(kPseudonymMark); });
  event.subjects = subjects;
  return validate(event);
}

}  // namespace

Status append_use(trail::Trail& trail, const Use& use, const UsePurpose& purpose) {
  uint8_t random[8];
  WEERBAAR_TRY(os::fill_random(random));
  const std::string id = to_hex(random);
  const std::string user = os::user_name().substr(0, kNameBytesMax);
  const std::string host = os::host_name();
  const std::string uid = std::to_string(os::user_id());
  // Who called sudo is only what the environment says; the number of the user is what the system says.
  const Attribute attributes[] = {{"identities_shown", use.shows_identities ? "true" : "false"}, {"uid", uid}};
  AccessEvent event;
  event.source = kOwnSource;
  event.time = os::now();
  event.time.nanos = 0;
  event.actor.id = user;
  event.action = use.action;
  event.system = "weerbaar";
  event.component = use.component;
  event.query = use.query;
  event.records = use.records;
  event.purpose.case_id = purpose.case_id;
  event.purpose.reason = purpose.reason;
  event.workplace.terminal = host;
  event.attributes = attributes;
  const std::span<const Subject> persons = use.subjects;
  for (size_t at = 0; at == 0 || at < persons.size(); at += kSubjectsMax) {
    const std::string part_id = at == 0 ? id : fmt::format("{}+{}", id, at / kSubjectsMax);
    event.id = part_id;
    event.subjects = persons.subspan(at, std::min(kSubjectsMax, persons.size() - at));
    WEERBAAR_TRY(validate_use(event));
    WEERBAAR_ASSIGN(const trail::Receipt receipt, trail.append({&event, 1}));
    if (!receipt.refused.empty()) return std::unexpected(receipt.refused[0].error);
  }
  return {};
}

Status record_use(trail::Trail& trail, const Use& use, const UsePurpose& purpose) {
  WEERBAAR_TRY(append_use(trail, use, purpose));
  WEERBAAR_TRY(trail.sign());
  return {};
}

}  // namespace weerbaar::server
