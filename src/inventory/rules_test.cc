#include "inventory/rules.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

TEST(rules, their_digest_is_one_value_that_is_not_that_of_nothing) {
  EXPECT_EQ(rules_digest().size(), 64u);
  EXPECT_EQ(rules_digest(), rules_digest());
  EXPECT_NE(rules_digest(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace plimsoll::inventory
