// A layer record as a damaged or forged cache file would hold it. The checksum is set right first, so that the input
// reaches what lies behind it.
#include <cstring>

#include "base/hash.h"
#include "image/squash.h"

void fuzz_image_record(plimsoll::Bytes input);
void fuzz_image_record(plimsoll::Bytes input) {
  using namespace plimsoll;
  using namespace plimsoll::image;
  const std::string key(32, '\0');
  static const std::string valid = [&] {
    LayerBuilder builder;
    const std::uint32_t file = builder.add("usr/lib/os-release", NodeKind::File);
    builder.set_link(builder.add("etc/os-release", NodeKind::SymbolicLink), "../usr/lib/os-release");
    Facts facts;
    facts.notes.emplace_back("k", "v");
    std::string blob;
    write_facts(blob, facts);
    builder.add_fact(file, 0, "", builder.add_blob(blob), static_cast<std::uint32_t>(blob.size()));
    builder.add_gap(file, {"tar", "x", "y"});
    return builder.finish(key);
  }();
  // Input that is no record is a patch on a right one: pairs of offset and byte.
  std::string bytes(as_text(input));
  if (!bytes.starts_with("PLIMLYR")) {
    bytes = valid;
    for (std::size_t i = 0; i + 2 < input.size(); i += 3) bytes[(input[i] * 256u + input[i + 1]) % bytes.size()] = static_cast<char>(input[i + 2]);
  }
  bytes.resize((bytes.size() + 7) / 8 * 8);
  constexpr std::size_t kChecksum = 48, kChecked = 56;
  if (bytes.size() > kChecked + 8) {
    const std::uint64_t total = bytes.size();
    std::memcpy(bytes.data() + kChecked, &total, sizeof total);
    const std::uint64_t sum = hash64(std::string_view(bytes).substr(kChecked));
    std::memcpy(bytes.data() + kChecksum, &sum, sizeof sum);
  }
  const auto record = LayerRecord::open(as_bytes(bytes), key, 1);
  if (!record) return;
  const Squash squash({&*record, &*record});
  for (const PlacedFact& fact : squash.facts()) {
    (void)read_facts(record->blob(*fact.entry));
    (void)squash.contains(fact.path);
    (void)squash.is_deleted(fact.outer);
  }
  (void)squash.contains("etc/os-release/x");
  (void)record->find_path("usr/lib/os-release");
}
