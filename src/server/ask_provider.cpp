#include "server/ask_provider.h"

#include <fmt/format.h>

#include "server/http_client.h"

namespace weerbaar::server {

Result<std::string> ask_provider(const people::ProviderRequest& request, bool plain_http) {
  HttpQuestion question;
  question.whom = "the provider of logins";
  question.url = request.url;
  question.body = request.form;
  question.user = request.user;
  question.password = request.password;
  question.plain_http = plain_http;
  WEERBAAR_ASSIGN(HttpAnswer answer, ask_http(question));
  if (answer.status != 200) {
    return fail(Code::kIo, fmt::format("{} answers with status {}", question.whom, answer.status));
  }
  return std::move(answer.body);
}

}  // namespace weerbaar::server
