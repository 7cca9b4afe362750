// Keeps what decisions are taken by as the register and the policies are: looks every few seconds, and reads in the
// background what changed, while decisions go on by what was.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "decide/knowledge.h"
#include "register/register.h"
#include "server/data_directory.h"
#include "server/decision_policies.h"
#include "server/import_ledger.h"
#include "server/policies.h"
#include "service/json_log.h"

namespace weerbaar::server {

class DecisionLoader {
 public:
  static constexpr std::chrono::milliseconds kLookEvery{2'000};

  // Reads what was adopted. All must outlive it.
  static Result<std::unique_ptr<DecisionLoader>> create(const DataDirectory& data, ReadTrail read,
                                                        decide::DecisionPoint& point, service::JsonLog& log);
  ~DecisionLoader() { stop(); }
  DecisionLoader(const DecisionLoader&) = delete;
  DecisionLoader& operator=(const DecisionLoader&) = delete;

  // Looks at once, and then again and again, in a thread of its own. Nothing when it does already.
  void start();
  // Waits for a look under way.
  void stop();
  // One look. Errors of the register and of policies; what counted before counts on. kNotFound when no control policy
  // is in force. kCorrupt when the register is not what the trail says.
  Status look();
  // Whether decisions are taken by what counts now, for /metrics; empty while no policy is in force.
  [[nodiscard]] std::string metrics() const;
  // Another process wrote the trail: the next look, which is at once, reads again what was adopted.
  void look_at_policies();

 private:
  // What tells that nothing changed.
  struct Seen {
    uint64_t import = 0;
    uint64_t control_policy = 0;
    std::optional<uint64_t> decision_policy;

    bool operator==(const Seen&) const = default;
  };

  DecisionLoader(const DataDirectory& data, ReadTrail read, decide::DecisionPoint& point, service::JsonLog& log)
      : data_(data), read_(std::move(read)), point_(point), log_(log) {}
  Status read_adoptions();
  void run();
  Status look_for_news();
  void tell(const Status& status);
  Status load(const Seen& seen);

  const DataDirectory& data_;
  const ReadTrail read_;
  decide::DecisionPoint& point_;
  service::JsonLog& log_;
  std::vector<Adoption> control_policies_;
  std::vector<Adoption> decision_policies_;
  std::unique_ptr<facts::Register> register_;
  std::optional<Seen> seen_;
  bool adoptions_are_old_ = false;
  bool lacks_policy_ = false;  // at the last look
  enum class Outcome { kNone, kCurrent, kFailed };
  std::atomic<Outcome> outcome_ = Outcome::kNone;  // of the last look
  std::string told_;                               // the error that was logged last
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool ended_ = false;
  bool adoptions_changed_ = false;
  std::thread thread_;
};

}  // namespace weerbaar::server
