#include "base/process.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using std::chrono::milliseconds;

TEST(process, input_output_and_exit_code) {
  const std::string big(500'000, 'x');
  const auto echoed = run_process({"cat"}, big, milliseconds(5000));
  ASSERT_TRUE(echoed.has_value());
  EXPECT_EQ(echoed->out, big);
  EXPECT_EQ(run_process({"sh", "-c", "exit 7"}, big, milliseconds(5000))->exit_code, 7) << "input nobody reads";
  EXPECT_EQ(run_process({"echo", "$HOME;", "a b"}, "", milliseconds(5000))->out, "$HOME; a b\n") << "no shell";
  EXPECT_EQ(run_process({"plimsoll-no-such-program"}, "", milliseconds(5000)).error().kind(), ErrorKind::NotFound);
}

TEST(process, is_ended_with_its_children_when_the_time_is_over) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run_process({"sh", "-c", "sleep 30 & sleep 30"}, "", milliseconds(100)).error().kind(), ErrorKind::Limit);
  EXPECT_EQ(run_process({"sh", "-c", "exec >&-; sleep 30"}, "", milliseconds(100)).error().kind(), ErrorKind::Limit);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(3000));
}

TEST(process, output_is_bounded) {
  EXPECT_EQ(run_process({"cat", "/dev/zero"}, "", milliseconds(5000), 1000).error().kind(), ErrorKind::Limit);
}

}  // namespace
}  // namespace plimsoll
