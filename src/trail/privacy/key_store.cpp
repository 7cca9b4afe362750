#include "trail/privacy/key_store.h"

#include <algorithm>
#include <set>

#include "trail/format/checkpoint.h"
#include "trail/privacy/secret.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kSigningKeyName = "signing.key";
constexpr std::string_view kSignedName = "signed";
constexpr std::string_view kListName = "made";
constexpr std::string_view kPeriodsName = "periods";
constexpr std::string_view kLockName = "lock";
constexpr std::string_view kKeySuffix = ".key";
constexpr size_t kSigningKeyBytesMax = 1'024;

// Nothing when there is no such file. An excess is damage; no right to read it is the machine's refusal, lest it be
// taken for a destroyed key.
Result<std::optional<Bytes>> read_optional(os::FileSystem& files, const std::string& path, uint64_t bytes_max) {
  Result<Bytes> content = os::read_file(files, path, bytes_max);
  if (content) return std::move(*content);
  Error& error = content.error();
  if (error.code == Code::kNotFound) return std::nullopt;
  if (error.code == Code::kInvalid) error.code = Code::kCorrupt;
  if (error.code == Code::kDenied) error.code = Code::kIo;
  return std::unexpected(std::move(error));
}

std::unexpected<Error> missing(const std::string& path) {
  return fail(Code::kCorrupt, path + ": the file is missing: restore it from a backup; nothing is made in its place");
}

Result<Bytes> read_required(os::FileSystem& files, const std::string& path, uint64_t bytes_max) {
  WEERBAAR_ASSIGN(std::optional<Bytes> content, read_optional(files, path, bytes_max));
  if (!content) return missing(path);
  return std::move(*content);
}

// Asks open(), not exists(): that cannot tell absence from a disk that does not answer.
Result<uint64_t> size_or_zero(os::FileSystem& files, const std::string& path) {
  const auto file = files.open(path, os::Mode::kRead);
  if (file) return (*file)->size();
  if (file.error().code == Code::kNotFound) return 0;
  return std::unexpected(file.error());
}

// What create() may overwrite is what an interrupted create() left; anything else may be the last copy of a key.
Status check_no_keys(os::FileSystem& files, const std::string& directory) {
  const auto exists = [&](std::string_view name) {
    return fail(Code::kExists, os::join(directory, name) +
                                   ": there are keys already, or what is left of them: open them, restore what is "
                                   "missing from a backup, or choose another directory");
  };
  for (const std::string_view name : {kSigningKeyName, kSignedName}) {
    WEERBAAR_ASSIGN(const uint64_t size, size_or_zero(files, os::join(directory, name)));
    if (size > 0) return exists(name);
  }
  WEERBAAR_ASSIGN(const auto list, read_optional(files, os::join(directory, kListName), kPeriodListBytesMax));
  if (list && *list != format_period_list({})) return exists(kListName);
  const auto periods = files.list(os::join(directory, kPeriodsName));
  if (!periods && periods.error().code != Code::kNotFound) return std::unexpected(periods.error());
  if (periods && !periods->empty()) return exists(kPeriodsName);
  return {};
}

Result<SigningKey> read_signing_key(os::FileSystem& files, const std::string& path) {
  WEERBAAR_ASSIGN(std::optional<Bytes> content, read_optional(files, path, kSigningKeyBytesMax));
  if (!content) {
    return fail(Code::kNotFound, path + ": there is no signing key: name the directory of the keys, or restore it");
  }
  const WipeAtEnd wipe(*content);
  std::string_view text = as_text(*content);
  if (!text.ends_with('\n')) return fail(Code::kCorrupt, path + ": the key is cut short: restore it from a backup");
  text.remove_suffix(1);
  Result<SigningKey> key = SigningKey::parse(text);
  if (!key) return fail(Code::kCorrupt, path + ": " + key.error().text + "; restore it from a backup");
  return key;
}

Result<SigningKey> make_signing_key(std::string_view origin) {
  Secret seed(kSeedBytes);
  WEERBAAR_TRY(os::fill_random(seed.bytes()));
  return SigningKey::from_seed(origin, std::span<const uint8_t, kSeedBytes>(seed.bytes()));
}

// Last of all: once it is there, so is everything else.
Status write_signing_key(os::FileSystem& files, const std::string& path, const SigningKey& key) {
  WEERBAAR_ASSIGN(std::string text, key.format());
  const WipeAtEnd wipe_text(text);
  Secret line(text.size() + 1);
  std::ranges::copy(as_bytes(text), line.bytes().begin());
  line.bytes().back() = '\n';
  return os::write_file_atomically(files, path, line.bytes());
}

std::unexpected<Error> was_destroyed(const PeriodKeyFile& file) {
  std::string text = "the key of period " + to_string(file.period) + " was destroyed";
  if (file.destruction) text += " on " + format_time(file.destruction->when);
  return fail(Code::kDenied, text + ": what was stored under it cannot be made readable any more");
}

std::unexpected<Error> not_found(Period period) {
  return fail(Code::kNotFound, "period " + to_string(period) + " has no key: nothing was recorded in it");
}

PeriodStatus status_of(const PeriodKeyFile& file) {
  const PeriodState state = file.key.empty() ? PeriodState::kDestroyed : PeriodState::kLive;
  return {file.period, state, file.created, file.destruction};
}

// The period of a file name, if it is that of a key.
std::optional<Period> period_of_name(std::string_view name) {
  if (!name.ends_with(kKeySuffix)) return std::nullopt;
  const Result<Period> period = parse_period(name.substr(0, name.size() - kKeySuffix.size()));
  return period ? std::optional(*period) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::create(os::FileSystem& files, const std::string& directory,
                                                   std::string_view origin) {
  WEERBAAR_ASSIGN(SigningKey key, make_signing_key(origin));
  WEERBAAR_TRY(files.make_directory(directory, true));
  WEERBAAR_ASSIGN(const auto lock, files.lock(os::join(directory, kLockName)));
  WEERBAAR_TRY(check_no_keys(files, directory));
  WEERBAAR_TRY(files.make_directory(os::join(directory, kPeriodsName), true));
  WEERBAAR_TRY(os::write_file_atomically(files, os::join(directory, kListName), format_period_list({})));
  WEERBAAR_TRY(os::write_file_atomically(files, os::join(directory, kSignedName), {}));
  WEERBAAR_TRY(write_signing_key(files, os::join(directory, kSigningKeyName), key));
  return std::unique_ptr<KeyStore>(new KeyStore(files, directory, std::move(key)));
}

Result<std::unique_ptr<KeyStore>> KeyStore::open(os::FileSystem& files, const std::string& directory) {
  WEERBAAR_ASSIGN(SigningKey key, read_signing_key(files, os::join(directory, kSigningKeyName)));
  std::unique_ptr<KeyStore> store(new KeyStore(files, directory, std::move(key)));
  WEERBAAR_TRY(store->read_list());
  WEERBAAR_TRY(store->read_signed());
  return store;
}

std::string KeyStore::path(Period period) const {
  return os::join(path(kPeriodsName), to_string(period) + std::string(kKeySuffix));
}

// No right to lock is the machine's refusal, lest it be taken for a destroyed key.
Result<std::unique_ptr<os::Lock>> KeyStore::lock() const {
  auto lock = files_.lock(path(kLockName));
  if (!lock && lock.error().code == Code::kDenied) lock.error().code = Code::kIo;
  return lock;
}

Result<std::vector<Period>> KeyStore::read_list() const {
  WEERBAAR_ASSIGN(const Bytes content, read_required(files_, path(kListName), kPeriodListBytesMax));
  Result<std::vector<Period>> list = parse_period_list(content);
  if (!list) return fail_in(path(kListName), list.error());
  return list;
}

Result<PeriodKeyFile> KeyStore::read_period(Period period) const {
  WEERBAAR_ASSIGN(std::optional<Bytes> content, read_optional(files_, path(period), kPeriodKeyFileBytesMax));
  if (!content) {
    WEERBAAR_ASSIGN(const std::vector<Period> list, read_list());
    if (std::ranges::binary_search(list, period)) return missing(path(period));
    return not_found(period);
  }
  const WipeAtEnd wipe(*content);
  Result<PeriodKeyFile> file = parse_period_key(*content);
  if (!file) return fail_in(path(period), file.error());
  if (file->period != period) {
    return fail(Code::kCorrupt, path(period) + ": the key is that of period " + to_string(file->period) +
                                    ": give the file its own name again");
  }
  return file;
}

Status KeyStore::write_period(const PeriodKeyFile& file) const {
  Status written = os::write_file_atomically(files_, path(file.period), format_period_key(file).bytes());
  if (!written && written.error().code == Code::kDenied) written.error().code = Code::kIo;
  return written;
}

// After the file of its key: a period on the list without a file is a key that was lost.
Status KeyStore::add_to_list(Period period) const {
  WEERBAAR_ASSIGN(std::vector<Period> list, read_list());
  const auto at = std::ranges::lower_bound(list, period);
  if (at != list.end() && *at == period) return {};
  list.insert(at, period);
  return os::write_file_atomically(files_, path(kListName), format_period_list(list));
}

Result<const Pseudonymiser*> KeyStore::keep(const PeriodKeyFile& file, bool durable) {
  if (file.key.empty()) return was_destroyed(file);
  Kept& kept = live_[file.period];
  if (kept.pseudonymiser == nullptr) {
    readable_ = nullptr;
    WEERBAAR_ASSIGN(Pseudonymiser pseudonymiser, Pseudonymiser::create(file.key.bytes()));
    kept.pseudonymiser = std::make_unique<const Pseudonymiser>(std::move(pseudonymiser));
  }
  kept.durable = kept.durable || durable;
  return kept.pseudonymiser.get();
}

Result<const Pseudonymiser*> KeyStore::period(Period period) {
  const std::lock_guard guard(mutex_);
  if (const auto found = live_.find(period); found != live_.end()) return found->second.pseudonymiser.get();
  WEERBAAR_ASSIGN(const PeriodKeyFile file, read_period(period));
  return keep(file, false);
}

Result<const Pseudonymiser*> KeyStore::period_or_create(Period period) {
  if (!is_period(period.number)) return fail(Code::kInvalid, "a period lies outside 1970-Q1 to 9999-Q4");
  const std::lock_guard guard(mutex_);
  if (const auto found = live_.find(period); found != live_.end() && found->second.durable) {
    return found->second.pseudonymiser.get();
  }
  WEERBAAR_ASSIGN(const auto lock, this->lock());
  Result<PeriodKeyFile> file = read_period(period);
  if (!file && file.error().code != Code::kNotFound) return std::unexpected(std::move(file.error()));
  if (!file) {
    Secret key(kPeriodKeyBytes);
    WEERBAAR_TRY(os::fill_random(key.bytes()));
    file = PeriodKeyFile{period, os::now(), std::move(key), std::nullopt};
  }
  if (file->key.empty()) return was_destroyed(*file);
  WEERBAAR_ASSIGN(const std::vector<Period> list, read_list());
  if (!std::ranges::binary_search(list, period)) {
    // A key that is there but not on the list comes from an attempt that failed: whether it would survive a power
    // failure is unknown, and syncing again would not tell.
    WEERBAAR_TRY(write_period(*file));
    WEERBAAR_TRY(add_to_list(period));
  }
  return keep(*file, true);
}

Result<std::vector<PeriodStatus>> KeyStore::periods() {
  const std::lock_guard guard(mutex_);
  return read_periods();
}

Result<std::vector<PeriodStatus>> KeyStore::read_periods() const {
  WEERBAAR_ASSIGN(const std::vector<Period> list, read_list());
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(path(kPeriodsName)));
  std::set<Period> all(list.begin(), list.end());
  for (const std::string& name : names) {
    if (const auto period = period_of_name(name)) all.insert(*period);
  }
  std::vector<PeriodStatus> statuses;
  for (const Period period : all) {
    const Result<PeriodKeyFile> file = read_period(period);
    if (!file && file.error().code != Code::kCorrupt) return std::unexpected(file.error());
    statuses.push_back(file ? status_of(*file) : PeriodStatus{period, PeriodState::kDamaged, {}, {}});
  }
  return statuses;
}

Result<std::shared_ptr<const KeyStore::Readable>> KeyStore::readable() {
  const std::lock_guard guard(mutex_);
  if (readable_ != nullptr) return readable_;
  WEERBAAR_ASSIGN(const std::vector<PeriodStatus> statuses, read_periods());
  auto readable = std::make_shared<Readable>();
  for (const PeriodStatus& status : statuses) {
    if (status.state == PeriodState::kDestroyed) {
      readable->destroyed.push_back(status.period);
      continue;
    }
    WEERBAAR_ASSIGN(const PeriodKeyFile file, read_period(status.period));
    WEERBAAR_ASSIGN(const Pseudonymiser* const key, keep(file, false));
    readable->alive.emplace_back(status.period, key);
  }
  readable_ = readable;
  return readable;
}

Status KeyStore::refresh() {
  const std::lock_guard guard(mutex_);
  readable_ = nullptr;
  for (auto kept = live_.begin(); kept != live_.end();) {
    WEERBAAR_ASSIGN(const PeriodKeyFile file, read_period(kept->first));
    if (!file.key.empty()) {
      ++kept;
      continue;
    }
    destroyed_.push_back(std::move(kept->second.pseudonymiser));
    kept = live_.erase(kept);
  }
  return {};
}

Status KeyStore::erase(Period period) const {
  WEERBAAR_ASSIGN(std::optional<Bytes> content, read_optional(files_, path(period), kPeriodKeyFileBytesMax));
  if (!content) return {};  // lost: nothing to erase, but its end is to be recorded
  const WipeAtEnd wipe(*content);
  const size_t from = erase_from(*content);
  WEERBAAR_ASSIGN(const std::unique_ptr<os::File> file, files_.open(path(period), os::Mode::kReadWrite));
  WEERBAAR_TRY(file->write_at(from, Bytes(content->size() - from, 0)));
  return file->sync();
}

Status KeyStore::destroy(Period period, Time when, std::string_view reason) {
  if (!is_reason(reason)) {
    return fail(Code::kInvalid, "the reason to destroy a key is one line of 1 to 200 bytes");
  }
  const std::lock_guard guard(mutex_);
  WEERBAAR_ASSIGN(const auto lock, this->lock());
  readable_ = nullptr;
  const Result<PeriodKeyFile> file = read_period(period);
  if (!file && file.error().code != Code::kCorrupt) return std::unexpected(file.error());
  const bool recorded = file && file->destruction;
  // An erased key is erased again, and a record written again: the first attempt may never have reached the disk.
  if (!recorded) WEERBAAR_TRY(erase(period));
  const auto created = file ? file->created : std::nullopt;
  const Destruction destruction = recorded ? *file->destruction : Destruction{when, std::string(reason)};
  WEERBAAR_TRY(write_period({period, created, Secret(), destruction}));
  WEERBAAR_TRY(add_to_list(period));
  if (const auto found = live_.find(period); found != live_.end()) {
    destroyed_.push_back(std::move(found->second.pseudonymiser));
    live_.erase(found);
  }
  return {};
}

Result<std::string> KeyStore::read_signed() const {
  WEERBAAR_ASSIGN(const Bytes content, read_required(files_, path(kSignedName), kNoteBytesMax));
  const std::string_view note = as_text(content);
  if (note.empty()) return std::string();
  const Result<Checkpoint> checkpoint = open_checkpoint(note, verifier_key(), origin());
  if (!checkpoint) {
    return fail(Code::kCorrupt, path(kSignedName) + ": " + checkpoint.error().text +
                                    "; the file is damaged, or another key's: restore it from a backup");
  }
  return std::string(note);
}

Result<std::string> KeyStore::last_signed() {
  const std::lock_guard guard(mutex_);
  return read_signed();
}

Status KeyStore::remember_signed(std::string_view note) {
  const Result<Checkpoint> next = open_checkpoint(note, verifier_key(), origin());
  if (!next) return fail(Code::kInvalid, "a note that the log did not sign: " + next.error().text);
  const std::lock_guard guard(mutex_);
  WEERBAAR_ASSIGN(const auto lock, this->lock());
  WEERBAAR_ASSIGN(const std::string last_note, read_signed());
  if (!last_note.empty()) {
    WEERBAAR_ASSIGN(const Checkpoint last, open_checkpoint(last_note, verifier_key(), origin()));
    if (next->size < last.size || (next->size == last.size && next->root != last.root)) {
      return fail(Code::kCorrupt, path(kSignedName) + ": the log signed a checkpoint of " +
                                      std::to_string(last.size.value()) +
                                      " entries that this one contradicts: is the " +
                                      "trail an old copy? Do not publish; verify the trail");
    }
  }
  return os::write_file_atomically(files_, path(kSignedName), as_bytes(note));
}

}  // namespace weerbaar::trail
