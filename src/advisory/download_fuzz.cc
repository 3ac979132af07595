#include "advisory/download.h"
#include "advisory/feed_list.h"
#include "base/text.h"

using namespace plimsoll;
using namespace plimsoll::advisory;

// What an index says, and what is typed after --feed.
void fuzz_advisory_download(Bytes input) {
  if (const auto found = updateinfo_of(as_text(input))) PLIM_ASSERT(!found->first.empty());
  if (const auto feed = parse_remote_feed(as_text(input))) PLIM_ASSERT(!feed->name.empty() && feed->name.find('/') == std::string::npos && !feed->url.empty());
}
