#include "report/search_key.h"

#include <gtest/gtest.h>

namespace weerbaar::report {
namespace {

TEST(SearchKey, numbers_of_persons_firms_and_plates_are_identifiers) {
  for (const char* query :
       {"123456782", " 123456782 ", "1234.56.782", "bsn=123456782", "select * from p where bsn = '111222333'",
        "90001354", "AB-123-C", "35-11-AB", "12-abc-3", "name=Vos&bsn=123456782", "NL123456782B01"}) {
    EXPECT_EQ(key_of(query), SearchKey::kIdentifier) << query;
  }
}

TEST(SearchKey, names_addresses_and_dates_of_birth_are_other_keys) {
  for (const char* query : {"Vos", "de Vries", "Kerkstraat 12", "3511AB 12-A", "19800131", "31-01-1980", "1980-00-00",
                            "0612345", "Vos 31.01.1980", "straat-12", "3511AB", "name='Jansen' and town='Ede'"}) {
    EXPECT_EQ(key_of(query), SearchKey::kOther) << query;
  }
}

TEST(SearchKey, nothing_typed_is_unknown) {
  EXPECT_EQ(key_of(""), SearchKey::kUnknown);
  EXPECT_EQ(key_of("   "), SearchKey::kUnknown);
}

}  // namespace
}  // namespace weerbaar::report
