#include "trail/store/crash_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "trail/format/entry.h"
#include "trail/format/merkle.h"
#include "trail/format/tail.h"
#include "trail/store/index_writer.h"

namespace weerbaar::trail::testing {
namespace {

constexpr const char* kKeys = "data/keys";
constexpr const char* kTrail = "data/trail";
constexpr const char* kOrigin = "example.org/trail";
constexpr const char* kRecordBody = R"({"file":"register.csv"})";
constexpr Time kNow{1'780'000'000'000'000, 0};
constexpr uint64_t kFileBytesMax = uint64_t{1} << 30U;
constexpr uint64_t kSendAgain = 8'192;  // events a call

// An id that does not count, another for every number.
std::string letters(uint64_t number) {
  std::string text;
  for (uint64_t rest = number * 0x9E3779B97F4A7C15U; rest != 0; rest /= 26) text += static_cast<char>('a' + rest % 26);
  return text;
}

// Reads the entries behind those that `entries` has already.
void read_entries(const Trail& trail, std::vector<Bytes>& entries) {
  for (uint64_t i = entries.size(); i < trail.size().value(); ++i) {
    WEERBAAR_CHECK(trail.entry(EntryIndex(i), entries.emplace_back()).has_value());
  }
}

// The commitment that an entry is the record of, if it is one.
std::optional<IndexCommitment> commitment_in(const Bytes& bytes) {
  Entry entry;
  if (!entry.decode(bytes) || entry.is_event() || entry.record().type != kIndexRecordType) return std::nullopt;
  const auto commitment = parse_index_commitment(entry.record().body);
  return commitment ? std::optional(*commitment) : std::nullopt;
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
  event.id = batch.keep(number % 3 == 0 ? fmt::format("run-{}", number) : letters(number));
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

World::World(const World& other, Settings settings)
    : settings_(settings),
      created_(other.created_),
      sent_(other.sent_),
      entries_(other.entries_),
      notes_(other.notes_) {
  WEERBAAR_CHECK(other.trail_ == nullptr);
}

TrailOptions World::options(os::FileSystem& files) const {
  TrailOptions options;
  options.files = &files;
  options.directory = kTrail;
  options.keys = keys_.get();
  options.clock = [] { return kNow; };
  options.seal_in_background = settings_.seal_in_background;
  options.index_merge_width = settings_.index_merge_width;
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
  read_entries(*trail_, entries_);
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

std::vector<std::string> World::carry_on(os::FileSystem& files) {
  if (reopen(files)) {
    check_entries();
    const bool record = under_way_ == std::vector<std::string>{kRecordBody};
    send_again(record ? sent_ : sent_ - under_way_.size());
    acknowledge();
    sign_again(files);
  }
  leave();
  return std::exchange(complaints_, {});
}

std::vector<std::string> World::judge(os::FileSystem& files) {
  if (reopen(files)) {
    check_entries();
    check_roots();
    check_segments();
    send_again(0);
    check_each_once();
    check_indexes();
    sign_again(files);
  }
  leave();
  return std::exchange(complaints_, {});
}

// False when there is nothing to judge: the making itself was cut off, and nobody was told that it succeeded.
bool World::reopen(os::FileSystem& files) {
  WEERBAAR_CHECK(trail_ == nullptr);
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
  created_ = true;
  return true;
}

// Those acknowledged are there in order, byte for byte; what follows is the beginning of what was being written.
void World::check_entries() {
  now_.clear();
  read_entries(*trail_, now_);
  const auto parted = std::ranges::mismatch(entries_, now_).in1;
  if (parted != entries_.end()) {
    complain(
        fmt::format("acknowledged entry {} of {} is another or missing", parted - entries_.begin(), entries_.size()));
    return;
  }
  // The trail itself adds records about its indexes.
  size_t number = 0;
  for (size_t i = entries_.size(); i < now_.size(); ++i) {
    if (commitment_in(now_[i])) continue;
    if (number == under_way_.size()) {
      complain("there is more than was ever written");
      return;
    }
    check_content(i, now_[i], under_way_[number++]);
  }
}

void World::check_content(uint64_t index, const Bytes& bytes, const std::string& wanted) {
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
  const std::vector<ByteView> entries(now_.begin(), now_.end());
  std::vector<Hash> leaves(entries.size());
  leaf_hashes(entries, leaves);
  const auto root = trail_->root(trail_->size());
  if (!root || *root != tree_root(leaves)) complain("the root is not that of the entries");
  const auto last = open_checkpoint(keys_->last_signed().value_or(""), keys_->verifier_key(), kOrigin);
  for (const std::string& note : notes_) {
    const auto checkpoint = open_checkpoint(note, keys_->verifier_key(), kOrigin);
    if (checkpoint && (!last || last->size < checkpoint->size)) complain("the keys forgot a checkpoint");
    if (!checkpoint || checkpoint->size > trail_->size()) {
      complain("a checkpoint signs more than there is");
    } else if (tree_root(std::span(leaves).first(checkpoint->size.value())) != checkpoint->root) {
      complain(fmt::format("the checkpoint of {} entries signs another tree", checkpoint->size.value()));
    }
  }
}

// Every full tail is sealed, and every segment has its index.
void World::check_segments() {
  if (const Status status = trail_->finish_sealing(); !status) {
    complain("sealing fails: " + status.error().text);
    return;
  }
  const SealedSegments& sealed = trail_->sealed();
  if (sealed.count() != trail_->size().value() / kSegmentEntries) complain("a full tail was not sealed");
  if (!sealed.indexes()->bare.empty()) complain("an index was not made");
}

// Each record about an index says what the entries say, and none is there twice; together they cover all that is there.
void World::check_indexes() {
  if (const Status status = trail_->commit_tail_index(); !status) {
    complain("committing the indexes fails: " + status.error().text);
    return;
  }
  now_.clear();
  read_entries(*trail_, now_);
  const std::vector<ByteView> entries(now_.begin(), now_.end());
  std::set<std::pair<uint64_t, uint64_t>> ranges;
  for (size_t i = 0; i < now_.size(); ++i) {
    const auto commitment = commitment_in(now_[i]);
    if (!commitment) continue;
    if (commitment->end > i) {
      complain("an index is committed before its entries");
      continue;
    }
    if (!ranges.emplace(commitment->first, commitment->end).second) complain("an index is committed twice");
    // Larger ones are merged from these.
    const uint64_t count = commitment->end - commitment->first;
    if (count > kSegmentEntries) continue;
    const auto index = index_of(commitment->first, std::span(entries).subspan(commitment->first, count));
    const auto file = index ? IndexFile::open(*index) : std::unexpected(index.error());
    if (!file || file->commitment() != *commitment) complain("a record commits another index than that of its entries");
  }
  const auto committed = trail_->committed_indexes(trail_->size());
  if (!committed) {
    complain("the indexes do not cover the trail: " + committed.error().text);
    return;
  }
  const uint64_t end = committed->empty() ? 0 : committed->back().commitment.end;
  if (end + 1 < trail_->size().value()) complain("entries are in no committed index");
}

// The next event that is sent again.
uint64_t World::after(uint64_t number) const {
  constexpr uint64_t kRecent = 1'000;
  return number + kRecent < sent_ ? std::min(number + settings_.old_events_step, sent_ - kRecent) : number + 1;
}

// Events from `first` on; those that are there already change nothing.
void World::send_again(uint64_t first) {
  const uint64_t size = trail_->size().value();
  uint64_t accepted = 0;
  while (first < sent_) {
    EventBatch batch;
    for (; first < sent_ && batch.size() < kSendAgain; first = after(first)) add_plain_event(first, batch);
    const auto receipt = trail_->append(batch.events());
    if (!receipt) {
      complain("sending again fails: " + receipt.error().text);
      return;
    }
    accepted += receipt->accepted;
    if (!receipt->refused.empty()) complain("an event was refused when it was sent again");
  }
  std::vector<Bytes> all(size);
  read_entries(*trail_, all);
  const auto records = std::count_if(all.begin() + static_cast<long>(size), all.end(), commitment_in);
  if (trail_->size().value() != size + accepted + static_cast<uint64_t>(records)) {
    complain("the trail did not grow by what it accepted");
  }
}

void World::sign_again(os::FileSystem& files) {
  if (const auto note = trail_->sign()) {
    notes_.push_back(*note);
  } else {
    complain("signing again fails: " + note.error().text);
  }
  if (trail_->recovery().torn_bytes > 0 && torn_bytes_on_disk(files) != 0) {
    complain("what was torn off is still there");
  }
}

// From here on all that is there counts as acknowledged.
void World::check_each_once() {
  under_way_.clear();
  entries_ = std::move(now_);
  read_entries(*trail_, entries_);
  std::unordered_map<std::string_view, uint64_t> times;
  Entry entry;
  for (const Bytes& bytes : entries_) {
    if (!entry.decode(bytes)) {
      complain("an entry cannot be decoded");
    } else if (entry.is_event()) {
      ++times[entry.event().id];
    }
  }
  if (times.size() != sent_) complain(fmt::format("{} events were sent, and {} are there", sent_, times.size()));
  for (const auto& [id, count] : times) {
    if (count != 1) complain(fmt::format("the event {} is there {} times", id, count));
  }
  for (uint64_t i = 0; i < sent_; i = after(i)) {
    EventBatch batch;
    add_plain_event(i, batch);
    if (!times.contains(batch.events()[0].id)) complain(fmt::format("event {} is not there", i));
  }
}

}  // namespace weerbaar::trail::testing
