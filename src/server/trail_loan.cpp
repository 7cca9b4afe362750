#include "server/trail_loan.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace weerbaar::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kAsk = "lend\n";
constexpr std::string_view kLent = "lent\n";
constexpr std::chrono::seconds kGivenWithin{60};
constexpr std::chrono::milliseconds kLookAround{200};
// Who has connected asks at once: one that does not keeps nobody else waiting for longer.
constexpr std::chrono::seconds kAskedWithin{2};
// After so long the log says that senders are kept waiting.
constexpr std::chrono::seconds kLong{10};

}  // namespace

Result<std::shared_ptr<const void>> borrow_trail(const std::string& socket) {
  WEERBAAR_ASSIGN(std::unique_ptr<os::LocalConnection> server, os::connect_locally(socket));
  if (server == nullptr) return nullptr;
  // A server that ends now closes it, and leaves the trail free.
  if (!server->send(kAsk)) return nullptr;
  WEERBAAR_ASSIGN(const auto answer, server->receive(kGivenWithin));
  if (answer && answer->empty()) return nullptr;
  if (answer != kLent) {
    return fail(Code::kBusy, fmt::format("{}: the server did not lend the trail within {} seconds: its log says why",
                                         socket, kGivenWithin.count()));
  }
  return std::shared_ptr<const void>(std::move(server));
}

Result<bool> server_runs(const std::string& socket) {
  WEERBAAR_ASSIGN(const auto server, os::connect_locally(socket));
  return server != nullptr;
}

Result<std::unique_ptr<TrailLender>> TrailLender::open(const std::string& socket, service::EventWriter& writer,
                                                       service::JsonLog& log) {
  WEERBAAR_ASSIGN(auto listener, os::listen_locally(socket));
  return std::unique_ptr<TrailLender>(new TrailLender(std::move(listener), writer, log));
}

TrailLender::TrailLender(std::unique_ptr<os::LocalListener> listener, service::EventWriter& writer,
                         service::JsonLog& log)
    : listener_(std::move(listener)), writer_(writer), log_(log) {
  thread_ = std::thread([this] { run(); });
}

TrailLender::~TrailLender() {
  ended_ = true;
  thread_.join();
}

void TrailLender::run() {
  while (!ended_) {
    auto borrower = listener_->accept(kLookAround);
    if (!borrower) {
      log_.error("commands that ask for the trail are not heard", {{"why", std::string_view(borrower.error().text)}});
      std::this_thread::sleep_for(kAskedWithin);
      continue;
    }
    if (*borrower == nullptr) continue;
    const auto asked = (*borrower)->receive(kAskedWithin);
    if (asked && *asked == kAsk) lend_to(**borrower);
  }
}

void TrailLender::lend_to(os::LocalConnection& borrower) {
  const Clock::time_point from = Clock::now();
  const Status back = writer_.lend([&] {
    // Who is gone already has nothing to give back.
    if (borrower.send(kLent)) wait_for(borrower);
  });
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - from);
  const uint64_t took = static_cast<uint64_t>(milliseconds.count());
  if (back) {
    log_.info("a command had the trail", {{"milliseconds", took}});
  } else {
    log_.error("the trail could not be opened again after a command had it, and that is tried further",
               {{"milliseconds", took}, {"why", std::string_view(back.error().text)}});
  }
}

void TrailLender::wait_for(os::LocalConnection& borrower) {
  const Clock::time_point from = Clock::now();
  bool told = false;
  for (;;) {
    const auto said = borrower.receive(kLookAround);
    if (!said || (*said && (*said)->empty())) return;
    if (told || Clock::now() - from < kLong) continue;
    told = true;
    log_.warning("a command keeps the trail for long, and senders wait", {});
  }
}

}  // namespace weerbaar::server
