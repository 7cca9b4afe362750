#include "server/log_service.h"

#include <map>
#include <utility>
#include <vector>

#include "server/cosigned_files.h"
#include "server/http_client.h"
#include "service/evidence.h"
#include "service/named_file.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kPemBytesMax = 1 << 20;

// How each witness is asked.
Result<std::map<std::string, HttpQuestion>> questions(const LogSettings& settings, const DataDirectory& data) {
  std::map<std::string, HttpQuestion> by_name;
  for (const WitnessSettings& witness : settings.witnesses) {
    HttpQuestion question;
    question.whom = "the witness";
    question.url = witness.url + "/add-checkpoint";
    question.content_type = "text/plain; charset=utf-8";
    question.plain_http = witness.plain_http();
    if (!witness.authorities.empty()) {
      WEERBAAR_ASSIGN(question.authorities, service::read_named_file(data.files(), data.path(),
                                                                     "serve.witness.authorities of " + witness.name,
                                                                     witness.authorities, kPemBytesMax));
    }
    by_name[witness.name] = std::move(question);
  }
  return by_name;
}

}  // namespace

LogService::LogService(service::EventWriter& writer, service::JsonLog& log)
    : published_(writer), api_(published_, service::record_in(writer), log) {}

Result<std::unique_ptr<LogService>> LogService::open(const DataDirectory& data, service::EventWriter& writer,
                                                     service::JsonLog& log) {
  std::unique_ptr<LogService> opened(new LogService(writer, log));
  opened->use_settings(data.settings().serve.log);
  if (!data.settings().serve.log.witnesses.empty()) WEERBAAR_TRY(opened->send_to_witnesses(data, log));
  return opened;
}

Status LogService::send_to_witnesses(const DataDirectory& data, service::JsonLog& log) {
  const LogSettings& settings = data.settings().serve.log;
  WEERBAAR_ASSIGN(auto asked, questions(settings, data));
  WEERBAAR_ASSIGN(const service::CosignedOptions kept, cosigned_options(data));
  WEERBAAR_ASSIGN(cosigned_, service::Cosigned::open(kept));
  api_.use_cosigned(*cosigned_);
  service::CosignerOptions options;
  options.every = settings.witness_every;
  const auto ask = [asked = std::move(asked)](const std::string& witness,
                                              const std::string& body) -> Result<service::WitnessReply> {
    HttpQuestion question = asked.at(witness);
    question.body = body;
    WEERBAAR_ASSIGN(HttpAnswer answer, ask_http(question));
    return service::WitnessReply{answer.status, std::move(answer.content_type), std::move(answer.body)};
  };
  cosigner_.emplace(published_, *cosigned_, ask, log, options);
  return {};
}

void LogService::use_settings(const LogSettings& settings) {
  api_.use_mirrors(std::make_shared<const service::Mirrors>(settings.mirrors));
}

}  // namespace weerbaar::server
