// Connections between processes of one machine, by a socket that has a name in a directory (unix(7)). Only processes of
// the same user, and those of root, can connect.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::os {

// Not thread-safe. Closed when it is destroyed, also by the end of the process.
class LocalConnection {
 public:
  virtual ~LocalConnection() = default;
  // A few bytes. kIo when the other side closed.
  virtual Status send(std::string_view text) = 0;
  // What came, at most 64 bytes; empty when the other side closed; nothing when neither happened in that time.
  virtual Result<std::optional<std::string>> receive(std::chrono::milliseconds at_most) = 0;
};

class LocalListener {
 public:
  virtual ~LocalListener() = default;
  // The next that connects; null when nobody did in that time.
  virtual Result<std::unique_ptr<LocalConnection>> accept(std::chrono::milliseconds at_most) = 0;
};

// Takes the place of a socket that a process left behind: the caller knows that nobody listens there. The name is
// removed when the listener is destroyed. kDenied, kNotFound of the directory, kIo.
Result<std::unique_ptr<LocalListener>> listen_locally(const std::string& path);
// Null when nobody listens there.
Result<std::unique_ptr<LocalConnection>> connect_locally(const std::string& path);

}  // namespace weerbaar::os
