#include "server/decision_loader.h"

#include <fmt/format.h>

#include <utility>

namespace weerbaar::server {

Result<std::unique_ptr<DecisionLoader>> DecisionLoader::create(const DataDirectory& data, ReadTrail read,
                                                               decide::DecisionPoint& point, service::JsonLog& log) {
  std::unique_ptr<DecisionLoader> loader(new DecisionLoader(data, std::move(read), point, log));
  WEERBAAR_TRY(loader->read_adoptions());
  return loader;
}

Status DecisionLoader::read_adoptions() {
  return read_([this](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(std::vector<Adoption> control, adoptions(trail));
    WEERBAAR_ASSIGN(decision_policies_, decision_adoptions(trail));
    control_policies_ = std::move(control);
    return {};
  });
}

void DecisionLoader::look_at_policies() {
  {
    const std::lock_guard lock(mutex_);
    adoptions_changed_ = true;
  }
  stopping_.notify_all();
}

void DecisionLoader::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void DecisionLoader::stop() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DecisionLoader::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    lock.unlock();
    tell(look());
    lock.lock();
    stopping_.wait_for(lock, kLookEvery, [this] { return ended_ || adoptions_changed_; });
  }
}

// Once, not at every look. Without a policy nothing is wrong: perhaps nobody asks for decisions. Who does is told, and
// the log then.
void DecisionLoader::tell(const Status& status) {
  const std::string text = status ? std::string() : status.error().text;
  if (!text.empty() && text != told_ && lacks_policy_) {
    log_.info("no decisions can be taken yet", {{"why", std::string_view(text)}});
  } else if (!text.empty() && text != told_) {
    log_.error("what decisions are taken by could not be read, and is what it was", {{"why", std::string_view(text)}});
  }
  told_ = text;
}

std::string DecisionLoader::metrics() const {
  const Outcome outcome = outcome_;
  if (outcome == Outcome::kNone) return {};
  return fmt::format(
      "# HELP weerbaar_decision_facts_current 1: decisions are taken by the newest facts and policies; 0: these cannot "
      "be "
      "read, and what was known before counts.\n"
      "# TYPE weerbaar_decision_facts_current gauge\n"
      "weerbaar_decision_facts_current {}\n",
      outcome == Outcome::kCurrent ? 1 : 0);
}

Status DecisionLoader::look() {
  Status status = look_for_news();
  outcome_ = lacks_policy_ ? Outcome::kNone : status ? Outcome::kCurrent : Outcome::kFailed;
  return status;
}

Status DecisionLoader::look_for_news() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(adoptions_changed_, false)) adoptions_are_old_ = true;
  }
  if (adoptions_are_old_) {
    WEERBAAR_TRY(read_adoptions());
    adoptions_are_old_ = false;
  }
  const Time now = os::now();
  const auto control_policy = in_force(control_policies_, now);
  lacks_policy_ = !control_policy;
  if (lacks_policy_) {
    return fail(Code::kNotFound,
                "no control policy is in force: adopt one with `weerbaar policy`, which is seen within "
                "seconds");
  }
  if (register_ == nullptr) {
    WEERBAAR_ASSIGN(register_, data_.open_register());
  }
  const auto import = register_->imports();
  if (!import) {
    // Its database may have gone away: the next look opens it anew.
    register_.reset();
    return std::unexpected(import.error());
  }
  const Seen seen{*import, *control_policy, in_force(decision_policies_, now)};
  if (seen_ == seen) return {};
  const Status loaded = load(seen);
  if (!loaded) {
    register_.reset();
    return loaded;
  }
  seen_ = seen;
  return {};
}

Status DecisionLoader::load(const Seen& seen) {
  WEERBAAR_ASSIGN(const AdoptedPolicy control, read_adopted(data_, control_policies_, seen.control_policy));
  WEERBAAR_ASSIGN(std::vector<purpose::Rule> rules, purpose::read_rules(control.policy));
  WEERBAAR_ASSIGN(AdoptedDecisionPolicy decisions, decision_policy_at(data_, decision_policies_, os::now()));
  auto facts = std::make_unique<purpose::FactBase>();
  decide::Knowledge::want(rules, *facts);
  WEERBAAR_ASSIGN(const ImportLedger ledger, ledger_of(*register_, read_));
  WEERBAAR_TRY(facts->load(*register_, seen.import, [&](const facts::Table& table, const facts::TableState& state) {
    return ledger.compare(table.name, seen.import, state, register_->name());
  }));
  decide::Versions versions{seen.import, control.policy.number, control.digest, decisions.number, decisions.digest};
  point_.use(std::make_shared<const decide::Knowledge>(std::move(rules), std::move(facts), std::move(decisions.policy),
                                                       std::move(versions)));
  log_.info(
      "decisions are taken by new facts",
      {{"import", seen.import}, {"control_policy", control.policy.number}, {"decision_policy", decisions.number}});
  return {};
}

}  // namespace weerbaar::server
