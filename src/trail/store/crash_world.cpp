#include "trail/store/crash_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "trail/format/entry.h"
#include "trail/format/merkle.h"
#include "trail/format/tail.h"

namespace weerbaar::trail::testing {
namespace {

constexpr const char* kKeys = "data/keys";
constexpr const char* kTrail = "data/trail";
constexpr const char* kOrigin = "example.org/trail";
constexpr const char* kRecordBody = R"({"file":"register.csv"})";
constexpr Time kNow{1'780'000'000'000'000, 0};
constexpr uint64_t kFileBytesMax = uint64_t{1} << 30U;
constexpr uint64_t kSendAgain = 8'192;  // events a call

std::vector<Bytes> all_entries(const Trail& trail) {
  std::vector<Bytes> entries(trail.size().value());
  for (uint64_t i = 0; i < entries.size(); ++i) WEERBAAR_CHECK(trail.entry(EntryIndex(i), entries[i]).has_value());
  return entries;
}

// What follows the last whole batch of the youngest tail; nothing when there is no tail.
uint64_t torn_bytes_on_disk(os::FileSystem& files) {
  const std::string directory = os::join(kTrail, "tail");
  const auto names = files.list(directory);
  if (!names || names->empty()) return 0;
  const auto content = os::read_file(files, os::join(directory, names->back()), kFileBytesMax);
  if (!content) return 0;
  const auto tail = read_tail(*content);
  return tail ? tail->torn_bytes : 0;
}

}  // namespace

void add_plain_event(uint64_t number, EventBatch& batch) {
  AccessEvent event;
  event.source = "plain";
  // A multiplication by an odd number: no two alike, and none counts on from another.
  event.id = number % 3 == 0 ? batch.keep(fmt::format("run-{}", number))
                             : batch.keep(fmt::format("x{:016x}y", number * 0x9E3779B97F4A7C15U));
  event.time.micros = kNow.micros - 3'600'000'000 + static_cast<int64_t>(number) * 1'000;
  event.actor.id = batch.keep(fmt::format("u{:06}", 104'000 + number % 50));
  event.system = "BVR";
  const Subject subject{SubjectType::kBsn, batch.keep(fmt::format("{:09}", 100'000'000 + number % 1'000)), {}};
  event.subjects = batch.keep(std::span(&subject, 1));
  batch.add(event);
}

void copy_files(os::FileSystem& from, os::FileSystem& to, const std::string& directory) {
  WEERBAAR_CHECK(to.make_directory(directory).has_value());
  const std::vector<std::string> names = from.list(directory).value();
  for (const std::string& name : names) {
    const std::string path = os::join(directory, name);
    if (from.list(path)) {
      copy_files(from, to, path);
      continue;
    }
    const Bytes content = os::read_file(from, path, kFileBytesMax).value();
    WEERBAAR_CHECK(os::write_file_atomically(to, path, content).has_value());
  }
}

TrailOptions World::options(os::FileSystem& files) const {
  TrailOptions options;
  options.files = &files;
  options.directory = kTrail;
  options.keys = keys_.get();
  options.clock = [] { return kNow; };
  options.seal_in_background = settings_.seal_in_background;
  options.chapter_segments = settings_.chapter_segments;
  return options;
}

Status World::create(os::FileSystem& files) {
  WEERBAAR_TRY(files.make_directory("data"));
  WEERBAAR_ASSIGN(keys_, KeyStore::create(files, kKeys, kOrigin));
  WEERBAAR_TRY(Trail::create(options(files)));
  keys_ = nullptr;
  created_ = true;
  return {};
}

Status World::open(os::FileSystem& files) {
  WEERBAAR_ASSIGN(keys_, KeyStore::open(files, kKeys));
  WEERBAAR_ASSIGN(trail_, Trail::open(options(files), Access::kAppend));
  return {};
}

// After an error nothing is taken in any more.
Status World::stopped(const Error& error) {
  EventBatch batch;
  add_plain_event(sent_, batch);
  const auto receipt = trail_->append(batch.events());
  if (receipt || receipt.error().code != Code::kStopped) complain("an append after a failure was not refused");
  const auto index = trail_->append_record("import", kRecordBody);
  if (index || index.error().code != Code::kStopped) complain("a record after a failure was not refused");
  const auto note = trail_->sign();
  if (note || note.error().code != Code::kStopped) complain("a signature after a failure was not refused");
  return std::unexpected(error);
}

void World::acknowledge() {
  under_way_.clear();
  while (entries_.size() < trail_->size().value()) {
    Bytes bytes;
    WEERBAAR_CHECK(trail_->entry(EntryIndex(entries_.size()), bytes).has_value());
    entries_.push_back(std::move(bytes));
  }
}

Status World::append(uint64_t events) {
  EventBatch batch;
  under_way_.clear();
  for (uint64_t i = 0; i < events; ++i) {
    add_plain_event(sent_, batch);
    under_way_.push_back(to_json(batch.events().back()));
    ++sent_;
  }
  const auto receipt = trail_->append(batch.events());
  if (!receipt) return stopped(receipt.error());
  if (receipt->accepted != events || receipt->size != trail_->size()) complain("a receipt counts wrongly");
  acknowledge();
  return {};
}

Status World::append_record() {
  under_way_ = {kRecordBody};
  const auto index = trail_->append_record("import", kRecordBody);
  if (!index) return stopped(index.error());
  acknowledge();
  return {};
}

Status World::sign() {
  const auto note = trail_->sign();
  if (!note) return stopped(note.error());
  notes_.push_back(*note);
  return {};
}

Status World::finish_sealing() {
  if (const Status status = trail_->finish_sealing(); !status) return stopped(status.error());
  return {};
}

void World::leave() {
  trail_ = nullptr;
  keys_ = nullptr;
}

std::vector<std::string> World::broken_claims(os::FileSystem& files) {
  WEERBAAR_CHECK(trail_ == nullptr);
  if (reopen(files)) {
    created_ = true;
    check_entries();
    check_roots();
    send_again();
    check_each_once();
    acknowledge();
    if (const auto note = trail_->sign()) {
      notes_.push_back(*note);
    } else {
      complain("signing again fails: " + note.error().text);
    }
    if (torn_bytes_on_disk(files) != 0) complain("what was torn off is still there");
  }
  leave();
  return std::exchange(complaints_, {});
}

// False when there is nothing to judge: the making itself was cut off, and nobody was told that it succeeded.
bool World::reopen(os::FileSystem& files) {
  const uint64_t torn = torn_bytes_on_disk(files);
  const Status status = open(files);
  if (!status) {
    const bool fair = !created_ && status.error().code == Code::kNotFound;
    if (!fair) complain("opening again fails: " + status.error().text);
    return false;
  }
  if (trail_->recovery().torn_bytes != torn) {
    complain(fmt::format("{} bytes were torn off, and {} are told", torn, trail_->recovery().torn_bytes));
  }
  torn_bytes_ += torn;
  return true;
}

// Those acknowledged are there in order, byte for byte; what follows is the beginning of what was being written.
void World::check_entries() {
  const std::vector<Bytes> now = all_entries(*trail_);
  const auto parted = std::ranges::mismatch(entries_, now).in1;
  if (parted != entries_.end()) {
    complain(fmt::format("acknowledged entry {} of {} is another or missing", parted - entries_.begin(),
                         entries_.size()));
    return;
  }
  if (now.size() - entries_.size() > under_way_.size()) {
    complain("there is more than was ever written");
    return;
  }
  for (size_t i = entries_.size(); i < now.size(); ++i) check_content(i, now[i]);
}

void World::check_content(uint64_t index, const Bytes& bytes) {
  const std::string& wanted = under_way_[index - entries_.size()];
  Entry entry;
  if (!entry.decode(bytes)) {
    complain(fmt::format("entry {} is no entry", index));
    return;
  }
  if (!entry.is_event()) {
    if (entry.record().body != wanted) complain(fmt::format("entry {} is another record", index));
    return;
  }
  const auto key = keys_->period(Period{entry.event().period});
  EventBatch out;
  if (!key || !decode(entry.event(), Disclosure::kIdentities, *key, out)) {
    complain(fmt::format("entry {} cannot be read with the keys", index));
  } else if (to_json(out.events()[0]) != wanted) {
    complain(fmt::format("entry {} is another event", index));
  }
}

// The trail answers with roots that its entries have, and still agrees with every checkpoint that left the house.
void World::check_roots() {
  std::vector<Hash> leaves;
  for (const Bytes& entry : all_entries(*trail_)) leaves.push_back(leaf_hash(entry));
  const auto root = trail_->root(trail_->size());
  if (!root || *root != tree_root(leaves)) complain("the root is not that of the entries");
  for (const std::string& note : notes_) {
    const auto checkpoint = open_checkpoint(note, keys_->verifier_key(), kOrigin);
    if (!checkpoint || checkpoint->size > trail_->size()) {
      complain("a checkpoint signs more than there is");
    } else if (tree_root(std::span(leaves).first(checkpoint->size.value())) != checkpoint->root) {
      complain(fmt::format("the checkpoint of {} entries signs another tree", checkpoint->size.value()));
    }
  }
}

void World::send_again() {
  const uint64_t size = trail_->size().value();
  uint64_t accepted = 0;
  for (uint64_t first = 0; first < sent_; first += kSendAgain) {
    EventBatch batch;
    for (uint64_t i = first; i < std::min(sent_, first + kSendAgain); ++i) add_plain_event(i, batch);
    const auto receipt = trail_->append(batch.events());
    if (!receipt) {
      complain("sending again fails: " + receipt.error().text);
      return;
    }
    accepted += receipt->accepted;
    if (!receipt->refused.empty()) complain("an event was refused when it was sent again");
  }
  if (trail_->size().value() != size + accepted) complain("the trail did not grow by what it accepted");
}

void World::check_each_once() {
  std::map<std::string, uint64_t, std::less<>> times;
  Entry entry;
  const std::vector<Bytes> now = all_entries(*trail_);
  for (const Bytes& bytes : now) {
    if (!entry.decode(bytes)) {
      complain("an entry cannot be decoded");
    } else if (entry.is_event()) {
      ++times[std::string(entry.event().id)];
    }
  }
  for (uint64_t i = 0; i < sent_; ++i) {
    EventBatch batch;
    add_plain_event(i, batch);
    const auto found = times.find(batch.events()[0].id);
    const uint64_t count = found == times.end() ? 0 : found->second;
    if (count != 1) complain(fmt::format("event {} is there {} times", i, count));
  }
  if (times.size() != sent_) complain("the trail holds events that nobody sent");
}

}  // namespace weerbaar::trail::testing
