#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "base/text.h"

namespace plimsoll {
namespace {

// Builds the tree. Throws YAML exceptions, caught in read_yaml: yaml-cpp offers no other way to stop.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}
  YamlNode root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(mark, YamlNode::Kind::Null);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fail(mark, "aliases (*name) are not allowed here: write it out"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "!") fail(mark, "tags (" + tag + ") are not allowed here");
    if (!is_utf8(value)) fail(mark, "a text is not valid UTF-8");
    if (expects_name()) {
      YamlNode& map = *open_.back();
      if (value == "<<") fail(mark, "merge keys (<<) are not allowed here: write it out");
      if (const auto found = std::find(map.names.begin(), map.names.end(), value); found != map.names.end())
        fail(mark, cat("\"", value, "\" is given twice; the first is on line ", map.name_lines[static_cast<std::size_t>(found - map.names.begin())]));
      map.names.push_back(value);
      map.name_lines.push_back(mark.line + 1);
      return;
    }
    YamlNode& node = add(mark, YamlNode::Kind::Scalar);
    node.text = value;
    node.quoted = tag == "!";
    if (!node.quoted && (value.empty() || value == "~" || value == "null")) node.kind = YamlNode::Kind::Null;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, anchor, YamlNode::Kind::List); }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, anchor, YamlNode::Kind::Map); }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  [[noreturn]] static void fail(const YAML::Mark& mark, const std::string& why) { throw YAML::ParserException(mark, why); }
  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) fail(mark, "anchors (&name) are not allowed here: write it out");
  }
  bool expects_name() const { return !open_.empty() && open_.back()->is_map() && open_.back()->names.size() == open_.back()->items.size(); }
  YamlNode& add(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (expects_name()) fail(mark, "a key must be plain text");
    if (++nodes_ > limits_.nodes) fail(mark, cat("more than ", limits_.nodes, " values"));
    YamlNode* into = &root;
    if (!open_.empty()) {
      // Only the innermost list or map grows, and its elements are all closed: no pointer in open_ moves.
      open_.back()->items.emplace_back();
      into = &open_.back()->items.back();
    }
    into->kind = kind;
    into->line = mark.line + 1;
    into->column = mark.column + 1;
    return *into;
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "!" && !tag.empty()) fail(mark, "tags (" + tag + ") are not allowed here");
    if (open_.size() >= limits_.depth) fail(mark, cat("nests deeper than ", limits_.depth));
    open_.push_back(&add(mark, kind));
  }

  const YamlLimits& limits_;
  std::vector<YamlNode*> open_;
  std::size_t nodes_ = 0;
};

// Brackets and dashes in a row, before yaml-cpp (which recurses) sees the text.
bool brackets_too_deep(std::string_view text, std::uint32_t limit) {
  std::size_t depth = 0, dashes = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    else if ((c == ']' || c == '}') && depth > 0) --depth;
    dashes = c == '-' || c == '?' ? dashes + 1 : c == ' ' ? dashes : 0;
    if (depth > std::size_t{limit} * 4 || dashes > std::size_t{limit} * 4) return true;
  }
  return false;
}

}  // namespace

const YamlNode& YamlNode::operator[](std::string_view name) const {
  static const YamlNode missing;
  for (std::size_t i = 0; i < names.size() && i < items.size(); ++i)
    if (names[i] == name) return items[i];
  return missing;
}

void YamlNode::write(JsonWriter& json) const {
  switch (kind) {
    case Kind::Map:
      json.begin_object();
      for (std::size_t i = 0; i < items.size(); ++i) {
        json.key(names[i]);
        items[i].write(json);
      }
      json.end_object();
      return;
    case Kind::List:
      json.begin_array();
      for (const YamlNode& item : items) item.write(json);
      json.end_array();
      return;
    case Kind::Scalar: break;
    default: json.null(); return;
  }
  if (!quoted && (text == "true" || text == "false")) {
    json.value(text == "true");
    return;
  }
  if (!quoted && !text.empty() && text.size() < 20 && text.find_first_not_of("0123456789.-") == std::string::npos) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    // Only what JSON would spell the same: "1.10", "007" and "1.2.3" stay text.
    std::string again;
    JsonWriter(again).value(number);
    if (end == text.c_str() + text.size() && again == text) {
      json.raw(again);
      return;
    }
  }
  json.value(std::string_view(text));
}

Result<YamlNode> read_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.bytes) return limit_reached(cat("YAML of ", text.size(), " bytes is longer than ", limits.bytes));
  if (text.find('\0') != std::string_view::npos) return malformed("it holds a zero byte, so it is no YAML");
  if (brackets_too_deep(text, limits.depth)) return limit_reached(cat("YAML nests deeper than ", limits.depth));
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(limits);
    if (!parser.HandleNextDocument(builder) || !builder.root.exists()) return malformed("the document is empty");
    Builder second(limits);
    if (parser.HandleNextDocument(second) && second.root.exists()) return malformed(cat("line ", second.root.line, ": a second document (---): one to a file"));
    return std::move(builder.root);
  } catch (const YAML::Exception& e) {
    return malformed(cat("line ", e.mark.line + 1, ", column ", e.mark.column + 1, ": ", to_utf8(e.msg)));
  } catch (const std::exception& e) {
    return malformed(cat("YAML that its reader gave up on: ", std::string_view(e.what())));
  }
}

}  // namespace plimsoll
