// A JSON document's long arrays, each element as the text it is written in, found without parsing the elements.
//
// For documents whose records repeat (a fleet's reports): who has met a record's bytes before need not parse it again.
//   JsonSplitter splitter;
//   JsonPart parts[] = {{.name = "packages"}, {.name = "findings"}};
//   std::string rest;
//   if (splitter.split(text, parts, rest)) { /* rest: the document with both arrays empty */ }
//   else { /* parse `text` as ever: it says what is wrong */ }
//
// Laws     When split() is true: the text is UTF-8 and its strings are closed; `rest` parses, and so does each element, exactly
//          when the text parses; the parts are what the first member of each name holds. It is false for every text that
//          is not plainly an object whose named members are arrays of objects and stand at most once, where such a name is
//          written with escapes, and for text over 64 MiB.
// Limits   The caller parses `rest` and each element that it does not know, with a nesting of two levels less for these.
// Cost     some 3 GB/s (simdjson's first stage and one step a token); 4 bytes of memory for each byte of the longest text.
// Threads  one splitter a thread. Views point into `text`.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

struct JsonPart {
  std::string_view name = {};                  // of a member of the outermost object; no character that JSON escapes
  std::vector<std::string_view> elements = {};  // written by split()
};

class JsonSplitter {
 public:
  JsonSplitter();
  ~JsonSplitter();
  JsonSplitter(JsonSplitter&&) noexcept;
  bool split(std::string_view text, std::span<JsonPart> parts, std::string& rest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
