#include "http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <expected>
#include <functional>
#include <utility>

#include "http/body.h"

namespace weerbaar::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// A client whose request was refused may still be sending: it gets so long, and so many bytes, to see the answer before
// the connection is reset.
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr size_t kLingerBytesMax = 1 << 20;
// A body up to this length goes out together with the head.
constexpr size_t kJoinedBytesMax = 64 * 1024;
constexpr uint32_t kRetrySeconds = 1;

int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// A request on its way to a worker and back.
struct Task {
  Request request;
  size_t body_bytes_max = 0;
  MemoryBudget::Share memory;
  Response response;
};

Response failed_handler() {
  return problem(500, "something went wrong here");
}

// Whom a body belongs to. What the client says of itself does not count: it could be another each time.
uint64_t holder_of(const Admission& admission, const Client& client) {
  if (!admission.sender.empty()) return std::hash<std::string>{}(admission.sender);
  return std::hash<uint64_t>{}(client.prefix * 2 + (client.version_6 ? 1 : 0));
}

// A refusal that was made here, in the form of its route.
Response formed(Handler& handler, const Request& head, Response refusal) {
  try {
    handler.form(head, refusal);
  } catch (const std::exception&) {
    return failed_handler();
  }
  return refusal;
}

Response handle(Handler& handler, Task& task) {
  try {
    if (auto refusal = decode_body(task.request, task.body_bytes_max, task.memory)) {
      return formed(handler, task.request, std::move(*refusal));
    }
    return handler.handle(task.request);
  } catch (const std::exception&) {
    return failed_handler();
  } catch (...) {
    return failed_handler();
  }
}

}  // namespace

Connection::Connection(Common& common, asio::any_io_executor executor, std::unique_ptr<Stream> stream, Peer peer)
    : common_(common),
      executor_(std::move(executor)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      answered_(executor_) {}

void Connection::close() {
  closed_ = true;
  stream_->close();
}

bool Connection::check_deadline(Clock::time_point now) {
  if (closed_ || now < deadline_) return false;
  close();
  return true;
}

void Connection::end_if_idle() {
  if (idle_) close();
}

asio::awaitable<void> Connection::run() {
  expect_within(common_.limits.handshake);
  ErrorCode error;
  co_await stream_->begin(error);
  if (error) {
    common_.handshakes_failed.fetch_add(1, std::memory_order_relaxed);
  } else {
    certificate_subject_ = stream_->certificate_subject();
    co_await serve();
  }
  close();
}

asio::awaitable<void> Connection::serve() {
  buffer_.resize(kReadBytes);
  bool more = true;
  for (uint64_t requests = 1; more; ++requests) {
    RequestReader reader(common_.limits, common_.bodies);
    expect_within(requests == 1 ? common_.limits.first_byte : common_.limits.idle);
    idle_ = true;
    if (common_.stopping && unread_.empty()) co_return;
    bool answered = false;
    refused_ = false;
    is_last_ = requests >= common_.limits.requests_a_connection_max;
    if (!co_await receive(reader)) co_return;
    if (reader.state() == RequestReader::State::kHeadIs) {
      if (!co_await begin_body(reader, answered)) co_return;
      if (answered) continue;
      if (!co_await receive(reader)) co_return;
    }
    Response response;
    more = reader.keep_alive() && !is_last_;
    if (reader.state() == RequestReader::State::kRefused) {
      refused_ = true;
      response = formed(common_.handler, reader.request(), reader.refusal());
    } else {
      response = co_await answer(reader);
    }
    more = more && !common_.stopping;
    if (!co_await respond(response, reader, more)) co_return;
  }
  co_await linger();
}

// Hands what was read to the reader.
void Connection::feed(RequestReader& reader) {
  if (!reader.has_begun()) {
    idle_ = false;
    begun_ = Clock::now();
    body_bytes_ = 0;
    method_.clear();
    expect_within(common_.limits.header);
  }
  const bool of_body = reader.state() == RequestReader::State::kBody;
  const size_t used = reader.read(unread_);
  unread_.remove_prefix(used);
  if (of_body) body_bytes_ += used;
}

asio::awaitable<bool> Connection::fill() {
  ErrorCode error;
  const std::span<char> room(buffer_);
  const size_t count = co_await stream_->read_some(room, error);
  if (error || closed_) co_return false;
  unread_ = std::string_view(buffer_.data(), count);
  co_return true;
}

// Reads until the state is one that somebody must look at. False when the connection has ended.
asio::awaitable<bool> Connection::receive(RequestReader& reader) {
  using State = RequestReader::State;
  while (reader.state() == State::kHead || reader.state() == State::kBody) {
    if (unread_.empty()) {
      const bool there_is_more = co_await fill();
      if (!there_is_more) co_return false;
    }
    feed(reader);
  }
  co_return true;
}

std::expected<Admission, Response> Connection::admit(const Request& head, const Client& client) {
  if (!common_.clients.take_request(client, Clock::now())) {
    return std::unexpected(
        formed(common_.handler, head, problem_retry(429, "too many requests: send fewer a second", kRetrySeconds)));
  }
  try {
    return common_.handler.admit(head);
  } catch (const std::exception&) {
    return std::unexpected(failed_handler());
  }
}

// The head is there. False when the connection has ended; `answered` when the request was, without its body.
asio::awaitable<bool> Connection::begin_body(RequestReader& reader, bool& answered) {
  Request& request = reader.request();
  method_ = request.method;
  Peer peer = peer_;
  if (common_.behind_proxy) {
    if (auto named = forwarded_peer(request)) peer = std::move(*named);
  }
  request.certificate_subject = certificate_subject_;
  request.peer = std::move(peer.name);
  std::expected<Admission, Response> admitted = admit(request, peer.client);
  if (!admitted) {
    refused_ = true;
    answered = true;
    // A body that nobody reads would be taken for the next request.
    const bool more = !reader.has_body() && reader.keep_alive() && !is_last_ && !common_.stopping;
    const bool written = co_await respond(admitted.error(), reader, more);
    if (written && !more) co_await linger();
    co_return written&& more;
  }
  reader.body_memory() = MemoryBudget::Share(common_.bodies, holder_of(*admitted, peer.client));
  reader.read_body(admitted->body_bytes_max);
  if (reader.state() == RequestReader::State::kBody && reader.expects_continue() && unread_.empty()) {
    ErrorCode error;
    expect_within(common_.limits.answer);
    co_await stream_->write(kContinue, error);
    if (error) co_return false;
  }
  expect_within(common_.limits.body);
  co_return true;
}

asio::awaitable<Response> Connection::answer(RequestReader& reader) {
  expect_nothing();
  const auto task = std::make_shared<Task>();
  task->request = std::move(reader.request());
  task->body_bytes_max = reader.body_bytes_max();
  task->memory = std::move(reader.body_memory());
  const std::shared_ptr<Connection> self = shared_from_this();
  WorkerPool::Job job = [self, task] {
    Common& common = self->common_;
    task->response = handle(common.handler, *task);
    task->request = Request();
    task->memory.release();
    asio::post(self->executor_, [self] { self->answered_.cancel(); });
  };
  // The thread that would run what the job posts is this one, so it cannot come before the wait.
  answered_.expires_at(Clock::time_point::max());
  if (!common_.workers.give(std::move(job))) {
    refused_ = true;
    co_return formed(common_.handler, task->request,
                     problem_retry(503, "too many requests are waiting: send this one again", kRetrySeconds));
  }
  ErrorCode ignored;
  co_await answered_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return std::move(task->response);
}

// False when the connection has ended.
asio::awaitable<bool> Connection::respond(Response& response, const RequestReader& reader, bool keep_alive) {
  if (closed_) co_return false;
  ResponseHead about;
  about.keep_alive = keep_alive;
  about.version_1_0 = reader.version_1_0();
  about.secure = stream_->secure();
  about.unix_seconds = unix_seconds();
  std::string head = format_head(response, about);
  if (method_ == "HEAD" || response.status == 204 || response.status == 304) response.body.clear();
  const bool joined = response.body.size() <= kJoinedBytesMax;
  if (joined) head += response.body;
  ErrorCode error;
  expect_within(common_.limits.answer);
  co_await stream_->write(head, error);
  if (!error && !joined) co_await stream_->write(response.body, error);
  (refused_ ? common_.requests_refused : common_.requests_handled).fetch_add(1, std::memory_order_relaxed);
  if (common_.observe) {
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun_);
    const Exchange exchange{response.route, response.status, body_bytes_, response.body.size(), time};
    common_.observe(exchange);
  }
  co_return !error && !closed_;
}

// Nothing more is answered. A connection that is closed while bytes of the client are unread is reset, and the client
// may then never see the last answer.
asio::awaitable<void> Connection::linger() {
  expect_within(kLinger);
  ErrorCode error;
  co_await stream_->end(error);
  size_t bytes = 0;
  const std::span<char> room(buffer_);
  while (!error && !closed_ && bytes < kLingerBytesMax) bytes += co_await stream_->discard_some(room, error);
}

}  // namespace weerbaar::http
