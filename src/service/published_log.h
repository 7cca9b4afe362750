// The log as others may see it: the last signed checkpoint and all that it covers, while events go on coming in.
#pragma once

#include <memory>
#include <mutex>

#include "base/result.h"
#include "service/event_writer.h"
#include "trail/store/signed_log.h"

namespace weerbaar::service {

// Thread-safe.
class PublishedLog {
 public:
  // `writer` must outlive it.
  explicit PublishedLog(EventWriter& writer) : writer_(writer) {}

  // The newest: whatever was signed before the call is under it. While another thread looks for that, and while the
  // trail is closed, it is what was seen last; kStopped when nothing was. What it ever gave is under what it gives
  // later.
  Result<std::shared_ptr<const trail::SignedLog>> newest();

 private:
  [[nodiscard]] std::shared_ptr<const trail::SignedLog> seen() const;

  EventWriter& writer_;
  std::mutex looking_;
  mutable std::mutex mutex_;
  std::shared_ptr<const trail::SignedLog> seen_;
};

}  // namespace weerbaar::service
