#include "service/syslog_intake.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>

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

 private:
  bool count(const Result<Taken>& taken) {
    if (!taken) {
      broken_ = true;
      of_.streams_broken_.fetch_add(1);
      of_.log_.error("a stream of syslog ended before all that was read was durable",
                     {{"source", std::string_view(source_)}});
      return false;
    }
    if (taken->accepted == 0 && taken->refused == 0) return true;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const Time time{std::chrono::duration_cast<std::chrono::microseconds>(now).count(), 0};
    of_.metrics_.count_source(source_, taken->accepted, taken->refused, time);
    return true;
  }

  SyslogIntake& of_;
  const std::shared_ptr<const Senders> senders_;
  const std::string source_;
  const std::unique_ptr<NetworkIntake::Stream> stream_;
  bool broken_ = false;  // it takes no more
  const std::function<bool()> go_on_ = [this] { return !of_.stopping_; };
};

void SyslogIntake::use_senders(std::shared_ptr<const Senders> senders) {
  const std::lock_guard lock(mutex_);
  senders_ = std::move(senders);
}

std::unique_ptr<http::FeedSink> SyslogIntake::begin(const http::FeedSender& sender) {
  std::shared_ptr<const Senders> senders;
  {
    const std::lock_guard lock(mutex_);
    senders = senders_;
  }
  const Sender* const known = senders == nullptr ? nullptr : senders->find_by_certificate(sender.certificate_subject);
  if (known == nullptr || known->syslog_mapping.empty()) {
    log_.often("a sender of syslog was turned away: no source with syslog_mapping has its certificate");
    return nullptr;
  }
  auto stream = intake_.open_syslog(*known);
  if (!stream) return nullptr;
  return std::make_unique<Stream>(*this, std::move(senders), known->source, std::move(*stream));
}

}  // namespace weerbaar::service
