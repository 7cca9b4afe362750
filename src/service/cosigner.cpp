#include "service/cosigner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "trail/format/merkle.h"

namespace weerbaar::service {
namespace {

// The size that a witness names in 409 is tried, and another time when it moved meanwhile.
constexpr int kTriesMax = 3;

}  // namespace

Cosigner::Cosigner(PublishedLog& log, Cosigned& cosigned, Ask ask, JsonLog& json_log, const CosignerOptions& options)
    : log_(log), cosigned_(cosigned), ask_(std::move(ask)), json_log_(json_log), options_(options) {
  for (const trail::TlogPolicy::Witness& witness : cosigned.witnesses()) {
    peers_.push_back(std::make_unique<Peer>(Peer{witness.name, witness.key, {}, {}}));
  }
  check_what_was_cosigned();
  for (const auto& peer : peers_) peer->thread = std::thread([this, &of = *peer] { run(of); });
  chooser_ = std::thread([this] { choose_targets(); });
}

Cosigner::~Cosigner() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  chooser_.join();
  for (const auto& peer : peers_) peer->thread.join();
}

uint64_t Cosigner::newest_size() {
  const auto newest = log_.newest();
  return newest ? (*newest)->checkpoint().size.value() : 0;
}

// What was cosigned before this process began tells whether the trail is the one that it was: before it is published.
void Cosigner::check_what_was_cosigned() {
  const auto newest = log_.newest();
  if (!newest) return;
  const auto names = cosigned_.contradicted_by(**newest);
  if (!names) {
    json_log_.warning("it could not be checked that the trail is the one that was cosigned",
                      {{"why", std::string_view(names.error().text)}});
    return;
  }
  const std::lock_guard lock(mutex_);
  for (const auto& peer : peers_) {
    if (std::ranges::find(*names, peer->name) == names->end()) continue;
    peer->state.conflict = true;
    json_log_.error("the trail is not the one that a witness cosigned: entries were lost, put back or changed",
                    {{"witness", std::string_view(peer->name)}, {"entries", (*newest)->checkpoint().size.value()}});
    const auto last = cosigned_.last(peer->name);
    keep_refusal(peer->name, last ? last->checkpoint.size : TreeSize());
  }
}

void Cosigner::choose_targets() {
  Clock::time_point chosen_at{};
  for (;;) {
    const auto newest = log_.newest();
    const auto now = Clock::now();
    std::unique_lock lock(mutex_);
    const bool is_first = generation_ == 0;
    const bool is_new = newest && (is_first || (*newest)->checkpoint().size > target_.checkpoint.size);
    if (newest && (is_new || now - chosen_at >= options_.refresh)) {
      target_ = {(*newest)->checkpoint(), (*newest)->note()};
      ++generation_;
      chosen_at = now;
      changed_.notify_all();
    }
    if (changed_.wait_for(lock, options_.every, [this] { return ended_; })) return;
  }
}

void Cosigner::run(Peer& peer) {
  uint64_t done = 0;
  auto pause = options_.retry_first;
  std::optional<Clock::time_point> retry_at;
  for (;;) {
    Target target;
    {
      std::unique_lock lock(mutex_);
      if (retry_at) {
        changed_.wait_until(lock, *retry_at, [this] { return ended_; });
      } else {
        changed_.wait(lock, [&] { return ended_ || generation_ != done; });
      }
      if (ended_) return;
      done = generation_;
      target = target_;
    }
    const Outcome outcome = attempt(peer, target);
    retry_at = std::nullopt;
    const std::lock_guard lock(mutex_);
    if (outcome == Outcome::kCosigned || outcome == Outcome::kSuperseded) {
      pause = options_.retry_first;
      if (outcome == Outcome::kCosigned) peer.state.conflict = false;
      continue;
    }
    ++peer.state.failures;
    if (outcome == Outcome::kConflict) peer.state.conflict = true;
    retry_at = Clock::now() + pause;
    pause = std::min(2 * pause, options_.retry_most);
  }
}

Result<std::string> Cosigner::body_for(const Target& target, uint64_t old_size) {
  trail::AddCheckpoint request{TreeSize(old_size), {}, target.note};
  if (old_size > 0 && old_size < target.checkpoint.size.value()) {
    WEERBAAR_ASSIGN(const auto log, log_.newest());
    WEERBAAR_ASSIGN(request.proof, trail::consistency_proof(
                                       request.old_size, target.checkpoint.size,
                                       [&](uint64_t begin, uint64_t end) { return log->range_root(begin, end); }));
  }
  return trail::format_add_checkpoint(request);
}

Cosigner::Outcome Cosigner::attempt(const Peer& peer, const Target& target) {
  const auto last = cosigned_.last(peer.name);
  uint64_t old_size = last ? last->checkpoint.size.value() : 0;
  // Then the witness shall say what it knows.
  if (old_size > target.checkpoint.size.value()) old_size = 0;
  Outcome outcome = Outcome::kFailed;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto body = body_for(target, old_size);
    if (!body) return failed(peer, body.error().text);
    const auto reply = ask_(peer.name, *body);
    if (!reply) return failed(peer, reply.error().text);
    const uint64_t asked = old_size;
    outcome = take_reply(peer, target, *reply, old_size);
    if (asked == old_size) return outcome;
  }
  return failed(peer, "it names another size each time");
}

// Another `old_size` than before: to be asked again with it.
Cosigner::Outcome Cosigner::take_reply(const Peer& peer, const Target& target, const WitnessReply& reply,
                                       uint64_t& old_size) {
  if (reply.status == 200) {
    const auto cosignature = trail::open_cosignatures(target.note, reply.body, peer.key);
    if (!cosignature) return failed(peer, cosignature.error().text);
    if (const Status kept = cosigned_.add(peer.name, target.note, *cosignature); !kept) {
      return failed(peer, kept.error().text);
    }
    return Outcome::kCosigned;
  }
  if (reply.status == 409) {
    const auto size = trail::parse_tree_size(reply.body);
    if (!size || size->value() == old_size) return failed(peer, "it answers 409 without a size that helps");
    if (*size <= target.checkpoint.size) {
      old_size = size->value();
      return Outcome::kFailed;
    }
    // A later checkpoint of ours may have reached it, by us or by a monitor.
    if (size->value() <= newest_size()) return Outcome::kSuperseded;
    return conflict(peer, target, "it cosigned more entries than the trail holds: entries were lost or put back",
                    size->value());
  }
  if (reply.status == 422) {
    return conflict(peer, target, "the trail does not continue what it cosigned: entries were changed or put back",
                    old_size);
  }
  return failed(peer, fmt::format("it answers with status {}", reply.status));
}

Cosigner::Outcome Cosigner::conflict(const Peer& peer, const Target& target, std::string_view why, uint64_t size) {
  json_log_.error("a witness refuses the log", {{"witness", std::string_view(peer.name)},
                                                {"why", why},
                                                {"cosigned_entries", size},
                                                {"entries", target.checkpoint.size.value()}});
  keep_refusal(peer.name, TreeSize(size));
  return Outcome::kConflict;
}

void Cosigner::keep_refusal(const std::string& witness, TreeSize cosigned) {
  if (const Status kept = cosigned_.refuse(witness, cosigned); !kept) {
    json_log_.warning("that a witness refuses the log could not be kept",
                      {{"witness", std::string_view(witness)}, {"why", std::string_view(kept.error().text)}});
  }
}

Cosigner::Outcome Cosigner::failed(const Peer& peer, std::string_view why) {
  json_log_.warning("a witness did not cosign", {{"witness", std::string_view(peer.name)}, {"why", why}});
  return Outcome::kFailed;
}

Cosigner::State Cosigner::state(std::string_view witness) const {
  const std::lock_guard lock(mutex_);
  for (const auto& peer : peers_) {
    if (peer->name == witness) return peer->state;
  }
  return {};
}

std::string Cosigner::metrics() const {
  std::string text;
  const auto head = [&](std::string_view name, std::string_view type, std::string_view help) {
    text += fmt::format("# HELP weerbaar_{} {}\n# TYPE weerbaar_{} {}\n", name, help, name, type);
  };
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    head(name, type, help);
    for (const auto& peer : peers_) {
      text += fmt::format("weerbaar_{}{{witness=\"{}\"}} {}\n", name, peer->name, value(*peer));
    }
  };
  const auto last = [&](const Peer& peer) { return cosigned_.last(peer.name).value_or(Cosigned::Last{}); };
  each("witness_cosigned_entries", "gauge", "Entries under the last checkpoint that a witness cosigned.",
       [&](const Peer& peer) { return last(peer).checkpoint.size.value(); });
  each("witness_cosigned_seconds", "gauge", "When a witness cosigned last, in seconds since 1970.",
       [&](const Peer& peer) { return last(peer).unix_seconds; });
  each("witness_failures_total", "counter", "Times that a witness did not cosign.",
       [&](const Peer& peer) { return state(peer.name).failures; });
  each("witness_conflict", "gauge", "1 when a witness cosigned another log than this: look at once.",
       [&](const Peer& peer) { return state(peer.name).conflict ? 1 : 0; });
  head("witness_quorum", "gauge", "Witnesses that must cosign a checkpoint before it is published.");
  text += fmt::format("weerbaar_witness_quorum {}\n", cosigned_.quorum());
  head("witness_quorum_entries", "gauge", "Entries under the last checkpoint that so many cosigned.");
  const auto under = cosigned_.under_quorum();
  text += fmt::format("weerbaar_witness_quorum_entries {}\n", under ? under->checkpoint.size.value() : 0);
  return text;
}

}  // namespace weerbaar::service
