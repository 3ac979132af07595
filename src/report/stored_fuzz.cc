#include "report/format.h"
#include "report/stored.h"

// What reads as a report must be written, and read again, to the same bytes.
void fuzz_report_stored(plimsoll::Bytes input) {
  using namespace plimsoll;
  const auto report = report::read_report(input);
  if (!report) return;
  const report::WriteOptions options;
  const auto once = report::find_format("json")->write(*report, options);
  PLIM_ASSERT(once.has_value());
  const auto again = report::read_report(as_bytes(*once));
  PLIM_ASSERT(again.has_value());
  PLIM_ASSERT(*report::find_format("json")->write(*again, options) == *once);
}
