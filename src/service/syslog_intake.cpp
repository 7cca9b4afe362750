#include "service/syslog_intake.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "os/file_system.h"

namespace weerbaar::service {

// Keeps the senders that knew it.
class SyslogIntake::Stream final : public http::FeedSink {
 public:
  Stream(SyslogIntake& of, std::shared_ptr<const Senders> senders, std::string source,
         std::unique_ptr<NetworkIntake::Stream> stream)
      : of_(of), senders_(std::move(senders)), source_(std::move(source)), stream_(std::move(stream)) {}

  bool take(std::string_view bytes) override { return count(stream_->take(bytes, go_on_)); }
  void end() override {
    if (!broken_) count(stream_->finish(go_on_));
  }
  [[nodiscard]] const std::shared_ptr<const Senders>& senders() const { return senders_; }

 private:
  bool count(const Result<Taken>& taken) {
    if (!taken) {
      broken_ = true;
      of_.streams_broken_.fetch_add(1);
      of_.log_.error("a stream of syslog ended before all that was read was durable",
                     {{"source", std::string_view(source_)}});
      return false;
    }
    if (taken->records > 0) of_.count_messages(source_, taken->records);
    if (taken->accepted > 0 || taken->refused > 0) {
      of_.metrics_.count_source(source_, taken->accepted, taken->refused, os::now());
    }
    return true;
  }

  SyslogIntake& of_;
  const std::shared_ptr<const Senders> senders_;
  const std::string source_;
  const std::unique_ptr<NetworkIntake::Stream> stream_;
  bool broken_ = false;  // it takes no more
  const std::function<bool()> go_on_ = [this] { return !of_.stopping_; };
};

SyslogIntake::SyslogIntake(NetworkIntake& intake, Metrics& metrics, JsonLog& log)
    : intake_(intake), metrics_(metrics), log_(log) {}

SyslogIntake::~SyslogIntake() = default;

void SyslogIntake::use_senders(std::shared_ptr<const Senders> senders) {
  const std::lock_guard lock(mutex_);
  senders_ = std::move(senders);
}

std::shared_ptr<const Senders> SyslogIntake::senders() const {
  const std::lock_guard lock(mutex_);
  return senders_;
}

std::unique_ptr<SyslogIntake::Stream> SyslogIntake::open(std::shared_ptr<const Senders> senders, const Sender& sender) {
  auto stream = intake_.open_syslog(sender);
  if (!stream) return nullptr;
  return std::make_unique<Stream>(*this, std::move(senders), sender.source, std::move(*stream));
}

std::unique_ptr<http::FeedSink> SyslogIntake::begin(const http::FeedSender& sender) {
  std::shared_ptr<const Senders> known = senders();
  if (known == nullptr) return nullptr;
  const Sender* const found =
      sender.secure ? known->find_by_certificate(sender.certificate_subject) : known->find_by_address(sender.address);
  if (found == nullptr || found->syslog_mapping.empty()) {
    ++strangers_;
    log_.often(sender.secure ? "a sender of syslog was turned away: no source with syslog_mapping has its certificate"
                             : "a sender of syslog was turned away: no source with syslog_mapping has its address");
    return nullptr;
  }
  return open(std::move(known), *found);
}

void SyslogIntake::take(std::span<const http::Datagram> datagrams) {
  const std::shared_ptr<const Senders> known = senders();
  if (known == nullptr) return;
  std::map<const Sender*, std::string> texts;
  for (const http::Datagram& datagram : datagrams) {
    const Sender* const sender = known->find_by_address(datagram.address);
    // The settings may have changed since it came.
    if (sender == nullptr || sender->syslog_mapping.empty() || datagram.bytes.empty()) continue;
    // One message each, whatever is in it: the same as a stream in which its octets are counted.
    fmt::format_to(std::back_inserter(texts[sender]), "{} {}", datagram.bytes.size(), datagram.bytes);
  }
  for (const auto& [sender, text] : texts) {
    Stream* const stream = stream_of_datagrams(known, *sender);
    if (stream != nullptr && !stream->take(text)) by_datagrams_.erase(sender->source);
  }
}

SyslogIntake::Stream* SyslogIntake::stream_of_datagrams(const std::shared_ptr<const Senders>& senders,
                                                        const Sender& sender) {
  std::unique_ptr<Stream>& stream = by_datagrams_[sender.source];
  if (stream == nullptr || stream->senders() != senders) {
    if (stream != nullptr) stream->end();
    stream = open(senders, sender);
  }
  return stream.get();
}

std::string SyslogIntake::sender_of(const std::string& address) {
  const std::shared_ptr<const Senders> known = senders();
  const Sender* const sender = known == nullptr ? nullptr : known->find_by_address(address);
  if (sender != nullptr && !sender->syslog_mapping.empty()) return sender->source;
  ++strangers_;
  log_.often("a datagram of syslog was turned away: no source with syslog_mapping has its address");
  return {};
}

void SyslogIntake::drop(const std::string& address) {
  const std::shared_ptr<const Senders> known = senders();
  const Sender* const sender = known == nullptr ? nullptr : known->find_by_address(address);
  if (sender == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    ++counts_[sender->source].dropped;
  }
  log_.often("a datagram of syslog was dropped: more came than could be written",
             {{"source", std::string_view(sender->source)}});
}

void SyslogIntake::end() {
  for (const auto& [source, stream] : by_datagrams_) {
    if (stream != nullptr) stream->end();
  }
  by_datagrams_.clear();
}

void SyslogIntake::count_messages(const std::string& source, uint64_t messages) {
  const std::lock_guard lock(mutex_);
  counts_[source].messages += messages;
}

std::string SyslogIntake::metrics() const {
  std::string messages =
      "# HELP weerbaar_syslog_messages_total Messages of syslog, also those that tell of no access.\n"
      "# TYPE weerbaar_syslog_messages_total counter\n";
  std::string dropped =
      "# HELP weerbaar_syslog_dropped_total Datagrams that were dropped because too many waited.\n"
      "# TYPE weerbaar_syslog_dropped_total counter\n";
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [source, counts] : counts_) {
      messages += fmt::format("weerbaar_syslog_messages_total{{source=\"{}\"}} {}\n", source, counts.messages);
      dropped += fmt::format("weerbaar_syslog_dropped_total{{source=\"{}\"}} {}\n", source, counts.dropped);
    }
  }
  return messages + dropped +
         fmt::format(
             "# HELP weerbaar_syslog_turned_away_total Streams and datagrams of senders that no source knows.\n"
             "# TYPE weerbaar_syslog_turned_away_total counter\n"
             "weerbaar_syslog_turned_away_total {}\n"
             "# HELP weerbaar_syslog_streams_broken_total Streams that ended before all that was read was durable.\n"
             "# TYPE weerbaar_syslog_streams_broken_total counter\n"
             "weerbaar_syslog_streams_broken_total {}\n",
             strangers_.load(), streams_broken_.load());
}

}  // namespace weerbaar::service
