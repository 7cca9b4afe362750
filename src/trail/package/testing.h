// For tests only: a trail in memory, with keys and a clock that stands still.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "domain/access_event.h"
#include "os/memory.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

class TestTrail {
 public:
  explicit TestTrail(const std::string& origin = "weerbaar.example/trail")
      : keys_(KeyStore::create(files_, "keys", origin).value()) {
    TrailOptions options;
    options.files = &files_;
    options.directory = "trail";
    options.keys = keys_.get();
    options.clock = [] { return parse_time("2026-03-02T08:00:00Z").value(); };
    options.seal_in_background = false;
    WEERBAAR_CHECK(Trail::create(options).has_value());
    trail_ = Trail::open(options, Access::kAppend).value();
  }

  [[nodiscard]] os::MemoryFileSystem& files() { return files_; }
  [[nodiscard]] KeyStore& keys() { return *keys_; }
  [[nodiscard]] Trail& trail() { return *trail_; }
  [[nodiscard]] const Trail& trail() const { return *trail_; }

  void add(const AccessEvent& event) { WEERBAAR_CHECK(trail_->append({&event, 1}).value().accepted == 1); }
  // Plain reads, each of another person, until the trail holds `size` entries; then signs.
  void fill(uint64_t size) {
    constexpr uint64_t kBatch = 10'000;
    while (trail_->size().value() < size) {
      EventBatch batch;
      for (uint64_t i = trail_->size().value(); i < size && batch.size() < kBatch; ++i) batch.add(numbered(i, batch));
      WEERBAAR_CHECK(trail_->append(batch.events()).value().accepted == batch.size());
    }
    sign();
  }
  void sign() { WEERBAAR_CHECK(trail_->sign().has_value()); }

 private:
  static AccessEvent numbered(uint64_t number, EventBatch& batch) {
    AccessEvent event;
    event.id = batch.keep(fmt::format("event-{}", number));
    event.source = "test";
    event.time = {1'772'438'400'000'000 + static_cast<int64_t>(number) * 1'000, 0};
    event.actor.id = "u104233";
    event.system = "BVR";
    const Subject subject{SubjectType::kOther, batch.keep(fmt::format("person {}", number)), {}};
    event.subjects = batch.keep(std::span<const Subject>(&subject, 1));
    return event;
  }

  os::MemoryFileSystem files_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<Trail> trail_;
};

}  // namespace weerbaar::trail
