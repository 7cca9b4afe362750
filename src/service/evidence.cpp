#include "service/evidence.h"

#include <chrono>
#include <utility>

namespace weerbaar::service {
namespace {

constexpr std::chrono::seconds kLookEvery{2};

}  // namespace

people::Record record_in(EventWriter& writer) {
  return [&writer](const people::Deed& deed) {
    return people::hand_over(deed, [&writer](const AccessEvent& event) -> Status {
      WEERBAAR_ASSIGN(const std::vector<trail::Refused> refused, writer.append({&event, 1}));
      if (!refused.empty()) return std::unexpected(refused[0].error);
      return {};
    });
  };
}

Result<people::Deed> new_deed(const Visitor& visitor, Action action, std::string component) {
  WEERBAAR_ASSIGN(people::Deed deed, people::new_deed(visitor.account.employee, action, std::move(component)));
  deed.ip = visitor.address;
  return deed;
}

PutOffDeeds::PutOffDeeds(people::Store& store, people::Record record, JsonLog& log)
    : store_(store), record_(std::move(record)), log_(log), thread_([this] { run(); }) {}

PutOffDeeds::~PutOffDeeds() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PutOffDeeds::run() {
  for (;;) {
    const auto recorded = store_.record_put_off(record_);
    if (!recorded) {
      log_.often("changes of accounts are not recorded yet", {{"why", std::string_view(recorded.error().text)}});
    } else if (*recorded > 0) {
      log_.info("changes of accounts are recorded", {{"changes", *recorded}});
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kLookEvery, [this] { return ended_; })) return;
  }
}

}  // namespace weerbaar::service
