// Syslog becomes events in the trail: streams by TLS or TCP, and datagrams. Senders get no answer, so the events of a
// stream are durable before more of it is read.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "http/datagram_server.h"
#include "http/feed_server.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "service/network_intake.h"
#include "service/senders.h"

namespace weerbaar::service {

// Thread-safe. By TLS the certificate says who a sender is, else its address; neither stands for the other.
class SyslogIntake final : public http::FeedHandler, public http::DatagramHandler {
 public:
  // All must outlive it.
  SyslogIntake(NetworkIntake& intake, Metrics& metrics, JsonLog& log);
  ~SyslogIntake() override;
  SyslogIntake(const SyslogIntake&) = delete;
  SyslogIntake& operator=(const SyslogIntake&) = delete;

  // For streams that begin, and datagrams that come, from now on.
  void use_senders(std::shared_ptr<const Senders> senders);
  // While the trail takes nothing, a stream waits; from now on it does not: such a stream ends, and is counted.
  void stop_waiting() { stopping_ = true; }
  // Streams that ended before all that was read was durable: the server stopped while the trail took nothing.
  [[nodiscard]] uint64_t streams_broken() const { return streams_broken_; }
  // For Prometheus.
  [[nodiscard]] std::string metrics() const;

  std::unique_ptr<http::FeedSink> begin(const http::FeedSender& sender) override;

  void take(std::span<const http::Datagram> datagrams) override;
  std::string sender_of(const std::string& address) override;
  void drop(const std::string& address) override;
  void end() override;

 private:
  class Stream;
  struct Counts {
    uint64_t messages = 0;
    uint64_t dropped = 0;  // datagrams
  };

  [[nodiscard]] std::shared_ptr<const Senders> senders() const;
  std::unique_ptr<Stream> open(std::shared_ptr<const Senders> senders, const Sender& sender);
  Stream* stream_of_datagrams(const std::shared_ptr<const Senders>& senders, const Sender& sender);
  void count_messages(const std::string& source, uint64_t messages);

  NetworkIntake& intake_;
  Metrics& metrics_;
  JsonLog& log_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> streams_broken_ = 0;
  std::atomic<uint64_t> strangers_ = 0;  // streams and datagrams of senders that nobody knows
  mutable std::mutex mutex_;
  std::shared_ptr<const Senders> senders_;
  std::map<std::string, Counts, std::less<>> counts_;
  // Of the thread that takes datagrams: those of a source are one stream, for as long as its settings are the same.
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> by_datagrams_;
};

}  // namespace weerbaar::service
