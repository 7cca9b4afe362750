// Evidence packages over the network: they hold, show pseudonyms and no uses of Weerbaar, and are on record before they
// are made.
#include "server/proof_api.h"

#include <set>

#include "server/people_service_testing.h"
#include "trail/package/package_files.h"
#include "trail/package/zip.h"

namespace weerbaar::server::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPackages = "/api/v1/packages";

class ProofApiTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    auditor_ = enter("abel", "u3", {Role::kAuditor});
  }
  static std::string about(const std::string& of) {
    return nlohmann::json({{"of", of}, {"case", "Z-5"}, {"reason", "bezwaar"}}).dump();
  }
  static std::string of_entries(const std::vector<uint64_t>& entries) {
    return nlohmann::json({{"entries", entries}, {"case", "Z-5"}, {"reason", "bezwaar"}}).dump();
  }
  // Asks for a package, and checks it by the key of the log.
  trail::PackageReport package(const std::string& body) {
    const http::Response response = ask("POST", kPackages, auditor_, body);
    EXPECT_EQ(response.status, 200) << response.body;
    if (response.status != 200) return {};
    EXPECT_EQ(response.content_type, "application/zip");
    EXPECT_THAT(field(response, "Content-Disposition"),
                ::testing::MatchesRegex("attachment; filename=\"evidence-[0-9]+.zip\""));
    const auto members = trail::read_zip(as_bytes(response.body), trail::kPackageLimits);
    EXPECT_TRUE(members && !members->empty());
    if (!members) return {};
    for (const trail::ZipMember& member : *members) {
      for (const char* const identity : {"123456782", "111222333", "\"u9\"", "bezwaar"}) {
        EXPECT_THAT(as_text(member.content), Not(HasSubstr(identity))) << member.name;
      }
    }
    trail::PackageTrust trust;
    trust.key = *data_->verifier_key();
    const auto report = trail::verify_package(as_bytes(response.body), trust);
    EXPECT_TRUE(report) << (report ? "" : report.error().text);
    return report ? *report : trail::PackageReport{};
  }

  std::string auditor_;
};

TEST_F(ProofApiTest, of_a_person_holds_what_sources_recorded_and_stands_on_the_record_of_its_own_making) {
  const trail::PackageReport first = package(about("bsn:123456782"));
  EXPECT_TRUE(first.ok && first.trusted_key);
  EXPECT_FALSE(first.complete);
  EXPECT_EQ(first.events, 1U);
  append_access("e9", "u8", "123456782");
  const trail::PackageReport later = package(about("bsn:123456782"));
  EXPECT_TRUE(later.ok);
  EXPECT_EQ(later.events, 2U) << "and not the questions";
  EXPECT_GT(later.size, first.size);
  std::vector<std::string> cases;
  each_use_about(trail::OfSubject{SubjectType::kBsn, "123456782"}, [&](const AccessEvent& use) {
    EXPECT_EQ(use.component, "prove");
    EXPECT_EQ(use.action, Action::kExport);
    EXPECT_EQ(use.purpose.reason, "bezwaar");
    cases.emplace_back(use.purpose.case_id);
  });
  EXPECT_EQ(cases, (std::vector<std::string>{"Z-5", "Z-5"}));
}

TEST_F(ProofApiTest, may_be_asked_by_a_pseudonym_for_a_time_and_of_somebody_whom_nobody_consulted) {
  std::string pseudonym;
  const Status read = people_->reader.read([&](const trail::Trail& trail) -> Status {
    EventBatch batch;
    for (uint64_t i = 0; i < trail.size().value() && pseudonym.empty(); ++i) {
      WEERBAAR_ASSIGN(const bool is_event,
                      service::read_event(trail, EntryIndex(i), trail::Disclosure::kPseudonyms, batch));
      if (is_event && batch.events()[0].id == "e1") pseudonym = batch.events()[0].subjects[0].id;
    }
    return {};
  });
  ASSERT_TRUE(read);
  ASSERT_TRUE(pseudonym.starts_with("~2026-Q1:"));
  const trail::PackageReport by_pseudonym = package(about("bsn:" + pseudonym));
  EXPECT_TRUE(by_pseudonym.ok);
  EXPECT_EQ(by_pseudonym.events, 1U);
  const std::string earlier = nlohmann::json({{"of", "bsn:123456782"},
                                              {"from", "2025-01-01"},
                                              {"to", "2026-01-01"},
                                              {"case", "Z-5"},
                                              {"reason", "bezwaar"}})
                                  .dump();
  EXPECT_EQ(ask("POST", kPackages, auditor_, earlier).status, 404);
  uint64_t told = 0;
  each_use_about(trail::OfSubject{SubjectType::kBsn, "123456782"}, [&](const AccessEvent& use) {
    EXPECT_EQ(use.component, "prove");
    ++told;
  });
  EXPECT_EQ(told, 2U) << "by the pseudonym too, and where there was nothing";
}

// What investigations leave behind: nobody learns from a package whether there is any.
TEST_F(ProofApiTest, of_a_person_are_the_same_whether_or_not_weerbaar_was_used_about_that_person) {
  const auto contents = [&](const std::string& body) {
    const http::Response response = ask("POST", kPackages, auditor_, body);
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<std::string> names;
    const auto members = trail::read_zip(as_bytes(response.body), trail::kPackageLimits);
    if (!members) return names;
    for (const trail::ZipMember& member : *members) {
      names.push_back(member.name);
      EXPECT_THAT(as_text(member.content), Not(HasSubstr("Z-GEHEIM"))) << member.name;
      if (member.name == "STATEMENT.en.md") {
        EXPECT_THAT(as_text(member.content), HasSubstr("uses of Weerbaar itself left out"));
      }
      if (member.name == "STATEMENT.nl.md") {
        EXPECT_THAT(as_text(member.content), HasSubstr("> de raadplegingen van één persoon, zonder het gebruik van"));
      }
    }
    return names;
  };
  const std::vector<std::string> before = contents(about("bsn:123456782"));
  AccessEvent use;
  use.id = "reveal";
  use.source = kOwnSource;
  use.time = Time{kAccessTime, 0};
  use.actor.id = "u7";
  use.system = "weerbaar";
  use.component = "consultations";
  use.purpose.case_id = "Z-GEHEIM";
  const std::array<Subject, 2> subjects = {{{SubjectType::kBsn, "123456782", ""}, {SubjectType::kEmployee, "u3", ""}}};
  use.subjects = subjects;
  append_event(use);
  EXPECT_EQ(contents(about("bsn:123456782")), before);
  use.id = "reveal of another";
  const std::array<Subject, 1> other = {{{SubjectType::kEmployee, "u5", ""}}};
  use.subjects = other;
  append_event(use);
  std::string pseudonym;
  ASSERT_TRUE(people_->reader.read([&](const trail::Trail& trail) -> Status {
    EventBatch batch;
    WEERBAAR_TRY(
        service::read_event(trail, EntryIndex(writer_->totals().size - 1), trail::Disclosure::kPseudonyms, batch));
    pseudonym = batch.events()[0].subjects[0].id;
    return {};
  }));
  for (const std::string& of : {"employee:" + pseudonym, std::string("employee:~2026-Q1:00112233445566")}) {
    const http::Response response = ask("POST", kPackages, auditor_, about(of));
    EXPECT_EQ(response.status, 404) << of << response.body;
  }
}

TEST_F(ProofApiTest, of_chosen_entries_proves_each_of_them) {
  append_access("e8", "u8", "123456782");
  const uint64_t access = writer_->totals().size - 1;
  const trail::PackageReport chosen = package(of_entries({access, access}));
  EXPECT_TRUE(chosen.ok);
  EXPECT_FALSE(chosen.complete);
  // The record of that look, which is a use, and a record that is none: nobody learns which is which.
  import("case", "case\nZ-5\n");
  std::set<std::string> told;
  for (uint64_t other = access + 1; other < writer_->totals().size; ++other) {
    const http::Response response = ask("POST", kPackages, auditor_, of_entries({other}));
    EXPECT_EQ(response.status, 403) << other;
    const std::string detail = Document::parse(response.body)["detail"];
    told.insert(detail.substr(detail.find(" is ")));
    if (other > access + 8) break;
  }
  EXPECT_EQ(told.size(), 1U);
  EXPECT_EQ(ask("POST", kPackages, auditor_, of_entries({1'000'000})).status, 400);
}

TEST_F(ProofApiTest, are_refused_about_oneself_by_identity_by_pseudonym_and_by_entry) {
  AccessEvent event;
  event.id = "about-abel";
  event.source = "bvr";
  event.time = Time{kAccessTime, 0};
  event.actor.id = "u9";
  event.system = "BVR";
  const Subject subject{SubjectType::kEmployee, "u3", ""};
  event.subjects = {&subject, 1};
  append_event(event);
  const uint64_t entry = writer_->totals().size - 1;
  std::string pseudonym;
  ASSERT_TRUE(people_->reader.read([&](const trail::Trail& trail) -> Status {
    EventBatch batch;
    WEERBAAR_TRY(service::read_event(trail, EntryIndex(entry), trail::Disclosure::kPseudonyms, batch));
    pseudonym = batch.events()[0].subjects[0].id;
    return {};
  }));
  for (const std::string& body : {about("employee:u3"), about("employee:" + pseudonym), of_entries({0, entry})}) {
    EXPECT_EQ(ask("POST", kPackages, auditor_, body).status, 403) << body;
  }
  EXPECT_EQ(ask("POST", kPackages, auditor_, about("employee:u4")).status, 403) << "by name it takes a mandate";
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  EXPECT_EQ(ask("POST", kPackages, officer, about("employee:" + pseudonym)).status, 200);
  std::vector<std::string> told;
  each_use_about(trail::OfSubject{SubjectType::kEmployee, "u3"},
                 [&](const AccessEvent& use) { told.emplace_back(use.actor.id); });
  EXPECT_EQ(told, std::vector<std::string>{"u2"}) << "a look by a pseudonym is told of too";
}

TEST_F(ProofApiTest, take_a_turn_of_long_work_and_are_not_made_when_they_cannot_be_recorded) {
  append_access("e8", "u8", "123456782");
  const std::string asked = of_entries({writer_->totals().size - 1});
  {
    const auto first = people_->long_work.begin();
    const auto second = people_->long_work.begin();
    EXPECT_EQ(ask("POST", kPackages, auditor_, asked).status, 503);
  }
  EXPECT_TRUE(package(asked).ok);
  ASSERT_TRUE(writer_->finish());
  EXPECT_EQ(ask("POST", kPackages, auditor_, asked).status, 503);
}

TEST_F(ProofApiTest, are_asked_with_a_case_and_a_reason_of_one_person_or_of_entries_within_a_limit) {
  for (const char* const body :
       {"{}", "[]", R"({"of":"bsn:123456782"})", R"({"of":"bsn:123456782","case":"1"})",
        R"({"of":"bsn:123456782","entries":[1],"case":"1","reason":"r"})", R"({"entries":[],"case":"1","reason":"r"})",
        R"({"entries":[-1],"case":"1","reason":"r"})", R"({"entries":[1.5],"case":"1","reason":"r"})",
        R"({"entries":[1],"from":"2026-01-01","case":"1","reason":"r"})", R"({"of":"u9","case":"1","reason":"r"})",
        R"({"of":"bsn:123456789","case":"1","reason":"r"})", R"({"of":"bsn:123456782","case":"","reason":"r"})",
        R"({"of":"bsn:123456782","case":"1","reason":"r","reveal":true})"}) {
    const http::Response response = ask("POST", kPackages, auditor_, body);
    EXPECT_EQ(response.status, 400) << body << response.body;
    EXPECT_THAT(response.body, Not(HasSubstr("123456")));
  }
  const std::vector<uint64_t> many(kProvenOfRequestMax + 1, 0);
  EXPECT_EQ(ask("POST", kPackages, auditor_, of_entries(many)).status, 400);
}

}  // namespace
}  // namespace weerbaar::server::testing
