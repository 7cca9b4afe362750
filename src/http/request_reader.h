// From the bytes of a connection to requests: one at a time, cut anywhere, refused as soon as it is plain that they are
// wrong or too large. RFC 9112, and stricter: whatever two programs could read as two different requests is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/chunk_decoder.h"
#include "http/limits.h"
#include "http/memory_budget.h"
#include "http/message.h"

namespace weerbaar::http {

class RequestReader {
 public:
  enum class State {
    kHead,     // needs more of the head
    kHeadIs,   // the head is complete, and nobody has looked at it yet: call read_body() to go on
    kBody,     // needs more of the body
    kDone,     // the request is complete
    kRefused,  // see refusal(); what follows on this connection cannot be told apart any more
  };

  // Both must outlive it. The memory of bodies is taken from `budget` as they grow.
  RequestReader(const Limits& limits, MemoryBudget& budget);

  // Takes bytes from the front, and returns how many; those behind a request are left for the next one. In the states
  // kHead and kBody all are taken, or the state changes.
  size_t read(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }
  // From kHeadIs: a body of at most so many bytes is wanted. kDone at once when there is none, kRefused at once when it
  // is said to be larger.
  void read_body(size_t bytes_max);
  // In kHeadIs: a body follows.
  [[nodiscard]] bool has_body() const { return length_ != 0; }

  // Any byte of a request has come.
  [[nodiscard]] bool has_begun() const { return begun_; }
  // From kHeadIs on. The body is complete in kDone; it may be compressed.
  [[nodiscard]] Request& request() { return request_; }
  // The client may send another request on this connection.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool version_1_0() const { return version_1_0_; }
  // The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  // What the body may have, from read_body() on.
  [[nodiscard]] size_t body_bytes_max() const { return body_bytes_max_; }
  // What the body takes of the budget, until this is destroyed or assigned to.
  [[nodiscard]] MemoryBudget::Share& body_memory() { return body_memory_; }
  // In kRefused.
  [[nodiscard]] const Response& refusal() const { return refusal_; }

 private:
  size_t take_head(std::string_view bytes);
  void parse_head();
  bool accept_target(std::string_view target);
  bool accept_framing(std::optional<uint64_t> length);
  bool accept_length();
  bool accept_fields();
  size_t take_body(std::string_view bytes);
  bool append_body(std::string_view data);
  void refuse(int status, std::string_view detail);
  void refuse_for_now();

  const Limits* limits_;
  State state_ = State::kHead;
  bool begun_ = false;
  bool keep_alive_ = false;
  bool version_1_0_ = false;
  bool expects_continue_ = false;
  std::string head_;
  std::optional<uint64_t> length_;  // of the body; nothing when it comes in chunks
  ChunkDecoder chunks_;
  size_t body_bytes_max_;
  size_t body_room_ = 0;
  Request request_;
  MemoryBudget::Share body_memory_;
  Response refusal_;
};

}  // namespace weerbaar::http
