// What publishes the log of a server, and has it witnessed, all around one writer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/router.h"
#include "server/data_directory.h"
#include "service/cosigned.h"
#include "service/cosigner.h"
#include "service/log_api.h"
#include "service/published_log.h"

namespace weerbaar::server {

class LogService {
 public:
  // All must outlive it. Witnesses are sent to when it returns. kNotFound and the like name a file of the settings.
  static Result<std::unique_ptr<LogService>> open(const DataDirectory& data, service::EventWriter& writer,
                                                  service::JsonLog& log);

  // It must outlive the router.
  void add_routes(http::Router& router) { api_.add_routes(router); }
  // From the next request on: mirrors. Witnesses stay as they were at the start.
  void use_settings(const LogSettings& settings);
  // For /metrics.
  [[nodiscard]] std::string metrics() const { return cosigner_ ? cosigner_->metrics() : std::string(); }

 private:
  LogService(service::EventWriter& writer, service::JsonLog& log);
  Status send_to_witnesses(const DataDirectory& data, service::JsonLog& log);

  service::PublishedLog published_;
  service::LogApi api_;
  std::unique_ptr<service::Cosigned> cosigned_;
  std::optional<service::Cosigner> cosigner_;
};

}  // namespace weerbaar::server
