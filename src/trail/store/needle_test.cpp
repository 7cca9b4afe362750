#include "trail/store/needle.h"

#include <gtest/gtest.h>

#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

class ActorPseudonymTest : public testing::TrailFixture {
 protected:
  const Period quarter_ = period_of(Time{1'780'000'000'000'000, 0});
};

TEST_F(ActorPseudonymTest, hides_an_employee_and_leads_back_for_who_holds_the_key) {
  for (const std::string employee :
       {"u9", "u104233", "een heel lange naam van iemand die hier werkt, in meer dan 64 b"}) {
    const auto shown = actor_pseudonym(*keys_, quarter_, employee);
    ASSERT_TRUE(shown) << shown.error().text;
    EXPECT_TRUE(shown->starts_with(kPseudonymMark));
    EXPECT_EQ(shown->find(employee), std::string::npos);
    EXPECT_EQ(actor_pseudonym(*keys_, quarter_, employee).value(), *shown) << "the same again";
    const auto behind = actor_behind(*keys_, *shown);
    ASSERT_TRUE(behind) << behind.error().text;
    EXPECT_EQ(*behind, employee);
  }
}

TEST_F(ActorPseudonymTest, leads_to_nobody_once_the_key_is_destroyed) {
  const std::string shown = actor_pseudonym(*keys_, quarter_, "u9").value();
  ASSERT_TRUE(keys_->destroy(quarter_, Time{1'790'000'000'000'000, 0}, "retention"));
  const auto behind = actor_behind(*keys_, shown);
  ASSERT_TRUE(behind) << behind.error().text;
  EXPECT_EQ(*behind, std::nullopt);
}

TEST_F(ActorPseudonymTest, is_refused_when_it_was_never_shown_so) {
  for (const char* const wrong : {"", "u9", "~", "~2026-Q1", "~2026-Q1:", "~2026-Q1:xyz", "~2026-Q9:abcd"}) {
    EXPECT_EQ(refusal(actor_behind(*keys_, wrong)), Code::kInvalid) << wrong;
  }
  EXPECT_EQ(refusal(actor_behind(*keys_, "~1999-Q1:abcdef012345")), Code::kNotFound);
}

}  // namespace
}  // namespace weerbaar::trail
