#include "server/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace weerbaar::server {
namespace {

constexpr long kSecondsMax = 10;
constexpr long kConnectionsKept = 1;  // of each thread that asks
constexpr size_t kAnswerBytesMax = size_t{1} << 20U;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Fields = std::unique_ptr<curl_slist, FreeList>;

size_t take(const char* bytes, size_t one, size_t count, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + one * count > kAnswerBytesMax) return 0;
  answer.append(bytes, one * count);
  return one * count;
}

void set_limits(CURL* curl, const HttpQuestion& question) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, question.plain_http ? "https,http" : "https");
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kSecondsMax);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (question.plain_http) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  if (!question.authorities.empty()) {
    curl_blob pem{};
    // Copied: it is not changed.
    pem.data = const_cast<char*>(question.authorities.data());
    pem.len = question.authorities.size();
    pem.flags = CURL_BLOB_COPY;
    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &pem);
    // Those of the machine do not vouch for it then.
    curl_easy_setopt(curl, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
}

// The fields of the request live until it is over.
Fields set_body(CURL* curl, const HttpQuestion& question) {
  if (question.body.empty()) return nullptr;
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(question.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question.body.c_str());
  Fields fields(curl_slist_append(nullptr, fmt::format("Content-Type: {}", question.content_type).c_str()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  return fields;
}

}  // namespace

Result<HttpAnswer> ask_http(const HttpQuestion& question) {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  // It keeps its connections for the next question of the thread; all else is as new.
  thread_local const std::unique_ptr<CURL, FreeHandle> handle(is_ready ? curl_easy_init() : nullptr);
  if (handle == nullptr) return fail(Code::kIo, "the library for HTTP does not start");
  CURL* const curl = handle.get();
  curl_easy_reset(curl);
  HttpAnswer answer;
  curl_easy_setopt(curl, CURLOPT_URL, question.url.c_str());
  set_limits(curl, question);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  const Fields fields = set_body(curl, question);
  if (!question.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(curl, CURLOPT_USERNAME, question.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, question.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, kConnectionsKept);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return fail(Code::kIo, fmt::format("{}: {}", question.whom, curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) answer.content_type = type;
  return answer;
}

}  // namespace weerbaar::server
