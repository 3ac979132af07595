// XML, streamed: a feed of 100 MB passes through without a tree (expat underneath; entities from DTDs are refused).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll {

// Names come without their namespace prefix. Views are valid during the call.
class XmlHandler {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view name, const Attributes& attributes) = 0;
  // `text` is all character data directly inside the element that ends, concatenated.
  virtual void end(std::string_view name, std::string_view text) = 0;
};

// Feeds the document in pieces; finish() tells whether it was whole. Errors: Malformed with line and column, Limit.
class XmlParser {
 public:
  explicit XmlParser(XmlHandler& handler, const Limits& limits = {});
  ~XmlParser();
  Status feed(Bytes piece);
  Status finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A small document as a tree (a POM, a .nuspec); at most limits.metadata_bytes.
struct XmlNode {
  std::string name, text;
  std::map<std::string, std::string, std::less<>> attributes;
  std::vector<XmlNode> children;
  const XmlNode* child(std::string_view child_name) const;        // first of that name, or null
  std::string_view child_text(std::string_view child_name) const;  // trimmed; empty when absent
};
Result<XmlNode> parse_xml(Bytes document, const Limits& limits = {});

}  // namespace plimsoll
