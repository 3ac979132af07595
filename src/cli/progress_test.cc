#include "cli/progress.h"

#include <gtest/gtest.h>

namespace plimsoll::cli {
namespace {

using std::chrono::milliseconds;

TEST(progress, says_bytes_layers_rate_and_time_left) {
  const ProgressState state{.done_bytes = 100'000'000, .total_bytes = 300'000'000, .done_layers = 1, .total_layers = 3};
  EXPECT_EQ(progress_line(state, milliseconds(1000), 80), "layer 1/3  100 of 300 MB  100 MB/s  3 s left");
}
TEST(progress, an_unknown_total_is_not_invented) {
  EXPECT_EQ(progress_line({.done_bytes = 5'000'000, .total_layers = 2}, milliseconds(0), 80), "layer 0/2  5.0 MB");
}
TEST(progress, keeps_to_the_terminal) { EXPECT_EQ(progress_line({.done_bytes = 5'000'000}, milliseconds(0), 10).size(), 9u); }

}  // namespace
}  // namespace plimsoll::cli
