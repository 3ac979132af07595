#include "format/rpm_header.h"

#include <gtest/gtest.h>

namespace plimsoll::format {
namespace {

void put(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}
// A header of one tag.
std::string header(RpmTag tag, std::uint32_t type, std::uint32_t count, std::string_view data) {
  std::string out;
  put(out, 1);
  put(out, static_cast<std::uint32_t>(data.size()));
  for (const std::uint32_t field : {static_cast<std::uint32_t>(tag), type, 0u, count}) put(out, field);
  return out.append(data);
}

TEST(rpm_header, what_leads_out_of_the_data_is_damage) {
  using namespace std::string_view_literals;
  constexpr std::uint32_t kInt32 = 4, kString = 6, kArray = 8;
  const auto damaged = [](const std::string& blob, const auto& ask) {
    const auto parsed = RpmHeader::parse(as_bytes(blob));
    if (!parsed) return true;
    EXPECT_FALSE(parsed->damaged());
    ask(*parsed);
    return parsed->damaged();
  };
  const auto epoch = [](const RpmHeader& h) { (void)h.numbers(RpmTag::Epoch); };
  const auto names = [](const RpmHeader& h) { (void)h.texts(RpmTag::BaseNames); };
  const auto name = [](const RpmHeader& h) { (void)h.text(RpmTag::Name); };
  EXPECT_FALSE(damaged(header(RpmTag::Epoch, kInt32, 1, "\0\0\0\2"sv), epoch));
  EXPECT_TRUE(damaged(header(RpmTag::Epoch, kInt32, 2, "\0\0\0\2"sv), epoch)) << "more numbers than bytes";
  EXPECT_TRUE(damaged(header(RpmTag::Epoch, kString, 1, "2\0"sv), epoch)) << "no number";
  EXPECT_FALSE(damaged(header(RpmTag::BaseNames, kArray, 2, "a\0b\0"sv), names));
  EXPECT_TRUE(damaged(header(RpmTag::BaseNames, kArray, 3, "a\0b\0"sv), names)) << "more texts than ends";
  EXPECT_TRUE(damaged(header(RpmTag::BaseNames, kArray, 2, "a\0b"sv), names));
  EXPECT_TRUE(damaged(header(RpmTag::Name, kString, 1, "bash"sv), name));
  EXPECT_FALSE(damaged(header(RpmTag::Name, kString, 1, "bash\0"sv), [](const RpmHeader& h) {
    EXPECT_TRUE(h.texts(RpmTag::BaseNames).empty());
    EXPECT_EQ(h.text(RpmTag::Name), "bash");
  })) << "an absent tag is none";
}

}  // namespace
}  // namespace plimsoll::format
