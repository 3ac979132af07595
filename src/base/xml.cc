#include "base/xml.h"

#include <expat.h>

#include "base/text.h"

namespace plimsoll {
namespace {

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

struct XmlParser::State {
  State(XmlHandler& h, const Limits& l) : handler(h), limits(l), parser(XML_ParserCreate(nullptr)) {
    PLIM_ASSERT(parser);
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    // Entity declarations are the only way an XML file can grow: none of our formats needs them.
    XML_SetEntityDeclHandler(parser, [](void* self, const XML_Char*, int, const XML_Char*, int, const XML_Char*, const XML_Char*, const XML_Char*, const XML_Char*) {
      static_cast<State*>(self)->stop(malformed("XML declares entities"));
    });
  }
  ~State() { XML_ParserFree(parser); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void stop(Error why) {
    if (failed) failed = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }

  static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    State& self = *static_cast<State*>(data);
    if (self.texts.size() >= self.limits.nesting) return self.stop(limit_reached(cat("XML nests deeper than ", self.limits.nesting)));
    self.pairs.clear();
    for (; *attributes; attributes += 2) self.pairs.emplace_back(local_name(attributes[0]), attributes[1]);
    self.texts.emplace_back();
    self.handler.start(local_name(name), self.pairs);
  }
  static void on_end(void* data, const XML_Char* name) {
    State& self = *static_cast<State*>(data);
    self.handler.end(local_name(name), self.texts.back());
    self.texts.pop_back();
  }
  static void on_text(void* data, const XML_Char* text, int length) {
    State& self = *static_cast<State*>(data);
    if (self.texts.empty()) return;
    std::string& into = self.texts.back();
    if (into.size() + static_cast<std::size_t>(length) > self.limits.metadata_bytes) return self.stop(limit_reached("XML text is too long"));
    into.append(text, static_cast<std::size_t>(length));
  }

  Status parse(Bytes piece, bool last) {
    if (!failed) return failed;
    // Expat takes an int length.
    constexpr std::size_t kPiece = 1u << 20;
    do {
      const Bytes part = piece.subspan(0, std::min(piece.size(), kPiece));
      piece = piece.subspan(part.size());
      if (XML_Parse(parser, reinterpret_cast<const char*>(part.data()), static_cast<int>(part.size()), last && piece.empty()) == XML_STATUS_OK) continue;
      if (failed)
        failed = malformed(cat("XML line ", XML_GetCurrentLineNumber(parser), " column ", XML_GetCurrentColumnNumber(parser) + 1, ": ",
                               std::string_view(XML_ErrorString(XML_GetErrorCode(parser)))));
      return failed;
    } while (!piece.empty());
    return Ok{};
  }

  XmlHandler& handler;
  const Limits limits;
  XML_Parser parser;
  XmlHandler::Attributes pairs;
  std::vector<std::string> texts;
  Status failed;
};

XmlParser::XmlParser(XmlHandler& handler, const Limits& limits) : state_(std::make_unique<State>(handler, limits)) {}
XmlParser::~XmlParser() = default;
Status XmlParser::feed(Bytes piece) { return piece.empty() ? Status(Ok{}) : state_->parse(piece, false); }
Status XmlParser::finish() { return state_->parse({}, true); }

const XmlNode* XmlNode::child(std::string_view child_name) const {
  for (const XmlNode& node : children)
    if (node.name == child_name) return &node;
  return nullptr;
}

std::string_view XmlNode::child_text(std::string_view child_name) const {
  const XmlNode* node = child(child_name);
  return node ? trim(node->text) : std::string_view{};
}

Result<XmlNode> parse_xml(Bytes document, const Limits& limits) {
  struct Builder : XmlHandler {
    void start(std::string_view name, const Attributes& attributes) override {
      XmlNode node{.name = std::string(name)};
      for (const auto& [key, value] : attributes) node.attributes.emplace(key, value);
      open.push_back(std::move(node));
    }
    void end(std::string_view, std::string_view text) override {
      XmlNode node = std::move(open.back());
      open.pop_back();
      node.text = text;
      (open.empty() ? root : open.back()).children.push_back(std::move(node));
    }
    XmlNode root;
    std::vector<XmlNode> open;
  } builder;
  if (document.size() > limits.metadata_bytes) return limit_reached(cat("XML of ", document.size(), " bytes is longer than ", limits.metadata_bytes));
  XmlParser parser(builder, limits);
  PLIM_CHECK(parser.feed(document));
  PLIM_CHECK(parser.finish());
  PLIM_ASSERT(builder.root.children.size() == 1);
  return std::move(builder.root.children.front());
}

}  // namespace plimsoll
