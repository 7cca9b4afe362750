#include "http/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace weerbaar::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::string_view kEndOfHead = "\r\n\r\n";
// Room that a body gets at once; more comes as it arrives.
constexpr size_t kBodyBytesOnTrust = 16 * 1024;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What is wrong with the lines of a head, or nothing. Programs differ in how they read a line that begins with a blank,
// a line end of one character, and control characters: so a head has none of them.
std::string_view fault_of_lines(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    if (byte == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return "a line ends in CR without LF";
    if (byte == '\n') {
      if (i == 0 || head[i - 1] != '\r') return "a line ends in LF without CR";
      if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return "a line is folded";
    }
    const bool blank = byte == '\r' || byte == '\n' || byte == '\t';
    if ((byte < 0x20 && !blank) || byte == 0x7F) return "the header has a control character";
  }
  return {};
}

size_t count_of(const std::vector<Field>& fields, std::string_view name) {
  return static_cast<size_t>(std::ranges::count(fields, name, &Field::name));
}

}  // namespace

RequestReader::RequestReader(const Limits& limits, MemoryBudget& budget)
    : limits_(&limits),
      chunks_(limits.header_bytes_max),
      body_bytes_max_(limits.body_bytes_max),
      body_memory_(budget) {}

void RequestReader::refuse(int status, std::string_view detail) {
  state_ = State::kRefused;
  keep_alive_ = false;
  refusal_ = problem(status, detail);
}

void RequestReader::refuse_for_now() {
  refuse(503, "too many requests are being read: send this one again");
  refusal_ = problem_retry(503, "too many requests are being read: send this one again", 1);
}

size_t RequestReader::read(std::string_view bytes) {
  if (bytes.empty()) return 0;
  begun_ = true;
  if (state_ == State::kHead) return take_head(bytes);
  if (state_ == State::kBody) return take_body(bytes);
  return 0;
}

size_t RequestReader::take_head(std::string_view bytes) {
  const size_t before = head_.size();
  // The mark may begin in what was there.
  const size_t from = before < kEndOfHead.size() ? 0 : before - (kEndOfHead.size() - 1);
  head_.append(bytes.substr(0, limits_->header_bytes_max + 1 - std::min(before, limits_->header_bytes_max)));
  const size_t end = head_.find(kEndOfHead, from);
  if (end == std::string::npos) {
    // The LF behind a last CR may still come.
    const std::string_view known = std::string_view(head_).substr(0, head_.size() - (head_.ends_with('\r') ? 1 : 0));
    if (const std::string_view fault = fault_of_lines(known); !fault.empty()) {
      refuse(400, fault);
    } else if (head_.size() > limits_->header_bytes_max) {
      refuse(431, "the header is too long");
    }
    return head_.size() - before;
  }
  head_.resize(end + kEndOfHead.size());
  const size_t taken = head_.size() - before;
  if (head_.size() > limits_->header_bytes_max) {
    refuse(431, "the header is too long");
  } else if (const std::string_view fault = fault_of_lines(head_); !fault.empty()) {
    refuse(400, fault);
  } else {
    parse_head();
  }
  return taken;
}

void RequestReader::parse_head() {
  const auto lines = static_cast<size_t>(std::ranges::count(head_, '\n'));
  if (lines > limits_->header_fields_max + 2) return refuse(431, "the header has too many fields");
  // Only the head goes through it: its decoder of chunks stops the program when an empty body is cut in the wrong
  // place.
  beast_http::request_parser<beast_http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(head_.size() + 1));
  parser.body_limit(boost::none);
  boost::system::error_code error;
  const size_t used = parser.put(boost::asio::buffer(head_), error);
  if (error == beast_http::error::bad_version) return refuse(505, "this is not HTTP/1.1");
  if (error || !parser.is_header_done() || used != head_.size()) return refuse(400, "this is no request of HTTP/1.1");
  const auto& message = parser.get();
  std::optional<uint64_t> length;
  if (const auto said = parser.content_length()) length = *said;
  if (message.version() != 10 && message.version() != 11) return refuse(505, "this is not HTTP/1.1");
  version_1_0_ = message.version() == 10;
  request_.method = std::string(message.method_string());
  for (const auto& field : message) {
    request_.fields.push_back({lower_case(std::string_view(field.name_string().data(), field.name_string().size())),
                               std::string(field.value())});
  }
  if (!accept_target(std::string_view(message.target().data(), message.target().size()))) return;
  if (!accept_framing(length) || !accept_fields()) return;
  keep_alive_ = parser.keep_alive();
  head_ = std::string();
  state_ = State::kHeadIs;
}

bool RequestReader::accept_target(std::string_view target) {
  if (request_.method == "CONNECT") {
    refuse(501, "this is no proxy");
    return false;
  }
  // A client that takes us for a proxy names the host too: what counts is the path.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lower_case(target.substr(0, scheme.size())) != scheme) continue;
    const size_t path = target.find_first_of("/?", scheme.size());
    request_.target = path == std::string_view::npos ? "/" : std::string(target.substr(path));
    if (request_.target.front() == '?') request_.target.insert(request_.target.begin(), '/');
    return true;
  }
  if (!target.starts_with('/') && !(target == "*" && request_.method == "OPTIONS")) {
    refuse(400, "the target must be a path");
    return false;
  }
  request_.target = std::string(target);
  return true;
}

// A body has one length, said in one way, so that nobody in front of us can see another end of it.
bool RequestReader::accept_framing(std::optional<uint64_t> length) {
  const size_t lengths = count_of(request_.fields, "content-length");
  const size_t encodings = count_of(request_.fields, "transfer-encoding");
  if (lengths + encodings > 1) {
    refuse(400, "the length of the body is said more than once");
    return false;
  }
  if (lengths == 1 && !is_digits(request_.field("content-length"))) {
    refuse(400, "Content-Length must be a number");
    return false;
  }
  if (encodings == 1 && version_1_0_) {
    refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    return false;
  }
  if (encodings == 1 && lower_case(request_.field("transfer-encoding")) != "chunked") {
    refuse(501, "the only Transfer-Encoding here is chunked");
    return false;
  }
  if (encodings == 0) length_ = length.value_or(0);
  return accept_length();
}

// Of chunks the length shows as they come; where no body may be there are none.
bool RequestReader::accept_length() {
  if (length_.value_or(body_bytes_max_ == 0 ? 1 : 0) <= body_bytes_max_) return true;
  refuse(413, body_bytes_max_ == 0 ? "there may be no body here" : "the body is too large");
  return false;
}

bool RequestReader::accept_fields() {
  const size_t hosts = count_of(request_.fields, "host");
  if (hosts > 1 || (hosts == 0 && !version_1_0_)) {
    refuse(400, "there must be one field Host");
    return false;
  }
  if (const std::string_view expected = request_.field("expect"); !expected.empty() && !version_1_0_) {
    if (lower_case(expected) != "100-continue") {
      refuse(417, "the only expectation that is met is 100-continue");
      return false;
    }
    expects_continue_ = true;
  }
  return true;
}

void RequestReader::read_body(size_t bytes_max) {
  WEERBAAR_CHECK(state_ == State::kHeadIs);
  body_bytes_max_ = std::min(bytes_max, body_bytes_max_);
  if (!accept_length()) return;
  state_ = has_body() ? State::kBody : State::kDone;
}

// Memory grows with what has come, twice as much each time, and not with what is promised.
bool RequestReader::append_body(std::string_view data) {
  std::string& body = request_.body;
  const size_t bytes = body.size() + data.size();
  if (bytes > body_bytes_max_) {
    refuse(413, "the body is too large");
    return false;
  }
  if (bytes > body_room_) {
    const size_t most = static_cast<size_t>(std::min<uint64_t>(length_.value_or(UINT64_MAX), body_bytes_max_));
    const size_t first = std::min(most, kBodyBytesOnTrust);
    const size_t room = std::min(std::max({first, bytes, body_room_ * 2}), most);
    if (!body_memory_.take(room - body_room_)) {
      refuse_for_now();
      return false;
    }
    body.reserve(room);
    body_room_ = room;
  }
  body += data;
  return true;
}

size_t RequestReader::take_body(std::string_view bytes) {
  if (length_) {
    const std::string_view data =
        bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(*length_ - request_.body.size(), bytes.size())));
    if (append_body(data) && request_.body.size() == *length_) state_ = State::kDone;
    return data.size();
  }
  size_t used = 0;
  while (used < bytes.size() && state_ == State::kBody) {
    const ChunkDecoder::Piece piece = chunks_.read(bytes.substr(used));
    used += piece.used;
    if (chunks_.bad()) {
      refuse(400, "the chunks of the body are not as HTTP/1.1 has them");
    } else if (append_body(piece.data) && chunks_.done()) {
      state_ = State::kDone;
    }
  }
  return used;
}

}  // namespace weerbaar::http
