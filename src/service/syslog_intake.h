// Streams of syslog become events in the trail. Senders get no answer, so their events are durable before more is read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "http/feed_server.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "service/network_intake.h"
#include "service/senders.h"

namespace weerbaar::service {

// Thread-safe.
class SyslogIntake final : public http::FeedHandler {
 public:
  // All must outlive it.
  SyslogIntake(NetworkIntake& intake, Metrics& metrics, JsonLog& log) : intake_(intake), metrics_(metrics), log_(log) {}

  // For streams that begin from now on.
  void use_senders(std::shared_ptr<const Senders> senders);
  // While the trail takes nothing, a stream waits; from now on it does not: such a stream ends, and is counted.
  void stop_waiting() { stopping_ = true; }
  // Streams that ended before all that was read was durable: the server stopped while the trail took nothing.
  [[nodiscard]] uint64_t streams_broken() const { return streams_broken_; }

  std::unique_ptr<http::FeedSink> begin(const http::FeedSender& sender) override;

 private:
  class Stream;

  NetworkIntake& intake_;
  Metrics& metrics_;
  JsonLog& log_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> streams_broken_ = 0;
  std::mutex mutex_;
  std::shared_ptr<const Senders> senders_;
};

}  // namespace weerbaar::service
