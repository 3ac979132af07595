#include "base/program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"

namespace plimsoll {
namespace {

TEST(program, knows_its_own_build_id_as_readelf_does) {
  const auto told = run_process({"readelf", "--notes", "--wide", cat("/proc/", ::getpid(), "/exe")}, "", std::chrono::milliseconds(5000));
  ASSERT_TRUE(told.has_value());
  ASSERT_NE(told->out.find("Build ID: "), std::string::npos);
  EXPECT_NE(told->out.find(cat("Build ID: ", to_hex(own_build_id()))), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
