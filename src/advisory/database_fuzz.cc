#include "advisory/database.h"
#include "advisory/encoding.h"
#include "advisory/record_code.h"

using namespace plimsoll;
using namespace plimsoll::advisory;

// The file as it is (its checksums refuse almost everything), and its variable-length items, which a database that was
// signed by someone hostile could hold.
void fuzz_advisory_database(Bytes input) {
  if (auto database = Database::over(input)) {
    CandidateList list;
    for (const std::string& ecosystem : database->ecosystems()) {
      (void)database->each_package(ecosystem, [](std::string_view, const CandidateList&) { return Status(); });
      (void)database->candidates(ecosystem, "a", list);
    }
    (void)database->find("CVE-2021-44228");
    (void)database->cve("CVE-2021-44228");
    (void)database->each_cve([](const CveFacts&) { return Status(); });
    (void)database->each_repository([](std::string_view, const std::vector<std::string>&) { return Status(); });
    (void)database->repository("rhel-8-for-aarch64-baseos-rpms");
    (void)database->shortfalls();
    (void)database->verify();
  }
  Cursor cursor(input);
  CandidateList list;
  (void)read_candidates(cursor, list);
  AdvisoryRecord record;
  std::uint64_t feed = 0;
  (void)read_record(input, record, feed);
  std::uint8_t row[16] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
  (void)read_cve(Bytes(row, sizeof row), [&](std::uint32_t) -> Result<Bytes> { return input; });
}
