#include "trail/privacy/key_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "os/faulty.h"
#include "os/memory.h"
#include "trail/format/checkpoint.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kDirectory = "keys";
constexpr const char* kOrigin = "weerbaar.example/trail";
constexpr Period kQuarter{8104};  // 2026-Q1
constexpr const char* kKeyPath = "keys/periods/2026-Q1.key";
constexpr os::Fault kFaults[] = {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite,
                                 os::Fault::kFailedSync};
constexpr uint64_t kCrashSeeds = 12;

Time at(std::string_view text) {
  return parse_time(text).value();
}

std::unique_ptr<KeyStore> create(os::FileSystem& files) {
  return KeyStore::create(files, kDirectory, kOrigin).value();
}

Result<std::unique_ptr<KeyStore>> open(os::FileSystem& files) {
  return KeyStore::open(files, kDirectory);
}

// What tells one key from another.
uint64_t probe(const Pseudonymiser& key) {
  return key.encrypt_digits(Domain::kSubjectBsn, "123456782");
}

uint64_t probe(KeyStore& store, Period period) {
  return probe(*store.period(period).value());
}

Bytes content_of(os::FileSystem& files, const std::string& path) {
  return os::read_file(files, path, 1 << 20).value();
}

void put(os::FileSystem& files, const std::string& path, ByteView content) {
  ASSERT_TRUE(os::write_file_atomically(files, path, content).has_value());
}

std::string checkpoint(const SigningKey& key, uint64_t size, uint8_t root) {
  Checkpoint checkpoint;
  checkpoint.origin = key.verifier().name;
  checkpoint.size = TreeSize(size);
  checkpoint.root.fill(root);
  return sign_checkpoint(checkpoint, key).value();
}

template <class T>
Code code_of(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result.has_value() ? Code::kStopped : result.error().code;
}

TEST(KeyStore, a_new_store_has_a_signing_key_that_survives) {
  os::MemoryFileSystem files;
  const std::string text = create(files)->signing_key().format().value();
  files.crash(0);
  const auto store = open(files).value();
  EXPECT_EQ(store->origin(), kOrigin);
  EXPECT_EQ(store->signing_key().format().value(), text);
  EXPECT_EQ(as_text(content_of(files, "keys/signing.key")), text + "\n");
  EXPECT_TRUE(text.starts_with("PRIVATE+KEY+weerbaar.example/trail+"));
  EXPECT_TRUE(store->verifier_key().format().starts_with("weerbaar.example/trail+"));
  EXPECT_EQ(store->last_signed().value(), "");
  EXPECT_TRUE(store->periods().value().empty());
}

TEST(KeyStore, two_stores_never_have_the_same_keys) {
  os::MemoryFileSystem one;
  os::MemoryFileSystem other;
  const auto a = create(one);
  const auto b = create(other);
  EXPECT_NE(a->verifier_key(), b->verifier_key());
  EXPECT_NE(probe(*a->period_or_create(kQuarter).value()), probe(*b->period_or_create(kQuarter).value()));
}

TEST(KeyStore, is_never_made_over_another_one) {
  os::MemoryFileSystem files;
  create(files);
  EXPECT_EQ(code_of(KeyStore::create(files, kDirectory, kOrigin)), Code::kExists);
}

TEST(KeyStore, is_never_made_over_what_is_left_of_another_one) {
  for (const char* left : {"keys/signed", "keys/made", kKeyPath}) {
    os::MemoryFileSystem files;
    {
      const auto store = create(files);
      ASSERT_TRUE(store->period_or_create(kQuarter).has_value());
      ASSERT_TRUE(store->remember_signed(checkpoint(store->signing_key(), 1, 1)).has_value());
    }
    for (const char* lost : {"keys/signing.key", "keys/signed", "keys/made", kKeyPath}) {
      if (std::string_view(lost) != left) {
        ASSERT_TRUE(files.remove(lost).has_value());
      }
    }
    EXPECT_EQ(code_of(KeyStore::create(files, kDirectory, kOrigin)), Code::kExists) << left;
    EXPECT_EQ(code_of(open(files)), Code::kNotFound) << left;
  }
}

TEST(KeyStore, refuses_an_origin_that_cannot_name_a_key) {
  os::MemoryFileSystem files;
  for (const char* wrong : {"", "two words", "a+b", "line\n"}) {
    EXPECT_EQ(code_of(KeyStore::create(files, kDirectory, wrong)), Code::kInvalid) << wrong;
  }
  EXPECT_FALSE(files.exists(kDirectory));
}

TEST(KeyStore, a_period_keeps_its_key_and_has_its_own) {
  os::MemoryFileSystem files;
  uint64_t first = 0;
  {
    const auto store = create(files);
    EXPECT_EQ(code_of(store->period(kQuarter)), Code::kNotFound);
    const Pseudonymiser* const key = store->period_or_create(kQuarter).value();
    first = probe(*key);
    EXPECT_EQ(store->period(kQuarter).value(), key);
    EXPECT_EQ(store->period_or_create(kQuarter).value(), key);
    EXPECT_NE(probe(*store->period_or_create(Period{8105}).value()), first);
  }
  files.crash(0);
  const auto store = open(files).value();
  EXPECT_EQ(probe(*store, kQuarter), first);
  EXPECT_EQ(probe(*store->period_or_create(kQuarter).value()), first);
  EXPECT_EQ(code_of(store->period_or_create(Period{3})), Code::kInvalid);
}

TEST(KeyStore, two_open_stores_agree_on_a_new_key) {
  os::MemoryFileSystem files;
  const auto one = create(files);
  const auto other = open(files).value();
  EXPECT_EQ(probe(*one->period_or_create(kQuarter).value()), probe(*other->period_or_create(kQuarter).value()));
}

TEST(KeyStore, threads_that_need_a_new_key_get_the_same_one) {
  os::MemoryFileSystem files;
  const auto store = create(files);
  std::vector<const Pseudonymiser*> keys(4);
  {
    std::vector<std::jthread> threads;
    for (auto& key : keys) threads.emplace_back([&] { key = store->period_or_create(kQuarter).value(); });
  }
  for (const auto* key : keys) EXPECT_EQ(key, keys[0]);
}

TEST(KeyStore, changes_wait_for_whoever_holds_the_lock) {
  os::MemoryFileSystem files;
  const auto store = create(files);
  const auto lock = files.lock("keys/lock").value();
  EXPECT_EQ(code_of(store->period_or_create(kQuarter)), Code::kBusy);
  EXPECT_EQ(code_of(store->destroy(kQuarter, at("2033-04-01T00:00:00Z"), "x")), Code::kBusy);
  EXPECT_EQ(code_of(store->remember_signed(checkpoint(store->signing_key(), 1, 1))), Code::kBusy);
}

TEST(KeyStore, a_destroyed_key_is_gone_recorded_and_never_made_again) {
  os::MemoryFileSystem files;
  const Time when = at("2033-04-01T00:00:00Z");
  {
    const auto store = create(files);
    const Pseudonymiser* const key = store->period_or_create(kQuarter).value();
    ASSERT_TRUE(store->period_or_create(Period{8105}).has_value());
    ASSERT_TRUE(store->destroy(kQuarter, when, "bewaartermijn verstreken").has_value());
    EXPECT_EQ(code_of(store->period(kQuarter)), Code::kDenied);
    EXPECT_NE(probe(*key), 0U);  // pointers handed out stay valid
  }
  files.crash(0);
  const auto store = open(files).value();
  const auto refused = store->period_or_create(kQuarter);
  EXPECT_EQ(code_of(refused), Code::kDenied);
  EXPECT_NE(refused.error().text.find("2026-Q1 was destroyed on 2033-04-01T00:00:00Z"), std::string::npos);
  EXPECT_TRUE(store->period(Period{8105}).has_value());
  EXPECT_TRUE(store->destroy(kQuarter, at("2034-01-01T00:00:00Z"), "again").has_value());

  const auto periods = store->periods().value();
  ASSERT_EQ(periods.size(), 2U);
  EXPECT_EQ(periods[0].period, kQuarter);
  EXPECT_EQ(periods[0].state, PeriodState::kDestroyed);
  EXPECT_TRUE(periods[0].created.has_value());
  EXPECT_EQ(periods[0].destruction->when, when);
  EXPECT_EQ(periods[0].destruction->reason, "bewaartermijn verstreken");
  EXPECT_EQ(periods[1].state, PeriodState::kLive);
  EXPECT_FALSE(periods[1].destruction.has_value());
}

TEST(KeyStore, sees_what_another_process_made_and_destroyed_once_it_is_refreshed) {
  os::MemoryFileSystem files;
  const auto ours = create(files);
  const auto theirs = open(files).value();
  const Pseudonymiser* const held = ours->period_or_create(kQuarter).value();
  const uint64_t before = probe(*held);
  ASSERT_EQ(ours->readable().value()->alive.size(), 1U);
  const Period next{kQuarter.number + 1};
  const uint64_t made = probe(*theirs->period_or_create(next).value());
  ASSERT_TRUE(theirs->destroy(kQuarter, at("2026-07-01T00:00:00Z"), "end of term"));
  EXPECT_TRUE(ours->period(kQuarter).has_value());
  ASSERT_TRUE(ours->refresh());
  EXPECT_EQ(ours->period(kQuarter).error().code, Code::kDenied);
  EXPECT_EQ(ours->period_or_create(kQuarter).error().code, Code::kDenied);
  EXPECT_EQ(probe(*ours, next), made);
  const auto readable = ours->readable().value();
  EXPECT_EQ(readable->alive.size(), 1U);
  EXPECT_EQ(readable->destroyed, std::vector<Period>{kQuarter});
  EXPECT_EQ(probe(*held), before);
}

TEST(KeyStore, destroys_only_what_was_made_and_for_a_reason) {
  os::MemoryFileSystem files;
  const auto store = create(files);
  EXPECT_EQ(code_of(store->destroy(kQuarter, Time{}, "x")), Code::kNotFound);
  ASSERT_TRUE(store->period_or_create(kQuarter).has_value());
  EXPECT_EQ(code_of(store->destroy(kQuarter, Time{}, "")), Code::kInvalid);
  EXPECT_TRUE(store->period(kQuarter).has_value());
}

TEST(KeyStore, the_key_is_overwritten_before_its_file_is_replaced) {
  os::MemoryFileSystem inner;
  const auto before = create(inner);
  ASSERT_TRUE(before->period_or_create(kQuarter).has_value());
  const Bytes whole = content_of(inner, kKeyPath);
  os::FaultyFileSystem files(inner);
  const auto store = open(files).value();
  // Steps onward until the first one that fails after the overwriting.
  for (uint64_t step = 0; content_of(inner, kKeyPath) == whole; ++step) {
    ASSERT_LT(step, 100U);
    files.fail_at(step, os::Fault::kInputOutput, true);
    EXPECT_FALSE(store->destroy(kQuarter, Time{}, "x").has_value());
  }
  const Bytes erased = content_of(inner, kKeyPath);
  const size_t from = erase_from(whole);
  ASSERT_EQ(erased.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(erased[i], i < from ? whole[i] : 0) << i;
  EXPECT_EQ(code_of(open(inner).value()->period(kQuarter)), Code::kDenied);
}

TEST(KeyStore, a_lost_key_is_missed_and_not_replaced) {
  os::MemoryFileSystem files;
  {
    const auto store = create(files);
    ASSERT_TRUE(store->period_or_create(kQuarter).has_value());
  }
  ASSERT_TRUE(files.remove(kKeyPath).has_value());
  const auto store = open(files).value();
  EXPECT_EQ(code_of(store->period(kQuarter)), Code::kCorrupt);
  EXPECT_EQ(code_of(store->period_or_create(kQuarter)), Code::kCorrupt);
  EXPECT_FALSE(files.exists(kKeyPath));
  EXPECT_EQ(store->periods().value().at(0).state, PeriodState::kDamaged);
  ASSERT_TRUE(store->destroy(kQuarter, Time{}, "lost in a fire").has_value());
  EXPECT_EQ(code_of(store->period_or_create(kQuarter)), Code::kDenied);
}

TEST(KeyStore, a_damaged_key_is_refused_left_alone_and_can_be_destroyed) {
  os::MemoryFileSystem files;
  {
    const auto store = create(files);
    ASSERT_TRUE(store->period_or_create(kQuarter).has_value());
  }
  const Bytes whole = content_of(files, kKeyPath);
  for (const Bytes& damaged :
       {Bytes{}, Bytes(whole.size(), 0), Bytes(whole.begin(), whole.end() - 1), Bytes(5'000, 'x'), Bytes{'x'}}) {
    put(files, kKeyPath, damaged);
    const auto store = open(files).value();
    EXPECT_EQ(code_of(store->period(kQuarter)), Code::kCorrupt);
    EXPECT_EQ(code_of(store->period_or_create(kQuarter)), Code::kCorrupt);
    EXPECT_EQ(content_of(files, kKeyPath), damaged);
    EXPECT_EQ(store->periods().value().at(0).state, PeriodState::kDamaged);
  }
  put(files, kKeyPath, Bytes{'x'});
  const auto store = open(files).value();
  ASSERT_TRUE(store->destroy(kQuarter, Time{}, "damaged").has_value());
  const PeriodStatus status = store->periods().value().at(0);
  EXPECT_EQ(status.state, PeriodState::kDestroyed);
  EXPECT_FALSE(status.created.has_value());
}

TEST(KeyStore, a_key_under_the_name_of_another_period_is_refused) {
  os::MemoryFileSystem files;
  const auto store = create(files);
  ASSERT_TRUE(store->period_or_create(kQuarter).has_value());
  put(files, "keys/periods/2026-Q2.key", content_of(files, kKeyPath));
  EXPECT_EQ(code_of(store->period_or_create(Period{8105})), Code::kCorrupt);
}

TEST(KeyStore, a_missing_or_damaged_file_of_the_store_is_told_by_name) {
  for (const char* name : {"keys/signing.key", "keys/signed", "keys/made"}) {
    os::MemoryFileSystem files;
    create(files);
    put(files, name, as_bytes("PRIVATE+KEY+garbage\n"));
    const auto garbled = open(files);
    EXPECT_EQ(code_of(garbled), Code::kCorrupt);
    EXPECT_NE(garbled.error().text.find(name), std::string::npos) << garbled.error().text;
    ASSERT_TRUE(files.remove(name).has_value());
    const auto missing = open(files);
    EXPECT_EQ(code_of(missing), std::string_view(name) == "keys/signing.key" ? Code::kNotFound : Code::kCorrupt);
    EXPECT_NE(missing.error().text.find(name), std::string::npos) << missing.error().text;
  }
}

TEST(KeyStore, every_flipped_bit_of_the_signing_key_is_noticed) {
  os::MemoryFileSystem files;
  create(files);
  const Bytes whole = content_of(files, "keys/signing.key");
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes changed = whole;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    put(files, "keys/signing.key", changed);
    ASSERT_EQ(code_of(open(files)), Code::kCorrupt) << bit;
  }
}

TEST(KeyStore, remembers_the_last_checkpoint_signed) {
  os::MemoryFileSystem files;
  std::string note;
  {
    const auto store = create(files);
    ASSERT_TRUE(store->remember_signed(checkpoint(store->signing_key(), 5, 1)).has_value());
    note = checkpoint(store->signing_key(), 9, 2);
    ASSERT_TRUE(store->remember_signed(note).has_value());
    ASSERT_TRUE(store->remember_signed(note).has_value());
  }
  files.crash(0);
  EXPECT_EQ(open(files).value()->last_signed().value(), note);
}

TEST(KeyStore, refuses_a_checkpoint_that_contradicts_the_last_one) {
  os::MemoryFileSystem files;
  const auto store = create(files);
  const std::string last = checkpoint(store->signing_key(), 9, 2);
  ASSERT_TRUE(store->remember_signed(last).has_value());
  EXPECT_EQ(code_of(store->remember_signed(checkpoint(store->signing_key(), 8, 2))), Code::kCorrupt);
  EXPECT_EQ(code_of(store->remember_signed(checkpoint(store->signing_key(), 9, 3))), Code::kCorrupt);
  EXPECT_EQ(store->last_signed().value(), last);
}

TEST(KeyStore, refuses_to_remember_what_its_key_did_not_sign) {
  os::MemoryFileSystem files;
  os::MemoryFileSystem others;
  const auto store = create(files);
  const auto other = create(others);
  std::string changed = checkpoint(store->signing_key(), 9, 2);
  changed[changed.find("\n9\n") + 1] = '8';
  EXPECT_EQ(code_of(store->remember_signed(checkpoint(other->signing_key(), 9, 2))), Code::kInvalid);
  EXPECT_EQ(code_of(store->remember_signed(changed)), Code::kInvalid);
  EXPECT_EQ(code_of(store->remember_signed("")), Code::kInvalid);
  EXPECT_EQ(store->last_signed().value(), "");
}

// Runs `act` on a store with each of its steps failing in turn, in each way, once and lastingly, followed by power
// failures; `check` gets the store opened again and whether `act` had claimed success.
void with_every_failure(const std::function<void(os::FileSystem&)>& prepare,
                        const std::function<bool(os::FileSystem&)>& act,
                        const std::function<void(os::MemoryFileSystem&, bool)>& check) {
  for (const os::Fault fault : kFaults) {
    for (const bool lasting : {false, true}) {
      for (uint64_t seed = 0; seed < kCrashSeeds; ++seed) {
        bool struck = true;
        for (uint64_t step = 0; struck; ++step) {
          ASSERT_LT(step, 1'000U);
          os::MemoryFileSystem inner;
          prepare(inner);
          os::FaultyFileSystem files(inner);
          files.fail_at(step, fault, lasting);
          const bool claimed = act(files);
          struck = files.struck();
          ASSERT_TRUE(struck || claimed);
          inner.crash(seed);
          SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + ", step " + std::to_string(step) +
                       ", crash " + std::to_string(seed));
          check(inner, claimed);
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(KeyStoreCrash, create_leaves_a_store_or_can_be_done_again) {
  std::string key;
  const auto prepare = [](os::FileSystem&) {};
  const auto act = [&](os::FileSystem& files) {
    const auto store = KeyStore::create(files, kDirectory, kOrigin);
    if (store) key = (*store)->verifier_key().format();
    return store.has_value();
  };
  const auto check = [&](os::MemoryFileSystem& files, bool claimed) {
    const auto store = open(files);
    if (claimed) {
      ASSERT_TRUE(store.has_value()) << store.error().text;
      ASSERT_EQ((*store)->verifier_key().format(), key);
    } else if (!store) {
      ASSERT_EQ(store.error().code, Code::kNotFound) << store.error().text;
      const auto again = KeyStore::create(files, kDirectory, kOrigin);
      ASSERT_TRUE(again.has_value()) << again.error().text;
    }
  };
  with_every_failure(prepare, act, check);
}

TEST(KeyStoreCrash, a_key_handed_out_is_never_lost_nor_replaced) {
  uint64_t handed_out = 0;
  const auto prepare = [](os::FileSystem& files) { create(files); };
  const auto act = [&](os::FileSystem& files) {
    const auto store = open(files);
    if (!store) return false;
    auto key = (*store)->period_or_create(kQuarter);
    if (!key) {
      // After a failure others read, and the caller tries again.
      [[maybe_unused]] const auto read = (*store)->period(kQuarter);
      key = (*store)->period_or_create(kQuarter);
    }
    if (key) handed_out = probe(**key);
    return key.has_value();
  };
  const auto check = [&](os::MemoryFileSystem& files, bool claimed) {
    const auto store = open(files);
    ASSERT_TRUE(store.has_value()) << store.error().text;
    const auto key = (*store)->period_or_create(kQuarter);
    ASSERT_TRUE(key.has_value()) << key.error().text;
    if (!claimed) return;
    ASSERT_EQ(probe(**key), handed_out);
    ASSERT_TRUE(files.remove(kKeyPath).has_value());
    ASSERT_EQ(code_of(open(files).value()->period_or_create(kQuarter)), Code::kCorrupt);
  };
  with_every_failure(prepare, act, check);
}

TEST(KeyStoreCrash, a_destroyed_key_never_comes_back_and_a_failed_destruction_can_be_finished) {
  uint64_t key = 0;
  const auto prepare = [&](os::FileSystem& files) { key = probe(*create(files)->period_or_create(kQuarter).value()); };
  const auto act = [](os::FileSystem& files) {
    const auto store = open(files);
    if (!store) return false;
    Status destroyed = (*store)->destroy(kQuarter, Time{}, "first");
    if (!destroyed) destroyed = (*store)->destroy(kQuarter, Time{}, "first");
    return destroyed.has_value();
  };
  const auto check = [&](os::MemoryFileSystem& files, bool claimed) {
    const auto store = open(files);
    ASSERT_TRUE(store.has_value()) << store.error().text;
    const auto found = (*store)->period_or_create(kQuarter);
    if (claimed) {
      ASSERT_EQ(code_of(found), Code::kDenied);
      ASSERT_TRUE((*store)->periods().value().at(0).destruction.has_value());
    } else if (found) {
      ASSERT_EQ(probe(**found), key);
    }
    const Status destroyed = (*store)->destroy(kQuarter, Time{}, "second");
    ASSERT_TRUE(destroyed.has_value()) << destroyed.error().text;
    files.crash(0);
    const auto after = open(files).value();
    ASSERT_EQ(code_of(after->period_or_create(kQuarter)), Code::kDenied);
    const std::string reason = after->periods().value().at(0).destruction.value().reason;
    ASSERT_TRUE(reason == "first" || (reason == "second" && !claimed)) << reason;
  };
  with_every_failure(prepare, act, check);
}

TEST(KeyStoreCrash, a_remembered_checkpoint_is_never_forgotten) {
  std::string first;
  std::string second;
  const auto prepare = [&](os::FileSystem& files) {
    const auto store = create(files);
    first = checkpoint(store->signing_key(), 1, 1);
    second = checkpoint(store->signing_key(), 2, 2);
    ASSERT_TRUE(store->remember_signed(first).has_value());
  };
  const auto act = [&](os::FileSystem& files) {
    const auto store = open(files);
    return store && (*store)->remember_signed(second).has_value();
  };
  const auto check = [&](os::MemoryFileSystem& files, bool claimed) {
    const auto store = open(files);
    ASSERT_TRUE(store.has_value()) << store.error().text;
    const std::string last = (*store)->last_signed().value();
    ASSERT_TRUE(last == second || (last == first && !claimed));
  };
  with_every_failure(prepare, act, check);
}

TEST(KeyStore, on_the_real_file_system_only_the_owner_can_read_it) {
  std::string directory = (std::filesystem::temp_directory_path() / "weerbaar-keys-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string keys = os::join(directory, "keys");
  os::FileSystem& files = os::real_file_system();
  uint64_t key = 0;
  {
    const auto store = KeyStore::create(files, keys, kOrigin).value();
    key = probe(*store->period_or_create(kQuarter).value());
    ASSERT_TRUE(store->period_or_create(Period{8105}).has_value());
    ASSERT_TRUE(store->destroy(Period{8105}, os::now(), "x").has_value());
  }
  const auto store = KeyStore::open(files, keys).value();
  EXPECT_EQ(probe(*store, kQuarter), key);
  EXPECT_EQ(code_of(store->period(Period{8105})), Code::kDenied);
  const auto mode_of = [&](const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(os::join(keys, path).c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
  };
  EXPECT_EQ(mode_of(""), 0700U);
  EXPECT_EQ(mode_of("periods"), 0700U);
  EXPECT_EQ(mode_of("signing.key"), 0600U);
  EXPECT_EQ(mode_of("periods/2026-Q1.key"), 0600U);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace weerbaar::trail
