// The database of people: accounts, their roles and sessions, and mandates. docs/people.md.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "os/file_system.h"
#include "people/deed.h"
#include "people/secret_box.h"
#include "sql/database.h"

namespace weerbaar::people {

using Clock = std::function<Time()>;

// Thread-safe: one piece of work at a time.
class Store {
 public:
  // Makes the tables where they are not there yet, and brings those of an older program up to date. kInvalid when a
  // newer program made them.
  static Result<std::unique_ptr<Store>> open(std::unique_ptr<sql::Database> database, const SecretBox& box,
                                             Clock clock = os::now);

  [[nodiscard]] int64_t now() const { return clock_().micros; }
  // For what nobody may read in the database.
  [[nodiscard]] const SecretBox& box() const { return box_; }

  // All of it or nothing. `work` takes the database and gives a Result or Status, and calls nothing of the store.
  template <class Work>
  std::invoke_result_t<Work, sql::Database&> write(const Work& work) {
    const std::lock_guard lock(mutex_);
    WEERBAAR_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(*database_));
    auto outcome = work(*database_);
    if (!outcome) return outcome;
    WEERBAAR_TRY(transaction.commit());
    return outcome;
  }
  template <class Work>
  std::invoke_result_t<Work, sql::Database&> read(const Work& work) {
    const std::lock_guard lock(mutex_);
    return work(*database_);
  }

 private:
  Store(std::unique_ptr<sql::Database> database, const SecretBox& box, Clock clock)
      : database_(std::move(database)), box_(box), clock_(std::move(clock)) {}

  std::mutex mutex_;
  std::unique_ptr<sql::Database> database_;
  const SecretBox box_;
  const Clock clock_;
};

}  // namespace weerbaar::people
