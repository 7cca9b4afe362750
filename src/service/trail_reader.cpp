#include "service/trail_reader.h"

namespace weerbaar::service {

Status TrailReader::read(const std::function<Status(const trail::Trail&)>& work) {
  const std::lock_guard lock(mutex_);
  if (trail_ == nullptr || trail_->size().value() < writer_.totals().size) {
    WEERBAAR_ASSIGN(trail_, open_apart());
  }
  return work(*trail_);
}

Result<std::unique_ptr<trail::Trail>> TrailReader::open_apart() {
  std::unique_ptr<trail::Trail> opened;
  const Status worked = writer_.between_groups([&](trail::Trail& written) -> Status {
    // A tail that is being sealed would go away under who opens it.
    WEERBAAR_TRY(written.finish_sealing());
    WEERBAAR_ASSIGN(opened, open_());
    return {};
  });
  if (!worked) return std::unexpected(worked.error());
  return opened;
}

Result<bool> read_event(const trail::Trail& trail, EntryIndex index, trail::Disclosure disclosure, EventBatch& batch) {
  Bytes bytes;
  WEERBAAR_TRY(trail.entry(index, bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (!entry.is_event()) return false;
  const trail::Pseudonymiser* key = nullptr;
  if (disclosure == trail::Disclosure::kIdentities && trail.keys() != nullptr) {
    const auto found = trail.keys()->period(trail::Period{entry.event().period});
    if (!found && found.error().code != Code::kDenied) return std::unexpected(found.error());
    if (found) key = *found;
  }
  batch.clear();
  WEERBAAR_TRY(decode(entry.event(), disclosure, key, batch));
  return true;
}

}  // namespace weerbaar::service
