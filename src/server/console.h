// What a command says: results to standard output, everything else to standard error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace weerbaar::server {

// What the shell is told.
inline constexpr int kExitYes = 0;
inline constexpr int kExitNegative = 1;  // verification failed, records refused
inline constexpr int kExitWrongUse = 2;
inline constexpr int kExitOperational = 3;  // the machine, a lock, a missing right

class Console {
 public:
  explicit Console(bool json) : json_(json) {}
  // For work that nobody waits for at a terminal: it shows no progress.
  static Console without_progress() {
    Console console(false);
    console.shows_progress_ = false;
    return console;
  }

  // Whether the caller wants JSON in place of text for people.
  [[nodiscard]] bool json() const { return json_; }
  // A line of the result.
  void result(std::string_view line);
  // A line beside the result.
  void note(std::string_view line);
  // How far long work is; shown only to a person at a terminal, in place.
  void progress(std::string_view text);
  // Writes out what is buffered. kIo when standard output does not take it (a full disk, a closed pipe).
  Status flush();

 private:
  void clear_progress();

  bool json_;
  bool shows_progress_ = true;
  bool progress_shown_ = false;
  bool failed_ = false;
};

// The exit status of an error: wrong use, or an operational one.
int exit_of(const Error& error);

// 12345678 as "12,345,678".
std::string grouped(uint64_t number);
// A number and what it counts: "1 entry", "2,000 entries".
std::string counted(uint64_t number, std::string_view one, std::string_view many);

}  // namespace weerbaar::server
