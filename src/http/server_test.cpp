#include "http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "http/testing.h"
#include "os/testing.h"

namespace weerbaar::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class TestHandler final : public Handler {
 public:
  // Of tokens two are known.
  std::expected<Admission, Response> admit(const Request& head) override {
    if (head.path() == "/forbidden") return std::unexpected(problem(403, "not you"));
    if (head.path() == "/throw-early") throw std::runtime_error("secret");
    Admission admission;
    if (head.field("authorization") == "Bearer a" || head.field("authorization") == "bearer  a") admission.sender = "a";
    if (head.field("authorization") == "Bearer b") admission.sender = "b";
    admission.body_bytes_max = head.path() == "/none" ? 0 : head.path() == "/small" ? 10 : SIZE_MAX;
    return admission;
  }
  Response handle(Request& request) override {
    ++handled;
    Response response;
    response.content_type = "text/plain";
    if (request.path() == "/echo") {
      response.body = std::move(request.body);
    } else if (request.path() == "/who") {
      response.body = request.peer + "|" + request.certificate_subject;
    } else if (request.path() == "/large") {
      response.body = std::string(3'000'000, 'x');
    } else if (request.path() == "/throw") {
      throw std::runtime_error("secret");
    } else if (request.path() == "/throw-number") {
      throw 7;
    } else if (request.path() == "/wait") {
      at_work.count_down();
      go.wait();
      response.body = "waited";
    } else {
      response.body = std::string(request.target);
    }
    return response;
  }

  void form(const Request& head, Response& refusal) override {
    refusal.fields.push_back({"Formed", std::to_string(refusal.status) + std::string(head.path())});
  }

  std::atomic<int> handled = 0;
  std::latch at_work{1};
  std::latch go{1};
};

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class ServerTest : public testing::Test {
 protected:
  void start() {
    auto opened = Server::open(options_, handler_);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    server_ = std::move(*opened);
  }
  [[nodiscard]] uint16_t port() const { return server_->port(); }

  // Waits for what other threads bring about.
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 2'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  ServerOptions options_;
  TestHandler handler_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, answers_many_requests_on_one_connection) {
  start();
  TestClient client(port());
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.ask(post("/echo", std::to_string(i)));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, std::to_string(i));
  }
  EXPECT_EQ(server_->statistics().connections_accepted, 1U);
  EXPECT_TRUE(eventually([&] { return server_->statistics().requests_handled == 100; }));
}

TEST_F(ServerTest, answers_requests_that_came_together_in_their_order) {
  start();
  TestClient client(port());
  std::string all;
  for (int i = 0; i < 500; ++i) all += i % 2 == 0 ? get("/" + std::to_string(i)) : post("/echo", std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, (i % 2 == 0 ? "/" : "") + std::to_string(i));
  }
}

TEST_F(ServerTest, takes_large_bodies_whole_and_gives_large_answers_whole) {
  start();
  TestClient client(port());
  std::string body;
  for (int i = 0; i < 500'000; ++i) body += std::to_string(i);
  std::thread sender([&] { client.send(post("/echo", body)); });
  const auto answer = client.receive();
  sender.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == body);
  const auto large = client.ask(get("/large"));
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->body.size(), 3'000'000U);
}

TEST_F(ServerTest, answers_head_without_the_body) {
  start();
  TestClient client(port());
  client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client.receive(false);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->field("Content-Length"), "4");
  EXPECT_EQ(client.ask(get("/next"))->body, "/next");
}

TEST_F(ServerTest, lets_no_exception_out_of_a_handler_and_tells_nothing_of_it) {
  start();
  TestClient client(port());
  for (const char* const target : {"/throw", "/throw-number", "/throw-early"}) {
    const auto answer = client.ask(get(target));
    ASSERT_TRUE(answer.has_value()) << target;
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(client.ask(get("/fine"))->body, "/fine");
}

TEST_F(ServerTest, says_to_go_on_before_a_body_that_is_wanted) {
  start();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const auto first = client.receive();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->status, 100);
  EXPECT_EQ(client.ask("hello")->body, "hello");
}

TEST_F(ServerTest, refuses_before_the_body_what_is_not_admitted) {
  start();
  TestClient client(port());
  client.send("POST /forbidden HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 50000000\r\n\r\n");
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->field("Connection"), "close");
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(handler_.handled, 0);
  TestClient other(port());
  EXPECT_EQ(other.ask(get("/forbidden"))->status, 403);
  EXPECT_EQ(other.ask(get("/fine"))->status, 200);
}

TEST_F(ServerTest, refuses_requests_with_two_lengths_and_answers_nothing_behind_them) {
  start();
  for (const std::string_view fields :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n"}) {
    TestClient client(port());
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n0\r\n\r\n" + get("/smuggled"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 400);
    EXPECT_TRUE(client.ends());
  }
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(ServerTest, a_client_that_still_sends_sees_why_it_was_refused) {
  options_.limits.body_bytes_max = 1'000;
  options_.limits.header_bytes_max = 4'096;
  start();
  const std::string_view large = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n";
  const std::pair<std::string, int> cases[] = {
      {std::string(large) + std::string(900'000, 'x'), 413},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(900'000, 'x') + "\r\n\r\n", 431},
      {"GET /" + std::string(900'000, 'x'), 431},
  };
  for (const auto& [bytes, status] : cases) {
    TestClient client(port());
    std::thread sender([&] { client.send(bytes); });
    const auto answer = client.receive();
    sender.join();
    ASSERT_TRUE(answer.has_value()) << status;
    EXPECT_EQ(answer->status, status);
  }
}

TEST_F(ServerTest, decompresses_bodies_within_the_limit) {
  options_.limits.body_bytes_max = 100'000;
  start();
  const auto gzip = [](const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  };
  TestClient client(port());
  EXPECT_EQ(client.ask(post("/echo", gzip("hello"), "Content-Encoding: gzip\r\n"))->body, "hello");
  EXPECT_EQ(client.ask(post("/echo", gzip(std::string(100'001, 'x')), "Content-Encoding: gzip\r\n"))->status, 413);
  EXPECT_EQ(client.ask(post("/echo", "x", "Content-Encoding: br\r\n"))->status, 415);
  EXPECT_EQ(server_->statistics().body_bytes_held, 0U);
}

TEST_F(ServerTest, ends_connections_that_are_too_slow) {
  options_.limits.first_byte = milliseconds(200);
  options_.limits.header = milliseconds(300);
  options_.limits.body = milliseconds(300);
  options_.limits.idle = milliseconds(300);
  start();
  TestClient silent(port());
  TestClient half_a_head(port());
  half_a_head.send("GET / HTTP/1.1\r\nHo");
  TestClient half_a_body(port());
  half_a_body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
  TestClient idle(port());
  EXPECT_EQ(idle.ask(get("/"))->status, 200);
  // Sends without end, but never a whole head: what counts is when the head began.
  TestClient dripping(port());
  bool sent = true;
  const auto until = std::chrono::steady_clock::now() + seconds(10);
  while (sent && std::chrono::steady_clock::now() < until) {
    sent = dripping.send("G");
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_FALSE(sent);
  for (TestClient* const client : {&silent, &half_a_head, &half_a_body, &idle}) EXPECT_TRUE(client->ends());
  EXPECT_TRUE(eventually([&] { return server_->statistics().connections_open == 0; }));
  EXPECT_EQ(server_->statistics().timeouts, 5U);
  EXPECT_EQ(server_->statistics().body_bytes_held, 0U);
}

TEST_F(ServerTest, a_client_that_takes_no_answer_is_cut_off) {
  options_.limits.answer = milliseconds(300);
  start();
  TestClient client(port());
  for (int i = 0; i < 20; ++i) client.send(get("/large"));
  EXPECT_TRUE(eventually([&] { return server_->statistics().connections_open == 0; }));
}

TEST_F(ServerTest, answers_a_client_that_has_ended_its_own_side) {
  start();
  TestClient client(port());
  client.send(get("/one"));
  client.end_sending();
  EXPECT_EQ(client.receive()->body, "/one");
  EXPECT_TRUE(client.ends());
  {
    const TestClient gone(port());
  }
  EXPECT_TRUE(eventually([&] { return server_->statistics().connections_open == 0; }));
}

TEST_F(ServerTest, holds_no_more_connections_than_it_may) {
  options_.limits.connections_max = 3;
  start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(port()));
    EXPECT_EQ(clients.back()->ask(get("/"))->status, 200);
  }
  TestClient one_more(port());
  EXPECT_TRUE(one_more.ends());
  EXPECT_EQ(server_->statistics().connections_refused, 1U);
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return server_->statistics().connections_open == 2; }));
  TestClient again(port());
  EXPECT_EQ(again.ask(get("/"))->status, 200);
}

TEST_F(ServerTest, holds_no_more_connections_of_one_client_than_it_may) {
  options_.limits.connections_a_client_max = 1;
  start();
  TestClient first(port());
  EXPECT_EQ(first.ask(get("/"))->status, 200);
  TestClient second(port());
  EXPECT_TRUE(second.ends());
}

TEST_F(ServerTest, says_to_come_back_to_who_asks_too_often) {
  options_.limits.requests_a_second = 0.001;
  options_.limits.requests_burst = 2;
  start();
  TestClient client(port());
  EXPECT_EQ(client.ask(get("/"))->status, 200);
  EXPECT_EQ(client.ask(get("/"))->status, 200);
  const auto answer = client.ask(get("/"));
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->field("Retry-After"), "1");
}

TEST_F(ServerTest, ends_a_connection_after_the_last_request_it_may_have) {
  options_.limits.requests_a_connection_max = 2;
  start();
  TestClient client(port());
  EXPECT_EQ(client.ask(get("/"))->field("Connection"), "");
  EXPECT_EQ(client.ask(get("/"))->field("Connection"), "close");
  EXPECT_TRUE(client.ends());
  TestClient refused(port());
  EXPECT_EQ(refused.ask(get("/forbidden"))->field("Connection"), "");
  EXPECT_EQ(refused.ask(get("/forbidden"))->field("Connection"), "close");
  EXPECT_TRUE(refused.ends());
}

TEST_F(ServerTest, says_to_come_back_when_too_many_requests_wait) {
  options_.workers = 1;
  options_.limits.requests_waiting_max = 1;
  start();
  TestClient busy(port());
  busy.send(get("/wait"));
  handler_.at_work.wait();
  TestClient waiting(port());
  waiting.send(get("/a"));
  ASSERT_TRUE(eventually([&] { return server_->statistics().requests_waiting == 1; }));
  TestClient one_more(port());
  const auto answer = one_more.ask(get("/b"));
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->field("Retry-After"), "1");
  handler_.go.count_down();
  EXPECT_EQ(busy.receive()->body, "waited");
  EXPECT_EQ(waiting.receive()->body, "/a");
}

TEST_F(ServerTest, what_it_refuses_by_itself_gets_the_form_of_the_handler) {
  options_.limits.body_bytes_max = 1'000;
  options_.limits.requests_a_second = 0.001;
  options_.limits.requests_burst = 2;
  start();
  const auto formed = [&](const std::string& request) {
    TestClient client(port());
    return client.ask(request)->field("Formed");
  };
  EXPECT_EQ(formed(post("/echo", std::string(1'001, 'x'))), "413/echo");
  EXPECT_EQ(formed("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                   std::string(2'000, 'x') + "\r\n0\r\n\r\n"),
            "413/echo");
  EXPECT_EQ(formed(post("/echo", "x", "Content-Encoding: br\r\n")), "415/echo");
  EXPECT_EQ(formed(get("/echo")), "429/echo");
  EXPECT_EQ(formed("nonsense\r\n\r\n"), "400");
}

TEST_F(ServerTest, a_body_is_as_large_as_the_handler_says_as_it_comes_and_decompressed) {
  start();
  const auto status = [&](const std::string& request) {
    TestClient client(port());
    return client.ask(request)->status;
  };
  const std::string chunked = "POST /none HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string promised = "POST /none HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  EXPECT_EQ(status(chunked), 413) << "before any of it came";
  EXPECT_EQ(status(promised), 413) << "nobody is told to go on";
  EXPECT_EQ(status(post("/none", "")), 200);
  EXPECT_EQ(status(post("/small", std::string(11, 'x'))), 413);
  EXPECT_EQ(status(post("/small", std::string(10, 'x'))), 200);
  TestClient client(port());
  EXPECT_EQ(client.ask(post("/small", "x", "Content-Encoding: gzip\r\n"))->status, 400);
  EXPECT_EQ(handler_.handled, 2);
}

// Eight, each with another field Authorization, hold what one client may hold, and the rest is for others.
TEST_F(ServerTest, nobody_holds_more_by_inventing_who_he_is) {
  options_.limits.body_bytes_max = 1'000'000;
  options_.limits.bodies_bytes_max = 4'000'000;
  start();
  const std::string body(900'000, 'x');
  for (const bool known : {false, true}) {
    const uint64_t before = server_->statistics().requests_refused;
    std::vector<std::unique_ptr<TestClient>> hogs;
    for (int i = 0; i < 8; ++i) {
      const std::string token = known ? (i % 2 == 0 ? "Bearer a" : "bearer  a") : "Bearer invented" + std::to_string(i);
      hogs.push_back(std::make_unique<TestClient>(port()));
      hogs.back()->send("POST /echo HTTP/1.1\r\nHost: h\r\nAuthorization: " + token +
                        "\r\nContent-Length: 1000000\r\n\r\n" + body);
    }
    ASSERT_TRUE(eventually([&] { return server_->statistics().requests_refused >= before + 6; }));
    EXPECT_LE(server_->statistics().body_bytes_held, 2'000'000U);
    TestClient other(port());
    EXPECT_EQ(other.ask(post("/echo", body, "Authorization: Bearer b\r\n"))->status, 200);
    hogs.clear();
    ASSERT_TRUE(eventually([&] { return server_->statistics().body_bytes_held == 0; }));
  }
}

TEST_F(ServerTest, bodies_that_one_sender_holds_leave_room_for_others) {
  options_.limits.body_bytes_max = 1'000'000;
  options_.limits.bodies_bytes_max = 4'000'000;
  start();
  const std::string body(900'000, 'x');
  std::vector<std::unique_ptr<TestClient>> hogs;
  for (int i = 0; i < 8; ++i) {
    hogs.push_back(std::make_unique<TestClient>(port()));
    hogs.back()->send("POST /echo HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nContent-Length: 1000000\r\n\r\n" +
                      body);
    // The first two have theirs before the others come, who would else refuse each other.
    const uint64_t held = body.size() * static_cast<uint64_t>(std::min(i + 1, 2));
    ASSERT_TRUE(eventually([&] { return server_->statistics().body_bytes_held >= held; }));
  }
  ASSERT_TRUE(eventually([&] { return server_->statistics().requests_refused >= 6; }));
  EXPECT_LE(server_->statistics().body_bytes_held, 2'000'000U);
  TestClient same(port());
  EXPECT_EQ(same.ask(post("/echo", body, "Authorization: Bearer a\r\n"))->status, 503);
  TestClient other(port());
  EXPECT_EQ(other.ask(post("/echo", body, "Authorization: Bearer b\r\n"))->status, 200);
  TestClient nobody(port());
  EXPECT_EQ(nobody.ask(post("/echo", body))->status, 200);
  hogs.clear();
  EXPECT_TRUE(eventually([&] { return server_->statistics().body_bytes_held == 0; }));
  TestClient again(port());
  EXPECT_EQ(again.ask(post("/echo", body, "Authorization: Bearer a\r\n"))->status, 200);
}

TEST_F(ServerTest, stops_when_the_answers_that_are_due_were_given) {
  start();
  TestClient idle(port());
  EXPECT_EQ(idle.ask(get("/"))->status, 200);
  TestClient busy(port());
  busy.send(get("/wait"));
  handler_.at_work.wait();
  std::thread stopping([&] { server_->stop(seconds(20)); });
  EXPECT_TRUE(idle.ends());
  TestClient late(port());
  EXPECT_TRUE(!late.connected() || late.ends());
  handler_.go.count_down();
  const auto answer = busy.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "waited");
  EXPECT_EQ(answer->field("Connection"), "close");
  stopping.join();
  EXPECT_EQ(server_->statistics().connections_open, 0U);
}

TEST_F(ServerTest, stops_in_time_whatever_clients_do) {
  start();
  TestClient half(port());
  half.send("GET / HT");
  ASSERT_TRUE(eventually([&] { return server_->statistics().connections_open == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  server_->stop(milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(5));
  EXPECT_TRUE(half.ends());
}

TEST_F(ServerTest, tells_what_became_of_each_request_and_nothing_that_the_client_wrote) {
  std::mutex mutex;
  std::vector<Exchange> seen;
  options_.observe = [&](const Exchange& exchange) {
    const std::lock_guard lock(mutex);
    seen.push_back(exchange);
  };
  start();
  TestClient client(port());
  client.ask(post("/echo", "12345"));
  client.ask("nonsense\r\n\r\n");
  server_->stop(seconds(1));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[0].request_bytes, 5U);
  EXPECT_EQ(seen[0].response_bytes, 5U);
  EXPECT_EQ(seen[0].route, "none");
  EXPECT_EQ(seen[1].status, 400);
}

TEST_F(ServerTest, speaks_plain_http_on_loopback_only) {
  for (const char* const address : {"0.0.0.0", "::", "192.0.2.1"}) {
    options_.address = address;
    EXPECT_EQ(os::refusal(Server::open(options_, handler_)), Code::kDenied) << address;
  }
  options_.address = "localhost";
  EXPECT_EQ(os::refusal(Server::open(options_, handler_)), Code::kInvalid);
  options_.address = "127.0.0.1";
  start();
  options_.port = port();
  EXPECT_EQ(os::refusal(Server::open(options_, handler_)), Code::kBusy);
}

TEST_F(ServerTest, believes_a_proxy_about_who_asks_only_when_told_to) {
  constexpr std::string_view kFromAfar =
      "GET /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.7\r\n\r\n";
  start();
  EXPECT_EQ(TestClient(port()).ask(kFromAfar)->body, "127.0.0.1|");
  options_.behind_proxy = true;
  start();
  TestClient proxy(port());
  EXPECT_EQ(proxy.ask(kFromAfar)->body, "192.0.2.7|");
  EXPECT_EQ(proxy.ask(get("/who"))->body, "127.0.0.1|");
  EXPECT_EQ(proxy.ask("GET /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: who\r\n\r\n")->body, "127.0.0.1|");
}

TEST_F(ServerTest, counts_the_requests_of_each_client_behind_a_proxy_apart) {
  options_.behind_proxy = true;
  options_.limits.requests_a_second = 0.001;
  options_.limits.requests_burst = 1;
  start();
  TestClient proxy(port());
  const auto ask_for = [&](const std::string& client) {
    return proxy.ask("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + client + "\r\n\r\n")->status;
  };
  EXPECT_EQ(ask_for("192.0.2.7"), 200);
  EXPECT_EQ(ask_for("192.0.2.7"), 429);
  EXPECT_EQ(ask_for("192.0.2.8"), 200);
}

// --- TLS

class TlsServerTest : public ServerTest {
 protected:
  TlsServerTest() {
    options_.tls.emplace();
    options_.tls->certificate = make("server");
  }

  // Makes a certificate and keeps it in files too.
  Certificate make(const std::string& name) {
    const std::vector<std::string> names = {"localhost", name + ".example.org"};
    auto made = make_self_signed(names);
    EXPECT_TRUE(made.has_value());
    std::ofstream(file(name)) << made->certificate;
    std::ofstream(file(name) + ".key") << made->key;
    return *made;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return directory_.path() + "/" + name; }

  os::TemporaryDirectory directory_;
};

TEST_F(TlsServerTest, speaks_tls_1_3_and_nothing_older) {
  start();
  TestClient client(port());
  ASSERT_TRUE(client.begin_tls(file("server")));
  EXPECT_EQ(client.tls_version(), TLS1_3_VERSION);
  const auto answer = client.ask(post("/echo", std::string(200'000, 'x')));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body.size(), 200'000U);
  EXPECT_NE(answer->field("Strict-Transport-Security"), "");
  TestClient old(port());
  EXPECT_FALSE(old.begin_tls(file("server"), TLS1_2_VERSION));
  TestClient plain(port());
  plain.send(get("/"));
  EXPECT_FALSE(plain.receive().has_value());
  EXPECT_TRUE(eventually([&] { return server_->statistics().handshakes_failed == 2; }));
}

TEST_F(TlsServerTest, believes_no_proxy) {
  options_.behind_proxy = true;
  EXPECT_EQ(os::refusal(Server::open(options_, handler_)), Code::kInvalid);
}

TEST_F(TlsServerTest, ends_a_handshake_that_takes_too_long) {
  options_.limits.handshake = milliseconds(200);
  start();
  TestClient silent(port());
  EXPECT_TRUE(silent.ends());
}

TEST_F(TlsServerTest, tells_the_handler_who_the_client_proved_to_be) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/O=Example/CN=source-1' "
      "-out " +
      file("known") + " -keyout " + file("known") + ".key 2>/dev/null";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "the command line of OpenSSL is absent";
  std::ifstream known_file(file("known"));
  options_.tls->client_authorities = std::string(std::istreambuf_iterator<char>(known_file), {});
  make("stranger");
  start();
  TestClient known(port());
  ASSERT_TRUE(known.begin_tls(file("server"), TLS1_3_VERSION, file("known"), file("known") + ".key"));
  EXPECT_EQ(known.ask(get("/who"))->body, "127.0.0.1|CN=source-1,O=Example");
  TestClient nobody(port());
  ASSERT_TRUE(nobody.begin_tls(file("server")));
  EXPECT_EQ(nobody.ask(get("/who"))->body, "127.0.0.1|");
  TestClient stranger(port());
  stranger.begin_tls(file("server"), TLS1_3_VERSION, file("stranger"), file("stranger") + ".key");
  stranger.send(get("/who"));
  EXPECT_FALSE(stranger.receive().has_value());
}

TEST_F(TlsServerTest, lets_nobody_in_without_a_certificate_when_one_is_required) {
  options_.tls->client_authorities = make("known").certificate;
  options_.tls->client_certificate_required = true;
  start();
  TestClient nobody(port());
  nobody.begin_tls(file("server"));
  nobody.send(get("/who"));
  EXPECT_FALSE(nobody.receive().has_value());
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(TlsServerTest, shows_another_certificate_from_the_moment_it_is_told_to) {
  start();
  TestClient before(port());
  ASSERT_TRUE(before.begin_tls(file("server")));
  TlsOptions other;
  other.certificate = make("other");
  ASSERT_TRUE(server_->use_tls(other).has_value());
  TestClient after(port());
  EXPECT_TRUE(after.begin_tls(file("other")));
  EXPECT_EQ(before.ask(get("/still"))->body, "/still");
  other.certificate.key = "nonsense";
  EXPECT_EQ(os::refusal(server_->use_tls(other)), Code::kInvalid);
  TestClient still(port());
  EXPECT_TRUE(still.begin_tls(file("other")));
}

TEST_F(TlsServerTest, a_client_that_still_sends_sees_why_it_was_refused) {
  options_.limits.body_bytes_max = 1'000;
  start();
  TestClient client(port());
  ASSERT_TRUE(client.begin_tls(file("server")));
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_EQ(client.receive()->status, 413);
}

// --- memory

// Resident memory of this process, in bytes.
size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// A sanitizer keeps shadows of what is used, and for a while what was freed.
constexpr size_t sanitizer_factor() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 4;
#endif
#endif
  return 1;
}

bool may_open(rlim_t files) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, files));
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= files;
}

TEST_F(ServerTest, two_thousand_connections_with_bodies_stay_within_bounded_memory) {
  constexpr size_t kConnections = 2'000;
  constexpr size_t kBodies = 64 * 1024 * 1024;
  if (!may_open(kConnections * 2 + 100)) GTEST_SKIP() << "this process may not open 4,100 files";
  options_.limits.connections_a_client_max = kConnections;
  options_.limits.bodies_bytes_max = kBodies;
  start();
  const size_t before = resident_bytes();
  std::vector<std::unique_ptr<TestClient>> clients;
  // Each promises a megabyte and sends a hundred thousand bytes of it: together three times what may be held.
  const std::string piece =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(100'000, 'x');
  for (size_t i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<TestClient>(port()));
    clients.back()->send(piece);
  }
  ASSERT_TRUE(eventually([&] { return server_->statistics().requests_refused > kConnections / 4; }));
  EXPECT_LE(server_->statistics().body_bytes_held, kBodies);
  const size_t used = resident_bytes() - before;
  RecordProperty("resident_bytes", std::to_string(used));
  // The bodies, and 64 KiB for each connection at both ends.
  EXPECT_LT(used, (kBodies + kConnections * 64 * 1024) * sanitizer_factor()) << used;
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server_->statistics().connections_open == 0; }));
  EXPECT_EQ(server_->statistics().body_bytes_held, 0U);
}

}  // namespace
}  // namespace weerbaar::http
