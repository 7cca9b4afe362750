#include "server/ask_provider.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace weerbaar::server {
namespace {

constexpr long kSecondsMax = 10;
constexpr size_t kAnswerBytesMax = size_t{1} << 20U;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

size_t take(const char* bytes, size_t one, size_t count, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  if (answer.size() + one * count > kAnswerBytesMax) return 0;
  answer.append(bytes, one * count);
  return one * count;
}

}  // namespace

Result<std::string> ask_provider(const people::ProviderRequest& request, bool plain_http) {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, FreeHandle> handle(is_ready ? curl_easy_init() : nullptr);
  if (handle == nullptr) return fail(Code::kIo, "the library for HTTP does not start");
  CURL* const curl = handle.get();
  std::string answer;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain_http ? "https,http" : "https");
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kSecondsMax);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (plain_http) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, static_cast<void*>(&answer));
  if (!request.form.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.form.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.form.c_str());
  }
  if (!request.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.c_str());
  }
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return fail(Code::kIo, fmt::format("the provider of logins: {}", curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return fail(Code::kIo, fmt::format("the provider of logins answers with status {}", status));
  return answer;
}

}  // namespace weerbaar::server
