#include "service/log_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "trail/format/tile.h"

namespace weerbaar::service {
namespace {

constexpr uint32_t kRetrySeconds = 1;
constexpr uint32_t kRetrySecondsOfQuorum = 10;
constexpr const char* kCheckpointKept = "public, max-age=5";
// A tile never changes: a year, the most that caches are used to.
constexpr const char* kTileKept = "public, max-age=31536000, immutable";
constexpr const char* kEntriesKept = "private, max-age=31536000, immutable";

// Gives its place back at the end.
class Place {
 public:
  Place(std::counting_semaphore<>& places, std::chrono::milliseconds patience)
      : places_(places), taken_(places.try_acquire_for(patience)) {}
  ~Place() {
    if (taken_) places_.release();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  std::counting_semaphore<>& places_;
  const bool taken_;
};

}  // namespace

LogApi::LogApi(PublishedLog& log, people::Record record, JsonLog& json_log)
    : log_(log),
      record_(std::move(record)),
      json_log_(json_log),
      processors_(std::max<std::ptrdiff_t>(1, std::thread::hardware_concurrency() / 2)) {}

void LogApi::use_mirrors(std::shared_ptr<const Mirrors> mirrors) {
  const std::lock_guard lock(mutex_);
  mirrors_ = std::move(mirrors);
}

std::shared_ptr<const Mirrors> LogApi::mirrors() const {
  const std::lock_guard lock(mutex_);
  return mirrors_;
}

void LogApi::add_routes(http::Router& router) {
  router.add({"GET",
              "/log/checkpoint",
              "log checkpoint",
              [this](http::Request&, const http::PathArguments&) { return checkpoint(); },
              {}});
  router.add(
      {"GET", "/log/tile/entries/{path...}", "log entries",
       [this](http::Request& request, const http::PathArguments& arguments) { return entries(request, arguments[0]); },
       [this](const http::Request& head) { return admit_mirror(head); }});
  router.add({"GET",
              "/log/tile/{path...}",
              "log tile",
              [this](http::Request&, const http::PathArguments& arguments) { return tile(arguments[0], false); },
              {}});
}

std::expected<std::string, http::Response> LogApi::admit_mirror(const http::Request& head) {
  const auto known = mirrors();
  if (const Mirror* const mirror = known->find(head)) return "mirror " + mirror->name;
  json_log_.often("somebody without the token of a mirror asked for entries");
  http::Response refusal = http::problem(401, "entries are for mirrors: the token or the certificate of one is needed");
  refusal.fields.push_back({"WWW-Authenticate", "Bearer"});
  return std::unexpected(std::move(refusal));
}

std::optional<Cosigned::Published> LogApi::published(const trail::SignedLog& newest) const {
  if (cosigned_ != nullptr) return cosigned_->to_publish(newest);
  return Cosigned::Published{newest.note(), newest.checkpoint().size};
}

http::Response LogApi::checkpoint() {
  const auto newest = log_.newest();
  if (!newest) return http::problem_retry(503, "the trail is closed: try again later", kRetrySeconds);
  auto shown = published(**newest);
  if (!shown) {
    return http::problem_retry(503, "no checkpoint of this log is cosigned by as many witnesses as are asked",
                               kRetrySecondsOfQuorum);
  }
  http::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(shown->note);
  response.fields.push_back({"Cache-Control", kCheckpointKept});
  return response;
}

http::Response LogApi::tile(const std::string& path, bool is_private) {
  const auto parsed = trail::parse_tile_path("tile/" + path);
  if (!parsed || parsed->entries != is_private) return http::problem(404, "there is no such tile");
  const auto newest = log_.newest();
  if (!newest) return http::problem_retry(503, "the trail is closed: try again later", kRetrySeconds);
  const auto not_covered = [] { return http::problem(404, "the published checkpoint covers no such tile"); };
  // Nothing of what is signed already either: witnesses come first.
  const auto shown = published(**newest);
  if (!shown || !trail::covers(shown->size, parsed->tile)) return not_covered();
  const Place place(in_hand_, std::chrono::milliseconds(0));
  const Place turn(processors_, place.taken() ? kTurn : std::chrono::seconds(0));
  if (!place.taken() || !turn.taken())
    return http::problem_retry(503, "too many tiles are asked for at once", kRetrySeconds);
  const auto bytes = (*newest)->tile(*parsed);
  if (!bytes && bytes.error().code == Code::kNotFound) return not_covered();
  if (!bytes) {
    json_log_.error("a tile could not be made", {{"why", std::string_view(bytes.error().text)}});
    return http::problem(500, "the tile could not be made: its operator must look");
  }
  http::Response response;
  response.content_type = "application/octet-stream";
  response.body.assign(as_text(*bytes));
  response.fields.push_back({"Cache-Control", is_private ? kEntriesKept : kTileKept});
  return response;
}

http::Response LogApi::entries(const http::Request& request, const std::string& path) {
  const auto known = mirrors();
  const Mirror* const mirror = known->find(request);
  // The settings may have changed since the head came.
  if (mirror == nullptr) return http::problem(401, "entries are for mirrors: the token is not known any more");
  if (const Status recorded = record_reading(*mirror); !recorded) {
    json_log_.often("that a mirror reads could not be recorded", {{"why", std::string_view(recorded.error().text)}});
    return http::problem_retry(503, "it cannot be recorded now that you read: try again later", kRetrySeconds);
  }
  return tile("entries/" + path, true);
}

// Not each bundle: a record makes an entry, which the mirror would fetch, and so on for ever.
Status LogApi::record_reading(const Mirror& mirror) {
  const std::lock_guard lock(recording_);
  const auto now = Clock::now();
  const auto found = recorded_.find(mirror.name);
  if (found != recorded_.end() && now - found->second < kRecordEvery) return {};
  WEERBAAR_ASSIGN(const people::Deed deed, people::new_deed("mirror:" + mirror.name, Action::kExport, "log entries"));
  WEERBAAR_TRY(record_(deed));
  recorded_[mirror.name] = now;
  json_log_.info("a mirror reads entries", {{"mirror", std::string_view(mirror.name)}});
  return {};
}

}  // namespace weerbaar::service
