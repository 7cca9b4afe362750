// Evidence packages over the network, under pseudonyms always: for who may prove. docs/formats/evidence-package.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/router.h"
#include "server/data_directory.h"
#include "server/proof.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

// Of one request, and so of its memory; the command line makes larger packages.
inline constexpr size_t kProvenOfRequestMax = 5'000;

struct PackageRequest {
  ProofAsked asked;
  std::string case_id;
  std::string reason;
};
// {"of": "bsn:…" or a pseudonym, "from"?, "to"? or "entries": [number, …]; "case", "reason"}. kInvalid names the member
// and the remedy, and repeats nothing of it.
Result<PackageRequest> read_package_request(std::string_view body);

// Thread-safe. A package takes a turn of long work, of which others wait only for the moment in which the trail is
// signed. It is on record, with the case, whom it is about and who asked, before it is made. Nobody proves what was
// done about himself. Uses of Weerbaar are in none: they tell of mandates and of cases. A complete answer would show
// them, for an index does not tell them from other accesses; so packages of a person are none.
class ProofApi {
 public:
  // All must outlive it.
  ProofApi(DataDirectory& data, service::TrailReader& reader, service::EventWriter& writer, people::Accounts& accounts,
           people::Record record, service::Guard& guard, service::LongWork& long_work, service::JsonLog& log)
      : data_(data),
        reader_(reader),
        writer_(writer),
        accounts_(accounts),
        record_(std::move(record)),
        guard_(guard),
        long_work_(long_work),
        log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  struct Found;
  struct Package;

  http::Response prove(const http::Request& request, const service::Visitor& visitor);
  Result<Found> find(const PackageRequest& request, const service::Visitor& visitor);
  Result<std::unique_ptr<trail::Trail>> take(Proof& proof);
  Result<Package> make(const PackageRequest& request, const service::Visitor& visitor);
  Status record(const PackageRequest& request, const Found& found, const service::Visitor& visitor);

  DataDirectory& data_;
  service::TrailReader& reader_;
  service::EventWriter& writer_;
  people::Accounts& accounts_;
  const people::Record record_;
  service::Guard& guard_;
  service::LongWork& long_work_;
  service::JsonLog& log_;
};

}  // namespace weerbaar::server
