#include "service/network_intake.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "domain/access_event_json.h"
#include "ingest/intake.h"
#include "ingest/registry.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "ingest/sources/otlp/trace_join.h"

namespace weerbaar::service {

namespace otlp = ingest::otlp;

namespace {

// While the trail takes nothing.
constexpr std::chrono::milliseconds kTryAgain{100};
// A request of OTLP takes about ten times its bytes of memory while it is read; of larger ones there is one at a time.
constexpr size_t kLargeBytes = size_t{16} << 20U;
constexpr std::string_view kQuarantineName = "refused-by-network";

// What was made of an input already.
class Prepared final : public ingest::Source {
 public:
  explicit Prepared(ingest::Output& made) : made_(made) {}

  void feed(std::string_view /*bytes*/, ingest::Output& /*output*/) override {}
  void finish(ingest::Output& output) override { std::swap(output, made_); }

 private:
  ingest::Output& made_;
};

// Moves the events of the sender to the front, in their order; how many. The others are given to `refuse`.
template <class Refuse>
size_t keep_own(std::span<AccessEvent> events, const std::string& source, Refuse refuse) {
  size_t own = 0;
  for (const AccessEvent& event : events) {
    if (event.source != source) {
      refuse(event);
      continue;
    }
    if (&events[own] != &event) events[own] = event;
    ++own;
  }
  return own;
}

// What cannot be kept whole must not be acknowledged: it would be lost.
std::optional<Taken> refused_whole(const ingest::Output& output) {
  const auto cut = std::ranges::find(output.refusals, true, &ingest::Refusal::is_cut);
  if (cut == output.refusals.end()) return std::nullopt;
  Taken taken;
  taken.too_large = fmt::format(
      "nothing of this request was taken: a part of more than {} MiB would be refused, and is too large to be kept: {}",
      otlp::kJsonBytesMax >> 20U, cut->reason);
  return taken;
}

}  // namespace

// Holds the refusals of one request, until its events are durable.
class NetworkIntake::Collected final : public ingest::RefusalKeeper {
 public:
  Status add(const ingest::Refusal& refusal, std::string_view input) override {
    all.push_back({refusal, std::string(input)});
    return {};
  }
  Status sync() override { return {}; }

  std::vector<Refused> all;
  uint64_t not_taken = 0;  // of them: events that the adapter took, and the trail or the check of the sender did not
};

// Events of another source than the sender's never reach the trail. After an error nothing of it counts.
Status NetworkIntake::append(EventBatch& events, const std::string& source, const std::string& input,
                             Collected& refused) {
  std::vector<Refused> found;
  const size_t own = keep_own(events.events(), source, [&](const AccessEvent& event) {
    found.push_back({{0, ingest::another_source(source), to_json(event)}, input});
  });
  WEERBAAR_ASSIGN(const std::vector<trail::Refused> by_trail, writer_.append(events.events().first(own)));
  for (const trail::Refused& one : by_trail) {
    found.push_back({{0, one.error.text, to_json(events.events()[one.event])}, input});
  }
  if (watch_ != nullptr) watch_->take(source, events.events().first(own));
  refused.not_taken += found.size();
  for (Refused& one : found) refused.all.push_back(std::move(one));
  return {};
}

NetworkIntake::NetworkIntake(EventWriter& writer, os::FileSystem& files, std::string directory)
    : writer_(writer), files_(files), directory_(std::move(directory)) {}

Status NetworkIntake::keep(const std::vector<Refused>& refused) {
  if (refused.empty()) return {};
  const std::lock_guard lock(mutex_);
  if (quarantine_ == nullptr) {
    WEERBAAR_ASSIGN(ingest::Quarantine opened, ingest::Quarantine::create(files_, directory_, kQuarantineName));
    quarantine_ = std::make_unique<ingest::Quarantine>(std::move(opened));
  }
  Status status;
  for (const Refused& one : refused) {
    if (status) status = quarantine_->add(one.refusal, one.input);
  }
  if (status) status = quarantine_->sync();
  // One that failed takes nothing any more; the next request finds a new one.
  if (!status) quarantine_.reset();
  return status;
}

Result<Taken> NetworkIntake::take_lines(std::string_view body, const Sender& sender) {
  WEERBAAR_ASSIGN(const std::unique_ptr<ingest::Source> source, ingest::make_source("jsonl", {}));
  auto taken = put_through(*source, body, sender.source);
  if (taken && watch_ != nullptr) watch_->heard(sender.source);
  return taken;
}

Result<Taken> NetworkIntake::take_otlp(const otlp::RequestBody& body, const Sender& sender) {
  std::unique_lock<std::mutex> large(large_, std::defer_lock);
  if (body.bytes.size() > kLargeBytes && !large.try_lock()) {
    return fail(Code::kBusy, "another large request is in hand: send this one again later");
  }
  const bool joins = room_ != nullptr && sender.join_within.count() > 0;
  auto taken = joins ? take_joined(body, sender) : take_at_once(body, sender);
  // What a large one took would else stay with this thread, and with each that ever has one.
  if (large.owns_lock()) ::malloc_trim(0);
  if (taken && watch_ != nullptr) watch_->heard(sender.source);
  return taken;
}

Result<Taken> NetworkIntake::take_at_once(const otlp::RequestBody& body, const Sender& sender) {
  ingest::Output output;
  output.raw_bytes_max = otlp::kJsonBytesMax;
  otlp::TraceJoin join(sender.otlp_mapping);
  WEERBAAR_TRY(otlp::read_request(
      body, sender.otlp_mapping, false, output,
      [&](std::vector<otlp::Record>& records, const std::shared_ptr<const otlp::RecordTexts>& /*none*/) {
        for (otlp::Record& record : records) join.add(std::move(record), output);
      }));
  join.finish(output);
  if (auto refused = refused_whole(output)) return std::move(*refused);
  return take(output, sender.source);
}

Result<Taken> NetworkIntake::take_joined(const otlp::RequestBody& body, const Sender& sender) {
  ingest::Output output;
  output.raw_bytes_max = otlp::kJsonBytesMax;
  WEERBAAR_ASSIGN(auto records, otlp::read_kept_records(body, sender.otlp_mapping, output));
  if (auto refused = refused_whole(output)) return std::move(*refused);
  WEERBAAR_ASSIGN(const WaitingRoom::Joined joined, room_->add(sender, std::move(records), output));
  WEERBAAR_ASSIGN(Taken taken, take(output, sender.source));
  room_->told(sender, joined);
  taken.waiting = joined.waiting;
  return taken;
}

Result<Taken> NetworkIntake::take(ingest::Output& output, const std::string& source) {
  Prepared prepared(output);
  return put_through(prepared, {}, source);
}

Result<Taken> NetworkIntake::put_through(ingest::Source& source, std::string_view body, const std::string& name) {
  const std::string input = "network, " + name;
  Collected refused;
  ingest::Intake intake(
      input, source, [&](EventBatch& events) { return append(events, name, input, refused); }, refused);
  // Of what was made of an input already no line is known; append() looks at it.
  if (!body.empty()) intake.take_only(name);
  for (size_t at = 0; at < body.size(); at += ingest::kChunkBytes) {
    WEERBAAR_TRY(intake.feed(body.substr(at, ingest::kChunkBytes)));
  }
  WEERBAAR_TRY(intake.finish());
  WEERBAAR_TRY(keep(refused.all));
  Taken taken;
  taken.accepted = intake.counts().accepted - refused.not_taken;
  taken.refused = refused.all.size();
  for (const Refused& one : refused.all) taken.refused_records += one.refusal.records;
  for (const Refused& one : std::span(refused.all).first(std::min(refused.all.size(), Taken::kToldMax))) {
    taken.told.push_back({one.refusal.line, one.refusal.reason});
  }
  return taken;
}

class NetworkIntake::SyslogStream final : public Stream {
 public:
  SyslogStream(NetworkIntake& intake, std::string name, std::unique_ptr<ingest::Source> source)
      : to_(intake),
        name_(std::move(name)),
        input_("syslog, " + name_),
        source_(std::move(source)),
        intake_(input_, *source_, [this](EventBatch& events) { return append_patiently(events); }, refused_) {
    if (to_.watch_ != nullptr) intake_.collect_numbers(numbers_);
  }

  Result<Taken> take(std::string_view bytes, const std::function<bool()>& go_on) override {
    return count([&] { return intake_.feed(bytes); }, go_on);
  }
  Result<Taken> finish(const std::function<bool()>& go_on) override {
    return count([&] { return intake_.finish(); }, go_on);
  }

 private:
  template <class Step>
  Result<Taken> count(Step step, const std::function<bool()>& go_on) {
    go_on_ = &go_on;
    const ingest::IntakeCounts before = intake_.counts();
    WEERBAAR_TRY(step());
    while (true) {
      const Status kept = to_.keep(refused_.all);
      if (kept) break;
      if (!go_on()) return std::unexpected(kept.error());
      std::this_thread::sleep_for(kTryAgain);
    }
    Taken taken;
    taken.accepted = intake_.counts().accepted - before.accepted - refused_.not_taken;
    taken.records = intake_.counts().records - before.records;
    if (to_.watch_ != nullptr && taken.records > 0) to_.watch_->heard(name_);
    if (to_.watch_ != nullptr) to_.watch_->take(name_, numbers_);
    numbers_.clear();
    taken.refused = refused_.all.size();
    refused_.all.clear();
    refused_.not_taken = 0;
    return taken;
  }

  Status append_patiently(EventBatch& events) {
    while (true) {
      const Status status = to_.append(events, name_, input_, refused_);
      if (status || !(*go_on_)()) return status;
      std::this_thread::sleep_for(kTryAgain);
    }
  }

  NetworkIntake& to_;
  const std::string name_;
  const std::string input_;
  const std::unique_ptr<ingest::Source> source_;
  Collected refused_;
  std::vector<ingest::Numbered> numbers_;
  ingest::Intake intake_;
  const std::function<bool()>* go_on_ = nullptr;
};

Result<std::unique_ptr<NetworkIntake::Stream>> NetworkIntake::open_syslog(const Sender& sender) {
  WEERBAAR_ASSIGN(auto source,
                  ingest::make_source("syslog", {sender.syslog_mapping, "the syslog mapping of " + sender.source}));
  return std::make_unique<SyslogStream>(*this, sender.source, std::move(source));
}

}  // namespace weerbaar::service
