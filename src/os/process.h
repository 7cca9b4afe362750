// The process and what surrounds it: who runs it, where, and its streams.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::os {

// The person behind the process: who called sudo, else who runs it; "uid-1000" for a user without a name.
std::string user_name();
// The number of the user that the process runs as.
uint64_t user_id();
// Empty when the machine has none.
std::string host_name();
// Whether a person at a terminal reads standard error.
bool error_is_terminal();
// A line without its end, from the person at the terminal, who is asked with `prompt` and does not see it appear; from
// standard input when that is no terminal. kInvalid when it is longer than a kilobyte.
Result<std::string> read_secret(std::string_view prompt);
bool input_is_terminal();
// From now on a file that would grow beyond the limit of the process (RLIMIT_FSIZE) fails to, as on a full disk,
// instead of ending the process.
void survive_file_size_limit();

// What somebody asks of a process that runs until it is told to end.
enum class Request {
  kStop,    // SIGTERM, SIGINT
  kReload,  // SIGHUP
};
// From now on these signals wait for wait_for_request(). Call it before the first thread is made: threads inherit it.
void hold_requests();
// After hold_requests(), in one thread.
Request wait_for_request();
// Tells the service manager that started this process (systemd: sd_notify) how it is, as "READY=1"; nothing when there
// is none.
void tell_service_manager(std::string_view state);
// As many open files as this process may have; how many that is now.
uint64_t allow_most_open_files();

// From now on other threads go before this one where they compete for a processor; it still gets a tenth of it.
void give_way_to_other_threads();

// Bytes from front to back, as pipes give them.
class InputStream {
 public:
  virtual ~InputStream() = default;
  // Waits until there is something; 0 at the end.
  virtual Result<size_t> read(std::span<uint8_t> buffer) = 0;
};

// "-" is standard input; anything else a file, named pipe or device. kNotFound, kDenied or kIo. A directory is
// kInvalid.
Result<std::unique_ptr<InputStream>> open_input(const std::string& path);

}  // namespace weerbaar::os
