// The monthly report over the network: as JSON, as a table and as a document. docs/formats/report.md.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "http/router.h"
#include "server/data_directory.h"
#include "server/monthly_report.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

// Thread-safe. Making one takes a turn of long work; what it is made by and the look at it are recorded before it is
// answered.
class ReportApi {
 public:
  // All must outlive it. `data`: with its keys open.
  ReportApi(DataDirectory& data, service::TrailReader& reader, service::EventWriter& writer, people::Record record,
            service::Guard& guard, service::LongWork& long_work, service::JsonLog& log)
      : data_(data),
        reader_(reader),
        writer_(writer),
        record_(std::move(record)),
        guard_(guard),
        long_work_(long_work),
        log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response show(std::string_view month, const http::Request& request, const service::Visitor& visitor);
  Result<MonthlyReport> make(report::Month month);
  Status record(const MonthlyReport& made, const service::Visitor& visitor);

  DataDirectory& data_;
  service::TrailReader& reader_;
  service::EventWriter& writer_;
  const people::Record record_;
  service::Guard& guard_;
  service::LongWork& long_work_;
  service::JsonLog& log_;
};

}  // namespace weerbaar::server
