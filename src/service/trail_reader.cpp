#include "service/trail_reader.h"

namespace weerbaar::service {

Status TrailReader::read(const std::function<Status(const trail::Trail&)>& work) {
  const std::lock_guard lock(mutex_);
  if (trail_ == nullptr || trail_->size().value() < writer_.totals().size) {
    const Status opened = writer_.between_groups([this](trail::Trail& written) -> Status {
      // A tail that is being sealed would go away under who opens it.
      WEERBAAR_TRY(written.finish_sealing());
      WEERBAAR_ASSIGN(trail_, open_());
      return {};
    });
    if (!opened) return opened;
  }
  return work(*trail_);
}

}  // namespace weerbaar::service
