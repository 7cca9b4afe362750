// Commands of this machine write the trail of a running server: it closes the trail for a command that asks, and opens
// it again when that is done, or was killed. Asked at a socket in the data directory, for the same user and root only.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "os/local_socket.h"
#include "service/event_writer.h"
#include "service/json_log.h"

namespace weerbaar::server {

// The loan, which lasts as long as this is kept: the trail is closed now, and a process that opens it finds it free.
// Null when no server listens at `socket`. kBusy when it does and gave nothing in a minute.
Result<std::shared_ptr<const void>> borrow_trail(const std::string& socket);
// Whether a server listens there.
Result<bool> server_runs(const std::string& socket);

// One command at a time. Between two of them what waits is written.
class TrailLender {
 public:
  // All must outlive it.
  static Result<std::unique_ptr<TrailLender>> open(const std::string& socket, service::EventWriter& writer,
                                                   service::JsonLog& log);
  // Waits for who has the trail. Before EventWriter::finish().
  ~TrailLender();
  TrailLender(const TrailLender&) = delete;
  TrailLender& operator=(const TrailLender&) = delete;

 private:
  TrailLender(std::unique_ptr<os::LocalListener> listener, service::EventWriter& writer, service::JsonLog& log);
  void run();
  void lend_to(os::LocalConnection& borrower);
  void wait_for(os::LocalConnection& borrower);

  const std::unique_ptr<os::LocalListener> listener_;
  service::EventWriter& writer_;
  service::JsonLog& log_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace weerbaar::server
