// A process appends to a trail and is killed with SIGKILL at a random moment, again and again on the same directory:
// what it told the world before it died is there, in order, once, and the trail verifies.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "base/check.h"
#include "os/testing.h"
#include "trail/store/crash_world.h"
#include "trail/store/trail.h"
#include "trail/verify/verify.h"

namespace weerbaar::trail {
namespace {

using testing::add_plain_event;

constexpr const char* kOrigin = "example.org/killed";
constexpr uint64_t kBatchMax = 400;
constexpr int kExitFailed = 3;
// A batch brings no more records about indexes with it.
constexpr uint64_t kRecordsMax = 4;

// What the process tells the world; a pipe takes it whole or not at all.
struct Message {
  enum class Kind : uint64_t { kOpened, kAcknowledged, kSigned } kind;
  uint64_t size;  // of the tree
  Hash root;      // of kSigned
};
static_assert(sizeof(Message) <= PIPE_BUF);

TrailOptions options_for(const std::string& directory, KeyStore* keys) {
  TrailOptions options;
  options.files = &os::real_file_system();
  options.directory = os::join(directory, "trail");
  options.keys = keys;
  options.clock = [] { return Time{1'780'000'000'000'000, 0}; };
  options.index_merge_width = 2;
  return options;
}

struct Opened {
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<Trail> trail;
};

Result<Opened> open_trail(const std::string& directory) {
  Opened opened;
  WEERBAAR_ASSIGN(opened.keys, KeyStore::open(os::real_file_system(), os::join(directory, "keys")));
  WEERBAAR_ASSIGN(opened.trail, Trail::open(options_for(directory, opened.keys.get()), Access::kAppend));
  return opened;
}

void create_trail(const std::string& directory) {
  const auto keys = KeyStore::create(os::real_file_system(), os::join(directory, "keys"), kOrigin).value();
  WEERBAAR_CHECK(Trail::create(options_for(directory, keys.get())).has_value());
}

// Entries that are no events: records about indexes, which the trail adds by itself.
uint64_t records_in(const Trail& trail) {
  uint64_t records = 0;
  for (uint64_t number = 0; number < trail.sealed().count(); ++number) {
    records += trail.sealed().segment(number).value()->record_rows().size();
  }
  for (const auto& tail : trail.tails()) records += tail->record_rows().size();
  return records;
}

// Event n is the n-th entry that is an event.
void make_events(uint64_t first, uint64_t count, EventBatch& batch) {
  for (uint64_t number = first; number < first + count; ++number) add_plain_event(number, batch);
}

// --- the process that is killed

Status write_without_end(const std::string& directory, uint64_t seed, int world) {
  const auto tell = [&](Message::Kind kind, uint64_t size, const Hash& root) {
    const Message message{kind, size, root};
    WEERBAAR_CHECK(::write(world, &message, sizeof message) == sizeof message);
  };
  WEERBAAR_ASSIGN(const Opened opened, open_trail(directory));
  Trail& trail = *opened.trail;
  tell(Message::Kind::kOpened, trail.size().value(), {});
  std::mt19937_64 random(seed);
  uint64_t sent = trail.size().value() - records_in(trail);
  for (;;) {
    EventBatch batch;
    make_events(sent, 1 + random() % kBatchMax, batch);
    WEERBAAR_ASSIGN(const Receipt receipt, trail.append(batch.events()));
    WEERBAAR_CHECK(receipt.accepted == batch.size());
    sent += batch.size();
    tell(Message::Kind::kAcknowledged, receipt.size.value(), {});
    if (random() % 4 == 0) {
      WEERBAAR_TRY(trail.sign());
      tell(Message::Kind::kSigned, trail.checkpoint().size.value(), trail.checkpoint().root);
    }
  }
}

class Writer {
 public:
  Writer(const std::string& directory, uint64_t seed) {
    int ends[2];
    WEERBAAR_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    world_ = ends[0];
    process_ = ::fork();
    WEERBAAR_CHECK(process_ >= 0);
    if (process_ == 0) {
      ::close(ends[0]);
      const Status status = write_without_end(directory, seed, ends[1]);
      fmt::print(stderr, "{}\n", status.error().text);
      ::_exit(kExitFailed);
    }
    ::close(ends[1]);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { ::close(world_); }

  // Waits until the trail is open, or the process died of something.
  void wait_until_open() const {
    pollfd ready{world_, POLLIN, 0};
    WEERBAAR_CHECK(::poll(&ready, 1, -1) == 1);
  }

  // Kills it, and gives what it said.
  std::vector<Message> kill() {
    ::kill(process_, SIGKILL);
    int status = 0;
    WEERBAAR_CHECK(::waitpid(process_, &status, 0) == process_);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    std::vector<Message> said;
    Message message{};
    while (::read(world_, &message, sizeof message) == sizeof message) said.push_back(message);
    return said;
  }

 private:
  pid_t process_ = -1;
  int world_ = -1;
};

// --- the world, which remembers

class Killing : public ::testing::Test {
 protected:
  // One life of the writer, and what is left of it.
  void live_and_die(std::chrono::microseconds after, bool once_open, uint64_t seed) {
    Writer writer(directory_.path(), seed);
    if (once_open) writer.wait_until_open();
    std::this_thread::sleep_for(after);
    for (const Message& message : writer.kill()) {
      told_ = std::max(told_, message.size);
      if (message.kind == Message::Kind::kSigned) signed_.push_back(message);
    }
    check();
  }

  void check() {
    const auto opened = open_trail(directory_.path());
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    Trail& trail = *opened->trail;
    const uint64_t size = trail.size().value();
    ASSERT_GE(size, told_);
    ASSERT_LE(size, told_ + kBatchMax + kRecordsMax);
    if (checked_ > 0) {
      EXPECT_EQ(trail.root(TreeSize(checked_)).value(), checked_root_);
    }
    check_entries(trail, checked_, size);
    const uint64_t events = size - records_in(trail);
    for (const Message& note : signed_) EXPECT_EQ(trail.root(TreeSize(note.size)).value(), note.root);
    signed_.clear();

    // The source sends again what it has no receipt for, and some that it has.
    EventBatch again;
    const uint64_t first = events - std::min<uint64_t>(events, 50);
    make_events(first, events - first + 10, again);
    const auto receipt = trail.append(again.events());
    ASSERT_TRUE(receipt.has_value()) << receipt.error().text;
    EXPECT_EQ(receipt->duplicates, events - first);
    EXPECT_EQ(receipt->accepted, 10U);
    EXPECT_TRUE(trail.sign().has_value());
    checked_events_ += receipt->accepted;
    told_ = checked_ = trail.size().value();
    checked_root_ = trail.root(trail.size()).value();
    verify_all(*opened);
  }

  void check_entries(const Trail& trail, uint64_t first, uint64_t end) {
    Bytes bytes;
    Entry entry;
    for (uint64_t index = first; index < end; ++index) {
      EventBatch batch;
      add_plain_event(checked_events_, batch);
      bytes.clear();
      ASSERT_TRUE(trail.entry(EntryIndex(index), bytes));
      ASSERT_TRUE(entry.decode(bytes));
      if (!entry.is_event()) continue;
      ++checked_events_;
      ASSERT_EQ(entry.event().id, batch.events()[0].id) << "entry " << index;
    }
  }

  void verify_all(const Opened& opened) {
    VerifyOptions options;
    options.files = &os::real_file_system();
    options.directory = os::join(directory_.path(), "trail");
    options.key = opened.keys->verifier_key();
    options.origin = kOrigin;
    options.remembered = opened.keys->last_signed().value();
    const auto report = verify(options);
    ASSERT_TRUE(report.has_value()) << report.error().text;
    for (const Problem& problem : report->problems) ADD_FAILURE() << problem.where << ": " << problem.what;
    EXPECT_TRUE(report->ok);
    EXPECT_EQ(report->size.value(), checked_);
    EXPECT_EQ(report->root, checked_root_);
  }

  os::TemporaryDirectory directory_;
  uint64_t told_ = 0;  // entries that the world may count on
  std::vector<Message> signed_;
  uint64_t checked_ = 0;
  uint64_t checked_events_ = 0;  // of the entries below
  Hash checked_root_{};
};

TEST_F(Killing, what_was_acknowledged_survives_and_verifies) {
  create_trail(directory_.path());
  std::mt19937_64 random(9);
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    // Now and then it dies while it opens.
    live_and_die(std::chrono::microseconds(1'000 + random() % 59'000), round % 5 != 0, random());
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(checked_, 40U * 10);
}

// The edge of a segment is crossed within a life or two, and sealing goes on behind it until the process dies of it. A
// slow machine takes more lives.
TEST_F(Killing, so_it_does_while_segments_are_sealed) {
  os::TemporaryDirectory before;
  create_trail(before.path());
  {
    const auto opened = open_trail(before.path());
    ASSERT_TRUE(opened.has_value());
    for (uint64_t number = 0; number < kSegmentEntries - 1'000; number += 4'034) {
      EventBatch batch;
      make_events(number, 4'034, batch);
      ASSERT_TRUE(opened->trail->append(batch.events()).has_value());
    }
    ASSERT_LT(opened->trail->size().value(), kSegmentEntries);
  }
  constexpr int kLivesMax = 50;
  std::mt19937_64 random(10);
  for (int round = 0; round < 8; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    std::filesystem::remove_all(directory_.path());
    std::filesystem::copy(before.path(), directory_.path(), std::filesystem::copy_options::recursive);
    told_ = checked_ = checked_events_ = 0;
    for (int life = 0; life < 2 || (checked_ <= kSegmentEntries && life < kLivesMax); ++life) {
      live_and_die(std::chrono::microseconds(1'000 + random() % 250'000), true, random());
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(checked_, kSegmentEntries);
  }
}

}  // namespace
}  // namespace weerbaar::trail
