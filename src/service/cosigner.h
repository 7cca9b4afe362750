// Sends each new checkpoint to the witnesses of the log, and keeps what they cosign (c2sp.org/tlog-witness).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "service/cosigned.h"
#include "service/json_log.h"
#include "service/published_log.h"

namespace weerbaar::service {

struct WitnessReply {
  int status = 0;
  std::string content_type;
  std::string body;
};

struct CosignerOptions {
  // A checkpoint is sent so often at most; all witnesses get the same one, so that a quorum is of one tree.
  std::chrono::milliseconds every{10'000};
  // After a failure a witness is asked again after so long, then twice as long, and so on up to the last.
  std::chrono::milliseconds retry_first{2'000};
  std::chrono::milliseconds retry_most{300'000};
  // A checkpoint that stays the last is cosigned again after so long, so that the time of the cosignature says that the
  // witness still sees no other.
  std::chrono::milliseconds refresh{3'600'000};
};

// Threads of its own: intake never waits for a witness, and no witness for another.
class Cosigner {
 public:
  // Posts a body to add-checkpoint of that witness; kIo when there is no answer. Called by several threads.
  using Ask = std::function<Result<WitnessReply>(const std::string& witness, const std::string& body)>;

  // All must outlive it. Begins at once, with the witnesses of `cosigned`.
  Cosigner(PublishedLog& log, Cosigned& cosigned, Ask ask, JsonLog& json_log, const CosignerOptions& options = {});
  // Waits for answers that are due.
  ~Cosigner();
  Cosigner(const Cosigner&) = delete;
  Cosigner& operator=(const Cosigner&) = delete;

  struct State {
    uint64_t failures = 0;  // answers that did not come, or were no cosignature
    bool conflict = false;  // it cosigned another log than this one is: something was put back, or exchanged
  };
  [[nodiscard]] State state(std::string_view witness) const;
  // For /metrics, in the text form of Prometheus.
  [[nodiscard]] std::string metrics() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Target {
    trail::Checkpoint checkpoint;
    std::string note;
  };
  struct Peer {
    std::string name;
    trail::VerifierKey key;
    State state;
    std::thread thread;
  };
  enum class Outcome { kCosigned, kSuperseded, kFailed, kConflict };

  void choose_targets();
  void check_what_was_cosigned();
  void run(Peer& peer);
  Outcome attempt(const Peer& peer, const Target& target);
  Outcome take_reply(const Peer& peer, const Target& target, const WitnessReply& reply, uint64_t& old_size);
  Outcome conflict(const Peer& peer, const Target& target, std::string_view why, uint64_t size);
  void keep_refusal(const std::string& witness, TreeSize cosigned);
  Outcome failed(const Peer& peer, std::string_view why);
  Result<std::string> body_for(const Target& target, uint64_t old_size);
  [[nodiscard]] uint64_t newest_size();

  PublishedLog& log_;
  Cosigned& cosigned_;
  const Ask ask_;
  JsonLog& json_log_;
  const CosignerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  uint64_t generation_ = 0;  // counts targets; 0: there is none yet
  Target target_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::thread chooser_;
};

}  // namespace weerbaar::service
