#include "http/request_reader.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weerbaar::http {
namespace {

using State = RequestReader::State;

struct Outcome {
  State state = State::kHead;
  size_t used = 0;
  int status = 0;
  Request request;

  bool operator==(const Outcome& other) const {
    return state == other.state && used == other.used && status == other.status &&
           request.target == other.request.target && request.body == other.request.body;
  }
};

// Reads one request from pieces of at most `piece` bytes.
Outcome read_in_pieces(const Limits& limits, std::string_view bytes, size_t piece) {
  MemoryBudget budget(limits.bodies_bytes_max);
  RequestReader reader(limits, budget);
  Outcome outcome;
  while (outcome.used < bytes.size()) {
    const size_t used = reader.read(bytes.substr(outcome.used, piece));
    outcome.used += used;
    if (reader.state() == State::kHeadIs) reader.read_body(limits.body_bytes_max);
    if (reader.state() == State::kDone || reader.state() == State::kRefused) break;
    EXPECT_GT(used, 0U);
    if (used == 0) break;
  }
  outcome.state = reader.state();
  if (outcome.state == State::kRefused) outcome.status = reader.refusal().status;
  if (outcome.state == State::kDone) outcome.request = reader.request();
  return outcome;
}

Outcome read_all(std::string_view bytes, const Limits& limits = {}) {
  return read_in_pieces(limits, bytes, bytes.size());
}

std::string with_fields(std::string_view fields) {
  return "POST /a HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestReader, reads_what_a_request_says) {
  const std::string bytes =
      "POST /a/b?c=%20d HTTP/1.1\r\nHost: example.org\r\nX-Thing:  two words \r\nContent-Length: 5\r\n\r\nhelloGET";
  const Outcome outcome = read_all(bytes);
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.request.method, "POST");
  EXPECT_EQ(outcome.request.target, "/a/b?c=%20d");
  EXPECT_EQ(outcome.request.path(), "/a/b");
  EXPECT_EQ(outcome.request.query(), "c=%20d");
  EXPECT_EQ(outcome.request.field("x-thing"), "two words");
  EXPECT_EQ(outcome.request.body, "hello");
  EXPECT_EQ(bytes.substr(outcome.used), "GET");
}

TEST(RequestReader, gives_the_same_however_the_bytes_are_cut) {
  const std::string bodies[] = {
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      with_fields("Content-Length: 20000\r\n") + std::string(20'000, 'x') + "left over",
      with_fields("Transfer-Encoding: chunked\r\n") +
          "5;a=b\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\nA: b\r\n\r\nleft",
      with_fields("Transfer-Encoding: chunked\r\n") + "5\r\nhelloX",
      with_fields("Transfer-Encoding: chunked\r\n") + "4e20\r\n" + std::string(20'000, 'y') + "\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n",
  };
  for (const std::string& bytes : bodies) {
    const Outcome whole = read_all(bytes);
    for (const size_t piece : {1U, 2U, 3U, 7U, 100U, 16'384U}) {
      const Outcome cut = read_in_pieces({}, bytes, piece);
      EXPECT_EQ(cut.state, whole.state) << bytes.substr(0, 80) << " in pieces of " << piece;
      EXPECT_EQ(cut.status, whole.status);
      EXPECT_TRUE(cut == whole || whole.state != State::kDone);
    }
  }
}

TEST(RequestReader, joins_chunks_and_leaves_their_trailer_out) {
  const Outcome outcome = read_all(with_fields("Transfer-Encoding: Chunked\r\n") +
                                   "5\r\nhello\r\n6\r\n world\r\n0\r\nAuthorization: Bearer x\r\n\r\n");
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.request.body, "hello world");
  EXPECT_EQ(outcome.request.field("authorization"), "");
}

TEST(RequestReader, refuses_every_request_whose_end_two_programs_could_see_differently) {
  const std::pair<std::string, int> cases[] = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -5\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 5\r\n", 400},
      {"Content-Length: \r\n", 400},
      {"Content-Length: 18446744073709551621\r\n", 400},
      {"Content-Length : 5\r\n", 400},
      {" Content-Length: 5\r\n", 400},
      {"X: y\r\n Content-Length: 5\r\n", 400},
      {"X: y\r\n\tz\r\n", 400},
      {"X: y\nContent-Length: 5\r\n", 400},
      {"X: y\rContent-Length: 5\r\n", 400},
      {std::string("X: y\0z\r\n", 8), 400},
      {"X\x01: y\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: chunked, identity\r\n", 501},
      {"Transfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding: \"chunked\"\r\n", 501},
      {"Transfer-Encoding:\x0b"
       "chunked\r\n",
       400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Host: other\r\n", 400},
      {"no colon\r\n", 400},
      {": no name\r\n", 400},
  };
  for (const auto& [fields, status] : cases) {
    const Outcome outcome = read_all(with_fields(fields) + "5\r\nhello\r\n0\r\n\r\n");
    EXPECT_EQ(outcome.state, State::kRefused) << fields;
    EXPECT_EQ(outcome.status, status) << fields;
  }
}

TEST(RequestReader, refuses_what_is_no_request_of_http_1) {
  const std::pair<std::string_view, int> cases[] = {
      {"GET /\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"CONNECT a:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02\n", 400},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n", 417},
  };
  for (const auto& [bytes, status] : cases) {
    const Outcome outcome = read_all(bytes);
    EXPECT_EQ(outcome.state, State::kRefused) << bytes;
    EXPECT_EQ(outcome.status, status) << bytes;
  }
}

TEST(RequestReader, refuses_chunks_that_are_not_as_they_should_be) {
  for (const std::string_view chunks : {"5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n",
                                        "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "\r\n\r\n",
                                        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n", "5\r\nhelloo\r\n0\r\n\r\n"}) {
    const Outcome outcome = read_all(with_fields("Transfer-Encoding: chunked\r\n") + std::string(chunks));
    EXPECT_EQ(outcome.state, State::kRefused) << chunks;
  }
}

TEST(RequestReader, takes_the_path_of_a_target_that_names_a_host) {
  EXPECT_EQ(read_all("GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/a?b");
  EXPECT_EQ(read_all("GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/");
  EXPECT_EQ(read_all("GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/?b");
}

TEST(RequestReader, refuses_more_than_the_limits) {
  Limits limits;
  limits.header_bytes_max = 256;
  limits.header_fields_max = 3;
  limits.body_bytes_max = 10;
  const std::string long_field = "X: " + std::string(300, 'x');
  EXPECT_EQ(read_all(with_fields(long_field + "\r\n"), limits).status, 431);
  EXPECT_EQ(read_all("GET /" + std::string(300, 'a'), limits).status, 431);
  EXPECT_EQ(read_all(with_fields("A: 1\r\nB: 2\r\nC: 3\r\n"), limits).status, 431);
  EXPECT_EQ(read_all(with_fields("A: 1\r\nB: 2\r\n"), limits).state, State::kDone);
  EXPECT_EQ(read_all(with_fields("Content-Length: 11\r\n"), limits).status, 413);
  EXPECT_EQ(read_all(with_fields("Content-Length: 10\r\n") + "0123456789", limits).state, State::kDone);
  const std::string chunked = with_fields("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(read_all(chunked + "5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n", limits).status, 413);
  EXPECT_EQ(read_all(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", limits).state, State::kDone);
  EXPECT_EQ(read_in_pieces(limits, chunked + "5;" + std::string(1'000, 'a'), 1).status, 400);
  EXPECT_EQ(read_in_pieces(limits, chunked + "0\r\nA: " + std::string(1'000, 'a'), 1).status, 400);
}

TEST(RequestReader, takes_memory_for_what_came_and_not_for_what_is_promised) {
  Limits limits;
  MemoryBudget budget(limits.bodies_bytes_max);
  {
    RequestReader reader(limits, budget);
    reader.read(with_fields("Content-Length: 60000000\r\n"));
    ASSERT_EQ(reader.state(), State::kHeadIs);
    reader.read_body(limits.body_bytes_max);
    reader.read("a little");
    EXPECT_LE(budget.used(), 64U * 1024);
    const std::string more(1'000'000, 'x');
    reader.read(more);
    EXPECT_GE(budget.used(), more.size());
    EXPECT_LE(budget.used(), 2 * more.size() + 64 * 1024);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(RequestReader, refuses_a_larger_body_than_is_wanted_before_any_of_it_takes_memory) {
  const Limits limits;
  const std::string chunked = with_fields("Transfer-Encoding: chunked\r\n");
  const std::tuple<std::string, size_t, std::string_view, State> cases[] = {
      {with_fields("Content-Length: 11\r\n"), 10, "", State::kRefused},
      {with_fields("Content-Length: 1\r\n"), 0, "", State::kRefused},
      {chunked, 0, "", State::kRefused},
      {chunked, 10, "b\r\n01234567890\r\n", State::kRefused},
      {chunked, 10, "5\r\n01234\r\n6\r\n567890\r\n", State::kRefused},
      {with_fields("Content-Length: 10\r\n"), 10, "0123456789", State::kDone},
      {chunked, 10, "a\r\n0123456789\r\n0\r\n\r\n", State::kDone},
      {with_fields("Content-Length: 0\r\n"), 0, "", State::kDone},
      {with_fields(""), 0, "", State::kDone},
  };
  for (const auto& [head, bytes_max, body, state] : cases) {
    MemoryBudget budget(limits.bodies_bytes_max);
    RequestReader reader(limits, budget);
    reader.read(head);
    ASSERT_EQ(reader.state(), State::kHeadIs) << head;
    reader.read_body(bytes_max);
    EXPECT_EQ(budget.used(), 0U);
    reader.read(body);
    EXPECT_EQ(reader.state(), state) << head << body;
    EXPECT_EQ(reader.refusal().status, state == State::kRefused ? 413 : 200);
    EXPECT_LE(budget.used(), bytes_max);
  }
}

TEST(RequestReader, says_to_come_back_when_all_bodies_together_are_too_much) {
  Limits limits;
  limits.bodies_bytes_max = 100'000;
  MemoryBudget budget(limits.bodies_bytes_max);
  MemoryBudget::Share other(budget);
  ASSERT_TRUE(other.take(90'000));
  RequestReader reader(limits, budget);
  reader.read(with_fields("Content-Length: 20000\r\n"));
  reader.read_body(limits.body_bytes_max);
  reader.read(std::string(20'000, 'x'));
  ASSERT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.refusal().status, 503);
  ASSERT_EQ(reader.refusal().fields.size(), 1U);
  EXPECT_EQ(reader.refusal().fields[0].name, "Retry-After");
}

TEST(RequestReader, knows_which_connections_may_go_on) {
  const std::pair<std::string_view, bool> cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  const Limits limits;
  MemoryBudget budget(limits.bodies_bytes_max);
  for (const auto& [bytes, keeps] : cases) {
    RequestReader reader(limits, budget);
    reader.read(bytes);
    ASSERT_EQ(reader.state(), State::kHeadIs);
    EXPECT_EQ(reader.keep_alive(), keeps) << bytes;
  }
}

}  // namespace
}  // namespace weerbaar::http
