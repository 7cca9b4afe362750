// Decisions that somebody has to look at, and what came of it: those that broke the glass. docs/decisions.md.
#pragma once

#include <mutex>
#include <utility>

#include "http/router.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/trail_reader.h"

namespace weerbaar::service {

// Thread-safe. Every look and review is recorded before it is answered.
class DecisionReviewApi {
 public:
  // All must outlive it.
  DecisionReviewApi(TrailReader& reader, EventWriter& writer, people::Accounts& accounts, people::Record record,
                    Guard& guard, JsonLog& log)
      : reader_(reader), writer_(writer), accounts_(accounts), record_(std::move(record)), guard_(guard), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response list(const http::Request& request, const Visitor& visitor);
  http::Response review(std::string_view number, const http::Request& request, const Visitor& visitor);

  TrailReader& reader_;
  EventWriter& writer_;
  people::Accounts& accounts_;
  const people::Record record_;
  Guard& guard_;
  JsonLog& log_;
  std::mutex reviewing_;  // so that a decision is reviewed once
};

}  // namespace weerbaar::service
