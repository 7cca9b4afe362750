#include "http/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace weerbaar::http {
namespace {

TEST(WorkerPool, does_every_job_it_took_before_it_ends) {
  std::atomic<int> done = 0;
  WorkerPool pool(4, 1'000);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(pool.give([&done] { ++done; }));
  pool.finish();
  EXPECT_EQ(done, 1'000);
  EXPECT_FALSE(pool.give([] {}));
}

TEST(WorkerPool, takes_no_more_than_may_wait) {
  std::latch go(1);
  std::latch at_work(1);
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.give([&] {
    at_work.count_down();
    go.wait();
  }));
  at_work.wait();
  EXPECT_TRUE(pool.give([] {}));
  EXPECT_TRUE(pool.give([] {}));
  EXPECT_FALSE(pool.give([] {}));
  EXPECT_EQ(pool.waiting(), 2U);
  go.count_down();
}

}  // namespace
}  // namespace weerbaar::http
