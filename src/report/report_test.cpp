#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/words.h"

namespace weerbaar::report {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr uint32_t kMany = 40;

void add(Gathered& gathered, const std::string& unit, const std::string& system, const Counted& access) {
  gathered.all.add(access);
  gathered.first.add(access);
  UnitTally& of_unit = gathered.units[unit];
  of_unit.tally.add(access);
  ++of_unit.functions["clerk"];
  gathered.systems[system].add(access);
}

Counted access_of(uint32_t employee) {
  Counted access;
  access.employee = employee;
  access.outcome = employee % 2 == 0 ? purpose::Outcome::kExplained : purpose::Outcome::kUnexplained;
  access.is_first = employee % 4 < 2;
  access.outside_hours = employee % 3 == 0;
  access.is_search = employee % 5 < 3;
  access.key = employee % 5 == 0 ? SearchKey::kOther : SearchKey::kIdentifier;
  return access;
}

// Four units of many, and one of three.
Gathered sample() {
  Gathered gathered;
  for (uint32_t employee = 0; employee < 4 * kMany; ++employee) {
    for (int times = 0; times < 3; ++times) {
      add(gathered, "unit-" + std::to_string(employee / kMany), employee % 2 == 0 ? "BVR" : "=INNING",
          access_of(employee));
    }
  }
  for (uint32_t employee = 1'000; employee < 1'003; ++employee) add(gathered, "tiny", "RARE", access_of(employee));
  gathered.persons = 77;
  gathered.sources["bvr"].days.assign(31, true);
  gathered.sources["inning"].days.assign(31, false);
  gathered.days_over = 31;
  return gathered;
}

Report report_of(const Gathered& gathered) {
  Basis basis;
  basis.month = "2026-03";
  basis.origin = "test.example/log";
  basis.zone = "Europe/Amsterdam";
  basis.policy_name = "Policy";
  return make_report(basis, parse_month("2026-03").value(), gathered);
}

TEST(Report, counts_what_was_done) {
  const Report report = report_of(sample());
  EXPECT_EQ(report.all.accesses, 4 * kMany * 3 + 3);
  EXPECT_EQ(report.all.employees, 4 * kMany + 3);
  EXPECT_EQ(*report.all.explained + *report.all.unexplained + *report.all.flagged, *report.all.accesses);
  EXPECT_EQ(report.persons, 77U);
  EXPECT_EQ(report.all.break_glass, 0U);
  ASSERT_TRUE(report.first);
  EXPECT_EQ(*report.first, *report.first_explained + *report.first_unexplained + *report.first_flagged);
}

TEST(Report, a_unit_of_few_employees_is_put_together_with_others_until_they_are_many) {
  const Report report = report_of(sample());
  EXPECT_EQ(report.units.size(), 4U);
  uint64_t accesses = 0;
  for (const UnitBenchmark& unit : report.units) {
    EXPECT_NE(unit.place.name, "tiny");
    ASSERT_TRUE(unit.place.figures.employees);
    EXPECT_GE(*unit.place.figures.employees, kEmployeesMin);
    accesses += *unit.place.figures.accesses;
  }
  EXPECT_TRUE(report.units.back().place.is_rest);
  EXPECT_EQ(accesses, *report.all.accesses);
  EXPECT_THAT(to_json(report), Not(HasSubstr("tiny")));
  EXPECT_THAT(to_json(report), Not(HasSubstr("RARE")));
}

TEST(Report, what_few_employees_did_is_hidden_also_in_the_totals_it_follows_from) {
  Gathered gathered = sample();
  for (uint32_t employee = 0; employee < 3; ++employee) {
    Counted access = access_of(employee);
    access.break_glass = true;
    access.outcome = purpose::Outcome::kFlagged;
    add(gathered, "unit-0", "BVR", access);
  }
  const Report report = report_of(gathered);
  EXPECT_FALSE(report.all.break_glass);
  EXPECT_FALSE(report.all.flagged || report.all.explained || report.first);
  EXPECT_TRUE(report.all.unexplained);
  EXPECT_TRUE(report.all.accesses && report.all.outside_hours);
  for (const UnitBenchmark& unit : report.units) {
    if (unit.place.name == "unit-0") {
      EXPECT_FALSE(unit.place.figures.break_glass || unit.place.figures.flagged);
    }
  }
}

TEST(Report, a_month_of_few_employees_says_nothing) {
  Gathered gathered;
  for (uint32_t employee = 0; employee < 4; ++employee) add(gathered, "unit", "BVR", access_of(employee));
  gathered.persons = 3;
  const Report report = report_of(gathered);
  EXPECT_FALSE(report.all.accesses || report.all.employees || report.persons || report.on_shift || report.first);
  const Json json = Json::parse(to_json(report));
  for (const auto& [name, value] : json["total"].items()) EXPECT_TRUE(value.is_null()) << name;
  EXPECT_TRUE(json["coverage"]["judged"].is_null());
}

TEST(Report, compares_a_unit_with_those_of_the_same_function) {
  const Report report = report_of(sample());
  EXPECT_EQ(report.units[0].compared_with, "clerk");
  EXPECT_EQ(report.units[0].comparable, 3U);
  EXPECT_EQ(report.units[0].own.accesses_each, 3.0);
  EXPECT_EQ(report.units[0].median.accesses_each, 3.0);
}

TEST(Report, names_the_working_days_on_which_a_source_delivered_nothing) {
  const Report report = report_of(sample());
  ASSERT_EQ(report.sources.size(), 2U);
  EXPECT_EQ(report.sources[0].days_with_delivery, 22U);
  EXPECT_TRUE(report.sources[0].days_without_delivery.empty());
  EXPECT_EQ(report.sources[1].days_without_delivery.size(), 22U);
  EXPECT_EQ(report.sources[1].days_without_delivery[0], "2026-03-02");
}

TEST(Report, a_day_that_is_not_over_is_no_day_without_delivery) {
  Gathered gathered = sample();
  gathered.days_over = 3;  // the 1st is a Sunday
  const Report report = report_of(gathered);
  EXPECT_EQ(report.sources[0].days_with_delivery, 2U);
  EXPECT_EQ(report.sources[1].days_without_delivery, (std::vector<std::string>{"2026-03-02", "2026-03-03"}));
  EXPECT_EQ(Json::parse(to_json(report))["coverage"]["days_over"], 3);
  gathered.days_over = 0;
  EXPECT_TRUE(report_of(gathered).sources[1].days_without_delivery.empty());
}

TEST(Report, shows_the_gaps_of_a_source) {
  Gathered gathered = sample();
  gathered.sources["inning"].gaps = {12, 3 * 3'600 + 1};
  const Report report = report_of(gathered);
  const Json source = Json::parse(to_json(report))["coverage"]["sources"][1];
  EXPECT_EQ(source["missing_records"], 12);
  EXPECT_EQ(source["silent_minutes"], 181) << "rounded up: no silence is nothing";
  EXPECT_THAT(to_csv(report), HasSubstr("2026-03,source,inning,missing_records,12\r\n"));
  EXPECT_THAT(to_csv(report), HasSubstr("2026-03,source,inning,silent_minutes,181\r\n"));
  EXPECT_THAT(to_csv(report), HasSubstr("2026-03,source,bvr,missing_records,0\r\n"));
}

TEST(Report, a_public_holiday_is_no_working_day) {
  Basis basis;
  basis.month = "2026-05";
  basis.zone = "Europe/Amsterdam";
  const Report report = make_report(basis, parse_month("2026-05").value(), sample());
  // Of 21 days from Monday to Friday, Liberation Day, Ascension Day and Whit Monday are off.
  EXPECT_EQ(report.sources[0].days_with_delivery, 18U);
  for (const char* off : {"2026-05-05", "2026-05-14", "2026-05-25"}) {
    EXPECT_THAT(report.sources[1].days_without_delivery, Not(testing::Contains(off)));
  }
}

TEST(Report, the_same_month_gives_the_same_bytes) {
  EXPECT_EQ(to_json(report_of(sample())), to_json(report_of(sample())));
  EXPECT_EQ(to_csv(report_of(sample())), to_csv(report_of(sample())));
}

TEST(Report, the_table_is_tidy_and_no_spreadsheet_computes_what_stands_in_it) {
  const std::string csv = to_csv(report_of(sample()));
  EXPECT_TRUE(csv.starts_with("month,part,name,measure,value\r\n2026-03,total,,accesses,483\r\n"));
  EXPECT_THAT(csv, HasSubstr(",system,'=INNING,accesses,"));
  EXPECT_THAT(csv, Not(HasSubstr(",=")));
}

TEST(Report, the_table_opens_in_a_dutch_spreadsheet_as_columns_and_says_the_same) {
  const std::string plain = to_csv(report_of(sample()));
  std::string dutch = to_csv(report_of(sample()), TableFor::kDutchSpreadsheet);
  ASSERT_TRUE(dutch.starts_with("\xEF\xBB\xBFmonth;part;name;measure;value\r\n"));
  dutch.erase(0, 3);
  EXPECT_EQ(plain.find(';'), std::string::npos) << "else the next line says nothing";
  std::ranges::replace(dutch, ';', ',');
  EXPECT_EQ(dutch, plain);
}

TEST(Report, days_are_written_as_people_of_each_language_do) {
  EXPECT_EQ(short_date("2026-03-31", Language::kDutch), "31 mrt");
  EXPECT_EQ(short_date("2026-05-04", Language::kDutch), "4 mei");
  EXPECT_EQ(short_date("2026-03-04", Language::kEnglish), "4 Mar");
}

TEST(Report, the_document_is_tagged_and_in_both_languages) {
  for (const Language language : {Language::kDutch, Language::kEnglish}) {
    const auto pdf = to_pdf(report_of(sample()), language);
    ASSERT_TRUE(pdf);
    EXPECT_TRUE(pdf->starts_with("%PDF-1.5"));
    EXPECT_THAT(*pdf, HasSubstr("/StructTreeRoot"));
    EXPECT_THAT(*pdf, HasSubstr("/MarkInfo << /Marked true >>"));
    EXPECT_THAT(*pdf, HasSubstr(language == Language::kDutch ? "/Lang (nl-NL)" : "/Lang (en-GB)"));
    const size_t start = pdf->rfind("startxref\n");
    EXPECT_EQ(pdf->substr(std::stoul(pdf->substr(start + 10)), 5), "xref\n");
  }
}

}  // namespace
}  // namespace weerbaar::report
