#include "ingest/sources/pgaudit/pgaudit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/access_event_json.h"

namespace weerbaar::ingest {
namespace {

constexpr std::string_view kMapping = R"(
[[persons]]
table = "public.person"
column = "bsn"
type = "bsn"
)";

std::string csv_text(std::string_view text) {
  std::string csv = "\"";
  for (const char c : text) csv += c == '"' ? std::string("\"\"") : std::string(1, c);
  return csv + '"';
}

// A record as PostgreSQL 15 writes it; what a test does not set has a plain value.
struct Line {
  std::string time = "2026-03-02 07:14:03.412 UTC";
  std::string user = "u104233";
  std::string from = "10.1.2.3:5000";
  std::string session = "69a5.1f";
  int number = 1;
  std::string tag = "SELECT";
  std::string severity = "LOG";
  std::string state = "00000";
  std::string message;
  std::string detail;
  std::string context;
  std::string query;
  std::string application = "psql";

  [[nodiscard]] std::string text() const {
    const auto field = [](const std::string& value) { return value.empty() ? std::string() : csv_text(value); };
    return fmt::format(
        "{},{},\"inning\",7,{},{},{},\"{}\",2026-03-02 07:14:00 UTC,3/1,0,{},{},{},{},,,,{},{},,,\"{}\","
        "\"client backend\",,0\n",
        time, field(user), field(from), session, number, tag, severity, state, csv_text(message), field(detail),
        field(context), field(query), application);
  }
};

Line audit(int number, int statement, std::string_view rest) {
  Line line;
  line.number = number;
  line.message = fmt::format("AUDIT: SESSION,{},1,{}", statement, rest);
  return line;
}

struct Ingested {
  std::vector<std::string> events;
  std::vector<Refusal> refusals;
};

Ingested ingest(const std::string& input, std::string_view mapping = kMapping, size_t piece = 1 << 20) {
  auto source = create_pgaudit({"last_statement_may_go_on = true\n" + std::string(mapping), "mapping.toml"});
  EXPECT_TRUE(source) << source.error().text;
  Output output;
  for (size_t at = 0; at < input.size(); at += piece)
    (*source)->feed(std::string_view(input).substr(at, piece), output);
  (*source)->finish(output);
  Ingested result;
  for (const AccessEvent& event : output.events.events()) {
    const Status valid = validate(event);
    EXPECT_TRUE(valid) << valid.error().text;
    result.events.push_back(to_json(event));
  }
  result.refusals = std::move(output.refusals);
  return result;
}

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)
#define EXPECT_LACKS(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)

TEST(Pgaudit, lines_of_one_statement_are_one_access) {
  const std::string statement = "select * from person p join income i on p.bsn = i.bsn where p.bsn = '123456782'";
  const Ingested result = ingest(audit(3, 1, "READ,SELECT,TABLE,public.person," + statement + ",<none>,2").text() +
                                 audit(4, 1, "READ,SELECT,TABLE,public.income," + statement + ",<none>,2").text() +
                                 audit(5, 2, "READ,SELECT,,,select 1,<none>,1").text());
  EXPECT_TRUE(result.refusals.empty());
  ASSERT_EQ(result.events.size(), 2U);
  EXPECT_EQ(result.events[0],
            R"({"id":"69a5.1f/1:3+2","source":"pgaudit","time":"2026-03-02T07:14:03.412Z","actor":{"id":"u104233"},)"
            R"("action":"read","system":"inning","component":"public.income, public.person",)"
            R"("subjects":[{"type":"bsn","id":"123456782"}],)"
            R"("query":"select * from person p join income i on p.bsn = i.bsn where p.bsn = ?","records":2,)"
            R"("workplace":{"ip":"10.1.2.3"},"attributes":{"database":"inning","application_name":"psql",)"
            R"("class":"READ","command":"SELECT"}})");
  EXPECT_HAS(result.events[1], "\"id\":\"69a5.1f/2:5\"");
}

TEST(Pgaudit, a_view_that_nobody_listed_does_not_hide_that_persons_were_seen) {
  const std::string through = "select * from overview where bsn = '123456782'";
  const std::string input =
      audit(1, 1, "READ,SELECT,VIEW,public.overview," + through + ",<none>").text() +
      audit(2, 1, "READ,SELECT,TABLE,public.person," + through + ",<none>").text() +
      audit(3, 2, "READ,SELECT,VIEW,public.overview," + through + ",<none>").text() +
      audit(4, 2, "READ,SELECT,TABLE,public.person,<previously logged>,<previously logged>").text() +
      audit(5, 3, "READ,SELECT,TABLE,public.person,select * from person,<none>").text();
  const Ingested hidden = ingest(input);
  ASSERT_EQ(hidden.events.size(), 3U);
  EXPECT_HAS(hidden.events[0], "subjects_incomplete");
  EXPECT_HAS(hidden.events[1], "subjects_incomplete");
  EXPECT_LACKS(hidden.events[2], "subjects_incomplete");
  const std::string listed =
      std::string(kMapping) + "[[persons]]\ntable = \"public.overview\"\ncolumn = \"bsn\"\ntype = \"bsn\"\n";
  const Ingested seen = ingest(input, listed);
  ASSERT_EQ(seen.events.size(), 3U);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_HAS(seen.events[i], "123456782");
    EXPECT_LACKS(seen.events[i], "subjects_incomplete");
  }
}

TEST(Pgaudit, results_do_not_depend_on_how_the_input_is_cut) {
  const std::string input = audit(3, 1, "READ,SELECT,TABLE,public.person,\"select *\n from person\",<none>").text() +
                            "not a log line\n" + audit(4, 2, "WRITE,UPDATE,,,update person set a = 1,<none>").text();
  const Ingested whole = ingest(input);
  ASSERT_EQ(whole.events.size(), 2U);
  ASSERT_EQ(whole.refusals.size(), 1U);
  EXPECT_EQ(whole.refusals[0].line, 3U);
  EXPECT_EQ(whole.refusals[0].raw, "not a log line");
  for (const size_t piece : {1U, 2U, 7U, 100U}) {
    const Ingested cut = ingest(input, kMapping, piece);
    EXPECT_EQ(cut.events, whole.events);
    EXPECT_EQ(cut.refusals.size(), 1U);
  }
}

TEST(Pgaudit, actions_follow_class_and_command_and_the_gravest_wins) {
  const std::pair<const char*, const char*> cases[] = {
      {"READ,SELECT,,,select * from person where bsn = '123456782' and name like 'A%',<none>", "read"},
      {"READ,SELECT,,,select * from person where name like 'A%',<none>", "search"},
      {"READ,COPY,,,copy person to stdout,<none>", "export"},
      {"WRITE,COPY,,,copy person from stdin,<none>", "create"},
      {"WRITE,INSERT,,,insert into person (bsn) select 1,<none>", "create"},
      {"WRITE,UPDATE,,,update person set a = 1,<none>", "update"},
      {"WRITE,DELETE,,,delete from person,<none>", "delete"},
      {"WRITE,TRUNCATE TABLE,,,truncate person,<none>", "delete"},
      {"FUNCTION,EXECUTE,FUNCTION,public.f,select f(1),<none>", "execute"},
      {"FUNCTION,DO,,,do $$ begin end $$,<none>", "execute"},
      {"ROLE,GRANT,,,grant select on person to u1,<none>", "execute"},
      {"DDL,CREATE TABLE,TABLE,public.t,create table t (),<none>", "execute"},
  };
  for (const auto& [rest, action] : cases) {
    const Ingested result = ingest(audit(1, 1, rest).text());
    ASSERT_EQ(result.events.size(), 1U) << rest;
    EXPECT_HAS(result.events[0], fmt::format("\"action\":\"{}\"", action));
  }
  const Ingested merged = ingest(audit(1, 1, "WRITE,DELETE,,,with d as (delete from a) select * from b,<none>").text() +
                                 audit(2, 1, "READ,SELECT,,,with d as (delete from a) select * from b,<none>").text());
  ASSERT_EQ(merged.events.size(), 1U);
  EXPECT_HAS(merged.events[0], "\"action\":\"delete\"");
  EXPECT_HAS(merged.events[0], "\"component\":\"a, b\"");
  EXPECT_HAS(merged.events[0], "\"class\":\"READ, WRITE\",\"command\":\"DELETE, SELECT\"");
}

TEST(Pgaudit, classes_are_chosen_by_the_mapping_but_tampering_with_pgaudit_always_counts) {
  const std::string input = audit(1, 1, "MISC,SET,,,set search_path = x,<none>").text() +
                            audit(2, 2, "MISC,SET,,,SET PgAudit.log = 'none',<none>").text() +
                            audit(3, 3, "READ,PREPARE,,,prepare p as select 1,<none>").text() +
                            audit(4, 4, "MISC,EXECUTE,,,execute p,<none>").text();
  const Ingested result = ingest(input);
  ASSERT_EQ(result.events.size(), 1U);
  EXPECT_HAS(result.events[0], "\"id\":\"69a5.1f/2:2\"");
  EXPECT_HAS(result.events[0], "\"query\":\"SET PgAudit.log = ?\"");
  EXPECT_EQ(ingest(input, "classes = [\"MISC\"]").events.size(), 3U);
}

TEST(Pgaudit, parameters_come_from_the_audit_line_or_from_the_execute_line_before_it) {
  const std::string statement = "select * from person where bsn = $1";
  const Ingested own = ingest(audit(1, 1, "READ,SELECT,,," + statement + ",123456782").text());
  EXPECT_HAS(own.events.at(0), "123456782");
  EXPECT_LACKS(own.events.at(0), "subjects_incomplete");

  Line execute;
  execute.message = "execute <unnamed>: " + statement;
  execute.detail = "parameters: $1 = '123456782'";
  const std::string hidden = audit(2, 1, "READ,SELECT,,," + statement + ",<not logged>").text();
  EXPECT_HAS(ingest(execute.text() + hidden).events.at(0), "123456782");
  EXPECT_HAS(ingest(hidden).events.at(0), "\"subjects_incomplete\":true");
  execute.message += " ";  // another statement
  EXPECT_HAS(ingest(execute.text() + hidden).events.at(0), "\"subjects_incomplete\":true");
  execute.session = "69a5.20";
  EXPECT_HAS(ingest(execute.text() + hidden).events.at(0), "\"subjects_incomplete\":true");
}

TEST(Pgaudit, statements_not_logged_leave_the_subjects_incomplete_and_those_logged_before_do_not) {
  EXPECT_HAS(ingest(audit(1, 1, "READ,SELECT,TABLE,public.person,<not logged>,<not logged>").text()).events.at(0),
             "\"subjects_incomplete\":true");
  const std::string first = audit(1, 1, "READ,SELECT,,,select * from person where bsn = '123456782',<none>").text();
  const std::string second =
      audit(2, 1, "READ,SELECT,TABLE,public.person,<previously logged>,<previously logged>").text();
  const Ingested merged = ingest(first + second);
  ASSERT_EQ(merged.events.size(), 1U);
  EXPECT_LACKS(merged.events[0], "subjects_incomplete");
  EXPECT_HAS(merged.events[0], "\"component\":\"public.person\"");
  EXPECT_HAS(ingest(second).events.at(0), "\"subjects_incomplete\":true");
}

TEST(Pgaudit, refused_statements_and_logins_are_denied_accesses) {
  Line denied;
  denied.number = 9;
  denied.severity = "ERROR";
  denied.state = "42501";
  denied.message = "permission denied for table person";
  denied.context = "unnamed portal with parameters: $1 = '123456782'";
  denied.query = "delete from person where bsn = $1";
  const Ingested result = ingest(denied.text());
  ASSERT_EQ(result.events.size(), 1U);
  EXPECT_HAS(result.events[0], "\"id\":\"69a5.1f:9\"");
  EXPECT_HAS(result.events[0], "\"action\":\"delete\",\"system\":\"inning\",\"component\":\"person\"");
  EXPECT_HAS(result.events[0], "\"subjects\":[{\"type\":\"bsn\",\"id\":\"123456782\"}]");
  EXPECT_HAS(result.events[0], "\"outcome\":\"denied\"");
  EXPECT_HAS(result.events[0], "\"sql_state\":\"42501\"");

  Line login;
  login.severity = "FATAL";
  login.state = "28P01";
  login.tag = "authentication";
  login.from = "[local]";
  EXPECT_HAS(ingest(login.text()).events.at(0), "\"action\":\"login\"");
  EXPECT_HAS(ingest(login.text()).events.at(0), "\"workplace\":{\"terminal\":\"local\"}");
  login.state = "28000";
  EXPECT_HAS(ingest(login.text()).events.at(0), "\"action\":\"login\"");
  login.state = "42501";  // no CONNECT privilege
  EXPECT_HAS(ingest(login.text()).events.at(0), "\"action\":\"login\"");
  login.user = "";
  EXPECT_TRUE(ingest(login.text()).events.empty());
  login.user = "u1";
  login.severity = "NOTICE";
  EXPECT_TRUE(ingest(login.text()).events.empty());
}

TEST(Pgaudit, an_audit_text_raised_in_sql_is_refused) {
  Line forged = audit(1, 1, "READ,SELECT,,,select 1,<none>");
  forged.context = "PL/pgSQL function inline_code_block line 1 at RAISE";
  const Ingested result = ingest(forged.text());
  EXPECT_TRUE(result.events.empty());
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_HAS(result.refusals[0].reason, "pgaudit did not write");
}

TEST(Pgaudit, no_literal_and_no_comment_stays_in_the_query) {
  const Ingested result = ingest(
      audit(1, 1,
            "READ,SELECT,,,\"select  'Jansen', E'x', $$y$$, 42 -- Jansen\n/* Jansen */ from \"\"t\"\" where a = $1;"
            "\",<none>")
          .text());
  EXPECT_HAS(result.events.at(0), R"("query":"select ?, ?, ?, ? from \"t\" where a = $1;")");
}

TEST(Pgaudit, long_statements_and_many_tables_are_cut_with_a_mark) {
  std::string statement = "select * from ";
  for (int i = 0; i < 600; ++i) statement += fmt::format("{}table_number_{:04}", i == 0 ? "" : " natural join ", i);
  const Ingested result = ingest(audit(1, 1, "READ,SELECT,,," + statement + ",<none>").text());
  ASSERT_EQ(result.events.size(), 1U);
  EXPECT_HAS(result.events[0], "\"query_truncated\":true");
  EXPECT_HAS(result.events[0], " more\",");
  EXPECT_HAS(result.events[0], "\"tables\":\"table_number_0000, ");
  EXPECT_HAS(result.events[0], "table_number_0300");
}

TEST(Pgaudit, more_subjects_than_one_event_holds_take_several) {
  std::string list;
  for (int i = 0; i < 2'500; ++i) list += fmt::format("{}'{:09}'", i == 0 ? "" : ",", 100'000'000 + i);
  const Ingested result =
      ingest(audit(1, 1, "READ,SELECT,,,\"select * from person where bsn in (" + list + ")\",<none>").text());
  ASSERT_EQ(result.events.size(), 3U);
  EXPECT_HAS(result.events[0], "\"id\":\"69a5.1f/1:1\"");
  EXPECT_HAS(result.events[2], "\"id\":\"69a5.1f/1:1#3\"");
  EXPECT_HAS(result.events[2], "\"id\":\"100002499\"");
  EXPECT_HAS(result.events[2], "\"bsn_invalid\":true");
}

TEST(Pgaudit, actors_and_places_are_read_as_the_mapping_says) {
  Line line = audit(1, 1, "READ,SELECT,,,select 1,<none>");
  line.user = "svc";
  line.application = "app:user=u104233";
  line.from = "fe80::1:5432";
  const std::string mapping = "source = \"s\"\nsystem = \"INNING\"\nservice_users = [\"svc\"]\n";
  const std::string service = ingest(line.text(), mapping).events.at(0);
  EXPECT_HAS(service, R"("source":"s")");
  EXPECT_HAS(service, R"("actor":{"id":"svc","type":"service"})");
  EXPECT_HAS(service, R"("system":"INNING")");
  EXPECT_HAS(service, R"("workplace":{"ip":"fe80::1"})");
  const std::string named = ingest(line.text(), mapping + "actor_from_application_name = true").events.at(0);
  EXPECT_HAS(named, R"("actor":{"id":"u104233"})");
  EXPECT_HAS(named, R"("account":"svc")");
  line.application = "app:user=~2026-Q1:5f3a";
  EXPECT_HAS(ingest(line.text(), mapping + "actor_from_application_name = true").events.at(0),
             R"("actor":{"id":"svc","type":"service"})");
  line.from = "pc17.example:5432";
  EXPECT_HAS(ingest(line.text()).events.at(0), R"("workplace":{"terminal":"pc17.example"})");
}

TEST(Pgaudit, zones_are_known_by_number_or_by_the_mapping) {
  Line line = audit(1, 1, "READ,SELECT,,,select 1,<none>");
  const std::pair<const char*, const char*> cases[] = {
      {"GMT", "07:14:03.412Z"}, {"+01", "06:14:03.412Z"}, {"-0330", "10:44:03.412Z"}, {"+01:30", "05:44:03.412Z"}};
  for (const auto& [zone, time] : cases) {
    line.time = fmt::format("2026-03-02 07:14:03.412 {}", zone);
    EXPECT_HAS(ingest(line.text()).events.at(0), time);
  }
  line.time = "2026-03-02 07:14:03.412 CET";
  const Ingested unknown = ingest(line.text());
  ASSERT_EQ(unknown.refusals.size(), 1U);
  EXPECT_HAS(unknown.refusals[0].reason, "log_timezone = 'UTC'");
  EXPECT_HAS(ingest(line.text(), "zones = {CET = \"+01:00\"}").events.at(0), "06:14:03.412Z");
  for (const char* wrong : {"2026-03-02", "2026-02-30 07:14:03.412 UTC", "2026-03-02 07:14:03.412", ""}) {
    line.time = wrong;
    EXPECT_EQ(ingest(line.text()).refusals.size(), 1U) << wrong;
  }
}

TEST(Pgaudit, refusals_name_the_place_and_never_the_content) {
  std::vector<Line> lines(7, audit(1, 1, "READ,SELECT,,,select 'Jansen',<none>"));
  lines[0].message = "AUDIT: SESSION,1,Jansen";
  lines[1].user = "Jansen\n";
  lines[2].session = std::string(65, 'J');
  lines[3].message = "AUDIT: SESSION,1,1,READ,SELECT,,,select 'Jansen\xFF',<none>";
  lines[4].user = "";
  lines[5].application = std::string(kTextBytesMax + 1, 'J');
  lines[6].message = "AUDIT: SESSION,1,1,READ," + std::string(65, 'J') + ",,,select 1,<none>";
  for (const Line& line : lines) {
    const Ingested result = ingest(line.text());
    EXPECT_TRUE(result.events.empty());
    ASSERT_EQ(result.refusals.size(), 1U);
    EXPECT_LACKS(result.refusals[0].reason, "Jansen");
    EXPECT_EQ(result.refusals[0].raw + "\n", line.text());
  }
  EXPECT_EQ(ingest("1,2,3\n").refusals.size(), 1U);
}

TEST(Pgaudit, a_statement_is_held_until_its_session_goes_on_ends_or_falls_silent) {
  auto source = create_pgaudit({"last_statement_may_go_on = true\n", "m"});
  ASSERT_TRUE(source);
  Output output;
  Line first = audit(1, 1, "READ,SELECT,,,select 1,<none>");
  (*source)->feed(first.text(), output);
  EXPECT_EQ(output.events.size(), 0U);
  Line ended;
  ended.message = "disconnection: session time: 0:00:00.012 user=u1";
  (*source)->feed(ended.text(), output);
  EXPECT_EQ(output.events.size(), 1U);

  (*source)->feed(first.text(), output);
  Line later = first;
  later.session = "other";
  later.time = "2026-03-02 07:15:03.400 UTC";
  (*source)->feed(later.text(), output);
  EXPECT_EQ(output.events.size(), 1U);
  later.time = "2026-03-02 07:15:03.500 UTC";
  (*source)->feed(later.text(), output);
  EXPECT_EQ(output.events.size(), 2U);

  output.events.clear();
  for (size_t i = 0; i < pgaudit::kSessionsMax + 3; ++i) {
    later.session = fmt::format("s{}", i);
    (*source)->feed(later.text(), output);
  }
  EXPECT_EQ(output.events.size(), 4U);
  (*source)->finish(output);
  EXPECT_EQ(output.events.size(), pgaudit::kSessionsMax + 4);
}

// The last columns say who it was: cut short, they would name another.
TEST(Pgaudit, a_record_that_was_cut_short_names_nobody) {
  const std::string whole = audit(3, 1, "READ,SELECT,TABLE,public.a,select 1,<none>").text();
  ASSERT_EQ(ingest(whole).events.size(), 1U);
  for (size_t size = 1; size < whole.size(); ++size) {
    const Ingested cut = ingest(whole.substr(0, size));
    EXPECT_TRUE(cut.events.empty()) << size;
    EXPECT_EQ(cut.refusals.size(), 1U) << size;
  }
}

TEST(Pgaudit, half_a_file_and_then_the_whole_loses_no_table) {
  const std::string half = audit(3, 1, "READ,SELECT,TABLE,public.a,select 1,<none>").text();
  const std::string whole = half + audit(4, 1, "READ,SELECT,TABLE,public.b,select 1,<none>").text();
  EXPECT_HAS(ingest(half).events.at(0), "\"id\":\"69a5.1f/1:3\"");
  EXPECT_HAS(ingest(whole).events.at(0), "\"id\":\"69a5.1f/1:3+2\"");
  EXPECT_EQ(ingest(whole).events, ingest(whole).events);
  // Lines of one statement with another between them keep apart.
  const std::string between = audit(5, 2, "READ,SELECT,TABLE,public.c,select 2,<none>").text();
  const std::string rest = audit(6, 1, "READ,SELECT,TABLE,public.d,select 1,<none>").text();
  const Ingested split = ingest(half + between + rest);
  ASSERT_EQ(split.events.size(), 3U);
  EXPECT_HAS(split.events[2], "\"id\":\"69a5.1f/1:6\"");
}

}  // namespace
}  // namespace weerbaar::ingest
