// A trail in memory with its keys, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "os/memory.h"
#include "trail/store/testing.h"
#include "trail/store/trail.h"

namespace weerbaar::trail::testing {

class TrailFixture : public ::testing::Test {
 protected:
  static constexpr std::string_view kOrigin = "example.org/trail";

  void SetUp() override {
    auto keys = KeyStore::create(files_, "keys", kOrigin);
    ASSERT_TRUE(keys.has_value());
    keys_ = std::move(*keys);
    ASSERT_TRUE(Trail::create(options()));
  }

  TrailOptions options() {
    TrailOptions options;
    options.files = &files_;
    options.directory = "data/trail";
    options.keys = keys_.get();
    options.clock = [] { return Time{1'780'000'000'000'000, 0}; };
    options.seal_in_background = false;
    options.index_merge_width = 2;
    return options;
  }

  std::unique_ptr<Trail> open(Access access = Access::kAppend) {
    auto trail = Trail::open(options(), access);
    EXPECT_TRUE(trail.has_value()) << (trail ? "" : trail.error().text);
    return trail ? std::move(*trail) : nullptr;
  }

  // Appends the events `first` up to `first + count`, in batches.
  static void fill(Trail& trail, uint64_t first, uint64_t count) {
    for (uint64_t done = 0; done < count;) {
      const uint64_t now = std::min<uint64_t>(8'192, count - done);
      EventBatch batch;
      EventMaker(first + done).make(first + done, now, batch);
      const auto receipt = trail.append(batch.events());
      ASSERT_TRUE(receipt.has_value()) << receipt.error().text;
      ASSERT_EQ(receipt->accepted, now);
      done += now;
    }
  }

  static std::vector<Bytes> entries_of(const Trail& trail) {
    std::vector<Bytes> all(trail.size().value());
    for (uint64_t i = 0; i < all.size(); ++i) EXPECT_TRUE(trail.entry(EntryIndex(i), all[i]));
    return all;
  }

  os::MemoryFileSystem files_;
  std::unique_ptr<KeyStore> keys_;
};

}  // namespace weerbaar::trail::testing
