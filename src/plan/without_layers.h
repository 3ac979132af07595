// A record's text without the digests of the layers that its locations name.
//
// The index keeps no layer, and each image's own layers have digests of their own: without them a package that many images
// install is written in the same bytes in all their reports.
#pragma once
#include <string>
#include <string_view>

namespace plimsoll::plan {

// `element`: one package or finding of a JSON report, as it is written there. The same bytes, less each "sha256:..." that is the
// value of "layer" in an object of "locations"; `element` itself where nothing is left out or the text is written in another way than
// reports are (escapes in a location, numbers with signs). Two elements of one result differ, if at all, in such digests: when
// one parses so does the other, and they say the same but for the layers.
// The result lies in `arena`, behind what is there, or in `element`; the caller has reserved arena's room, as much as elements have.
std::string_view without_layers(std::string_view element, std::string& arena);

}  // namespace plimsoll::plan
