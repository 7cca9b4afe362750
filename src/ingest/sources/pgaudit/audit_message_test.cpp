#include "ingest/sources/pgaudit/audit_message.h"

#include <gtest/gtest.h>

namespace weerbaar::ingest::pgaudit {
namespace {

using Values = Parameters;

TEST(PgauditMessage, reads_the_fields_of_every_version) {
  AuditScratch scratch;
  const auto audit = parse_audit_message(
      "AUDIT: OBJECT,12,3,READ,SELECT,TABLE,public.person,\"select \"\"a\"\", b\nfrom person where "
      "bsn=$1\",\"\"\"x,\"\"\",7",
      scratch);
  ASSERT_TRUE(audit) << audit.error().text;
  EXPECT_EQ(audit->statement_id, 12U);
  EXPECT_EQ(audit->audit_class, "READ");
  EXPECT_EQ(audit->command, "SELECT");
  EXPECT_EQ(audit->object_type, "TABLE");
  EXPECT_EQ(audit->object_name, "public.person");
  EXPECT_EQ(audit->statement, "select \"a\", b\nfrom person where bsn=$1");
  EXPECT_EQ(audit->parameters, "\"x,\"");
  EXPECT_EQ(audit->rows, 7U);

  const auto old =
      parse_audit_message("AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,<previously logged>,<not logged>", scratch);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->statement_kind, Text::kPreviouslyLogged);
  EXPECT_EQ(old->parameters_kind, Text::kNotLogged);
  EXPECT_FALSE(old->rows);
  EXPECT_EQ(parse_audit_message("AUDIT: SESSION,1,1,READ,SELECT,,,<not logged>,<none>", scratch)->statement_kind,
            Text::kNotLogged);
}

TEST(PgauditMessage, refuses_what_pgaudit_does_not_write) {
  AuditScratch scratch;
  for (const char* wrong :
       {"AUDIT: ", "AUDIT: SESSION,1,1,READ,SELECT,,,select 1", "AUDIT: SESSION,x,1,READ,SELECT,,,s,<none>",
        "AUDIT: WHOLE,1,1,READ,SELECT,,,s,<none>", "AUDIT: SESSION,1,,READ,SELECT,,,s,<none>",
        "AUDIT: SESSION,1,1,read,SELECT,,,s,<none>", "AUDIT: SESSION,1,1,READ,,,,s,<none>",
        "AUDIT: SESSION,1,1,READ,SELECT,,,s,<none>,many", "AUDIT: SESSION,1,1,READ,SELECT,,,s,<none>,1,1",
        "AUDIT: SESSION,1,1,READ,SELECT,,,\"s,<none>"}) {
    EXPECT_FALSE(parse_audit_message(wrong, scratch)) << wrong;
  }
}

TEST(PgauditParameters, the_list_of_pgaudit_is_csv) {
  EXPECT_EQ(parse_parameter_list("123456782"), (Values{"123456782"}));
  EXPECT_EQ(parse_parameter_list("\"O'Br,\"\"x\",,3"), (Values{"O'Br,\"x", "", "3"}));
  EXPECT_EQ(parse_parameter_list("\"{123456782,111222333}\","), (Values{"{123456782,111222333}", ""}));
  EXPECT_EQ(parse_parameter_list("\"\"\"\""), (Values{"\""}));
  for (const char* wrong : {"\"a", "\"a\"b", "a\"b,c"}) EXPECT_FALSE(parse_parameter_list(wrong)) << wrong;
}

TEST(PgauditParameters, the_detail_of_postgresql_is_a_list_of_quoted_values) {
  EXPECT_EQ(parse_parameter_detail("$1 = '123456782', $2 = NULL, $3 = 'o''x, $4 = '"),
            (Values{"123456782", "", "o'x, $4 = "}));
  EXPECT_EQ(parse_parameter_detail("$1 = 'cut off...'"), (Values{std::nullopt}));
  EXPECT_EQ(parse_parameter_detail("$1 = 'a'\nSQL function \"f\""), (Values{"a"}));
  for (const char* wrong : {"$2 = 'a'", "$1 = a", "$1 'a'", "$1 = 'a", "$x = 'a'"}) {
    EXPECT_FALSE(parse_parameter_detail(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit
