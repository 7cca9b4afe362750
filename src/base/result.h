// The one error type of the house: Result<T> is a value, or a code to act on and a text for a person.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weerbaar {

// Each code is here because a caller acts on it.
enum class Code : uint8_t {
  kInvalid,   // the input is wrong: mend it
  kNotFound,  // there is no such thing
  kExists,    // it is there already
  kCorrupt,   // stored bytes contradict each other or their proof: stop, and verify
  kIo,        // the operating system refused: look at the machine, then retry
  kNoSpace,   // the disk is full: make room, then retry
  kBusy,      // another process holds it: retry later
  kStopped,   // stopped after an earlier failure: reopen
  kDenied,    // the caller lacks the key or the right
};

// Name of a code as written in output: "invalid", "not found" ….
std::string_view to_string(Code code);

// `text` says what is wrong, where, and what to do about it. It never holds personal data.
struct Error {
  Code code;
  std::string text;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

inline std::unexpected<Error> fail(Code code, std::string text) {
  return std::unexpected<Error>(Error{code, std::move(text)});
}

// The same error with the place where it was met in front: "segment 3: " + text.
std::unexpected<Error> fail_in(std::string_view place, const Error& error);

}  // namespace weerbaar

#define WEERBAAR_CONCAT_(a, b) a##b
#define WEERBAAR_CONCAT(a, b) WEERBAAR_CONCAT_(a, b)

// Returns the error of a Status or Result expression from the enclosing function.
#define WEERBAAR_TRY(expression)                                  \
  do {                                                            \
    if (auto weerbaar_status = (expression); !weerbaar_status) {  \
      return std::unexpected(std::move(weerbaar_status.error())); \
    }                                                             \
  } while (false)

// WEERBAAR_ASSIGN(auto x, f()): declares or assigns the value, or returns the error. Two statements: brace it behind
// if.
#define WEERBAAR_ASSIGN(target, expression) \
  WEERBAAR_ASSIGN_(WEERBAAR_CONCAT(weerbaar_result_, __LINE__), target, expression)
#define WEERBAAR_ASSIGN_(result, target, expression)              \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result.error())); \
  target = std::move(*result)
