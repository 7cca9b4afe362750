#include "service/network_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/access_event_json.h"
#include "ingest/intake.h"
#include "ingest/registry.h"

namespace weerbaar::service {
namespace {

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
};

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

Result<Taken> NetworkIntake::take(std::string_view body, std::string_view format, const Sender& sender) {
  if (format == "otlp" && room_ != nullptr && sender.join_within.count() > 0) return take_joined(body, sender);
  ingest::SourceOptions options;
  if (format == "otlp") options = {sender.mapping, "the mapping of " + sender.source};
  WEERBAAR_ASSIGN(const std::unique_ptr<ingest::Source> source, ingest::make_source(format, options));
  return put_through(*source, body, sender.source);
}

Result<Taken> NetworkIntake::take_joined(std::string_view body, const Sender& sender) {
  ingest::Output output;
  WEERBAAR_ASSIGN(const WaitingRoom::Joined joined, room_->add(sender, body, output));
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
  uint64_t not_taken = 0;
  const auto refuse = [&](const AccessEvent& event, std::string reason) {
    ++not_taken;
    refused.all.push_back({{0, std::move(reason), to_json(event)}, input});
  };
  ingest::Intake intake(
      input, source,
      [&](EventBatch& events) -> Status {
        const size_t own = keep_own(events.events(), name, [&](const AccessEvent& event) {
          refuse(event, fmt::format("source must be \"{}\": this sender writes as nobody else", name));
        });
        WEERBAAR_ASSIGN(const std::vector<trail::Refused> by_trail, writer_.append(events.events().first(own)));
        for (const trail::Refused& one : by_trail) refuse(events.events()[one.event], one.error.text);
        return {};
      },
      refused);
  for (size_t at = 0; at < body.size(); at += ingest::kChunkBytes) {
    WEERBAAR_TRY(intake.feed(body.substr(at, ingest::kChunkBytes)));
  }
  WEERBAAR_TRY(intake.finish());
  WEERBAAR_TRY(keep(refused.all));
  Taken taken;
  taken.accepted = intake.counts().accepted - not_taken;
  taken.refused = refused.all.size();
  for (const Refused& one : std::span(refused.all).first(std::min(refused.all.size(), Taken::kToldMax))) {
    taken.told.push_back({one.refusal.line, one.refusal.reason});
  }
  return taken;
}

}  // namespace weerbaar::service
