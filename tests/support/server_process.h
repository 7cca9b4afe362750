// A server that a test or a benchmark starts: a process of ours, that ends when we do.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace weerbaar::support {

struct ServerCommand {
  std::vector<std::string> arguments;  // the program first, by its path
  std::string log;                     // file that its output is appended to
  std::string user;                    // to run as; empty: as we do
};

class ServerProcess {
 public:
  static Result<ServerProcess> start(const ServerCommand& command);
  ServerProcess() = default;
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&& other) noexcept;
  // Kills it when it still runs.
  ~ServerProcess();

  [[nodiscard]] bool is_started() const { return pid_ > 0; }
  // An error, with the end of its log, when it has ended by itself.
  Status check_running();
  // Sends the signal and waits until it has ended; kIo when it does not within a minute.
  Status stop(int signal);

 private:
  bool has_ended();

  pid_t pid_ = 0;
  std::string log_;
};

// Runs a program to its end. An error, with the end of its output, when it fails.
Status run_program(const ServerCommand& command);

// Gives a file or directory to a user.
Status give_to(const std::string& path, const std::string& user);

}  // namespace weerbaar::support
