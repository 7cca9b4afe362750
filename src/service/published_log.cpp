#include "service/published_log.h"

namespace weerbaar::service {

std::shared_ptr<const trail::SignedLog> PublishedLog::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

Result<std::shared_ptr<const trail::SignedLog>> PublishedLog::newest() {
  auto known = seen();
  const auto is_newest = [this](const auto& log) {
    return log != nullptr && log->checkpoint().size.value() >= writer_.totals().signed_size;
  };
  if (is_newest(known)) return known;
  std::unique_lock looking(looking_, std::defer_lock);
  if (known == nullptr) {
    looking.lock();
  } else if (!looking.try_lock()) {
    return known;
  }
  known = seen();
  if (is_newest(known)) return known;
  const Status looked = writer_.between_groups([this](trail::Trail& written) -> Status {
    auto log = written.signed_log();
    const std::lock_guard lock(mutex_);
    seen_ = std::move(log);
    return {};
  });
  known = seen();
  if (!looked && known == nullptr) return std::unexpected(looked.error());
  return known;
}

}  // namespace weerbaar::service
