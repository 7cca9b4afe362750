// What answers people over the network: who they are, and what each of them may see.
#pragma once

#include <memory>
#include <optional>

#include "http/router.h"
#include "people/accounts.h"
#include "people/mandates.h"
#include "people/oidc.h"
#include "people/sessions.h"
#include "server/authorisation_api.h"
#include "server/check_api.h"
#include "server/data_directory.h"
#include "server/employee_directory.h"
#include "server/proof_api.h"
#include "server/report_api.h"
#include "server/signal_api.h"
#include "server/trace_api.h"
#include "service/account_api.h"
#include "service/consultation_api.h"
#include "service/decision_review_api.h"
#include "service/document_api.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/mandate_api.h"
#include "service/oidc_api.h"
#include "service/overview_api.h"
#include "service/people_api.h"
#include "service/processing_api.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

// All of it around one database. `reading` opens the trail beside the writer, with the same keys, which are open.
struct PeopleService {
  // All must outlive it.
  static Result<std::unique_ptr<PeopleService>> open(DataDirectory& reading, service::EventWriter& writer,
                                                     service::JsonLog& log);

  PeopleService(std::unique_ptr<people::Store> opened, service::EventWriter& writer, DataDirectory& reading,
                service::JsonLog& log_of_server);
  // It must outlive the router.
  void add_routes(http::Router& router);
  void use_oidc(people::OidcSettings settings);

  std::unique_ptr<people::Store> store;
  EmployeeDirectory employees;
  people::Accounts accounts;
  people::Sessions sessions;
  people::Mandates mandates;
  service::Guard guard;
  service::PeopleApi people_api;
  service::MandateApi mandate_api;
  service::TrailReader reader;
  service::ConsultationApi consultation_api;
  service::LongWork long_work;
  service::ProcessingApi processing_api;
  service::DecisionReviewApi decision_review_api;
  service::AccountApi account_api;
  CheckApi check_api;
  SignalApi signal_api;
  ReportApi report_api;
  TraceApi trace_api;
  service::OverviewApi overview_api;
  AuthorisationApi authorisation_api;
  ProofApi proof_api;
  service::DocumentApi document_api;
  const people::Record record;
  service::JsonLog& log;
  std::optional<people::OidcLogin> oidc_login;
  std::optional<service::OidcApi> oidc_api;
};

}  // namespace weerbaar::server
