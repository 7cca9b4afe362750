// The log over HTTP, as c2sp.org/tlog-tiles: checkpoint and hashes for everybody, entries for mirrors (docs/adr/0030).
#pragma once

#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>

#include "http/router.h"
#include "people/deed.h"
#include "service/cosigned.h"
#include "service/json_log.h"
#include "service/mirrors.h"
#include "service/published_log.h"

namespace weerbaar::service {

// Thread-safe.
class LogApi {
 public:
  // Requests for tiles that are in hand at once: who reads the log leaves workers for who writes it. Beyond it the
  // answer is 503.
  static constexpr std::ptrdiff_t kTilesAtOnce = 8;
  // And they leave half of the processors: a tile waits its turn so long.
  static constexpr std::chrono::seconds kTurn{2};
  // What a mirror reads is recorded so often, before it gets anything.
  static constexpr std::chrono::hours kRecordEvery{1};

  // All must outlive it.
  LogApi(PublishedLog& log, people::Record record, JsonLog& json_log);

  // It must outlive the router.
  void add_routes(http::Router& router);
  // It must outlive the router. Before it is called the newest signed checkpoint is published.
  void use_cosigned(const Cosigned& cosigned) { cosigned_ = &cosigned; }
  // From the next request on. Before: entries are for nobody.
  void use_mirrors(std::shared_ptr<const Mirrors> mirrors);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::shared_ptr<const Mirrors> mirrors() const;
  std::expected<std::string, http::Response> admit_mirror(const http::Request& head);
  [[nodiscard]] std::optional<Cosigned::Published> published(const trail::SignedLog& newest) const;
  http::Response checkpoint();
  http::Response tile(const std::string& path, bool is_private);
  http::Response entries(const http::Request& request, const std::string& path);
  Status record_reading(const Mirror& mirror);

  PublishedLog& log_;
  const people::Record record_;
  JsonLog& json_log_;
  const Cosigned* cosigned_ = nullptr;
  std::counting_semaphore<> in_hand_{kTilesAtOnce};
  std::counting_semaphore<> processors_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Mirrors> mirrors_ = std::make_shared<const Mirrors>(std::vector<Mirror>());
  std::mutex recording_;
  std::map<std::string, Clock::time_point, std::less<>> recorded_;  // by mirror
};

}  // namespace weerbaar::service
