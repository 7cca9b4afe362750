// The signals that were given, and what conversations about them gave, over the network. docs/signals.md.
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.h"
#include "people/mandates.h"
#include "server/data_directory.h"
#include "server/signal_files.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/negotiation.h"

namespace weerbaar::server {

// Thread-safe. Employees are shown as pseudonyms, but for those whom a mandate of the viewer is about, when that is
// asked; nobody is shown signals about himself. Every look and feedback is recorded before it is answered.
class SignalApi {
 public:
  // All must outlive it. `data`: with its keys open.
  SignalApi(DataDirectory& data, people::Accounts& accounts, people::Mandates& mandates, service::EventWriter& writer,
            people::Record record, service::Guard& guard, service::JsonLog& log)
      : data_(data),
        accounts_(accounts),
        mandates_(mandates),
        writer_(writer),
        record_(std::move(record)),
        guard_(guard),
        log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  struct Bared;
  struct Page;

  http::Response list(const http::Request& request, const service::Visitor& visitor);
  http::Response give_feedback(std::string_view number, const http::Request& request, const service::Visitor& visitor);
  Status fill_page(SignalRun run, service::Language language, bool reveal, const service::Visitor& visitor, Page& page);
  Status record(const Page& page, const service::Visitor& visitor);
  // kNotFound when there is no such signal, or it is about who asks.
  Result<KeptSignal> find(uint64_t number, const service::Visitor& visitor);

  DataDirectory& data_;
  people::Accounts& accounts_;
  people::Mandates& mandates_;
  service::EventWriter& writer_;
  const people::Record record_;
  service::Guard& guard_;
  service::JsonLog& log_;
  std::mutex giving_;  // feedback is numbered one after another
};

}  // namespace weerbaar::server
