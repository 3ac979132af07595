// YAML and TOML read into the JSON view: one tree and one set of accessors for every structured file.
#include <sstream>
#include <stdexcept>

// toml++ has assertions that bytes from outside can reach; with NDEBUG they even become promises to the compiler. Here a
// failed one refuses the document instead.
[[noreturn]] inline void refuse_toml(const char* what) { throw std::runtime_error(what); }
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : refuse_toml(#condition))
#include <toml++/toml.h>
#include <yaml-cpp/yaml.h>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll {
namespace {

// YAML aliases can grow a small file without end; every node written counts against this.
constexpr std::size_t kMaxYamlNodes = 2'000'000;

class YamlWriter {
 public:
  YamlWriter(std::string& out, const Limits& limits, bool with_lines = false) : writer_(out), limits_(limits), with_lines_(with_lines) {}

  Status write(const YAML::Node& node, std::uint32_t depth) {
    if (depth > limits_.nesting) return limit_reached(cat("YAML nests deeper than ", limits_.nesting));
    if (++nodes_ > kMaxYamlNodes) return limit_reached(cat("YAML has more than ", kMaxYamlNodes, " nodes once aliases are expanded"));
    switch (node.Type()) {
      case YAML::NodeType::Map:
        writer_.begin_object();
        for (const auto& item : node) {
          writer_.key(item.first.IsScalar() ? item.first.Scalar() : std::string());
          PLIM_CHECK(write(item.second, depth + 1));
          if (with_lines_ && item.first.IsScalar()) writer_.member(cat('\x01', item.first.Scalar()), item.first.Mark().line + 1);
        }
        writer_.end_object();
        return Ok{};
      case YAML::NodeType::Sequence:
        writer_.begin_array();
        for (const auto& item : node) PLIM_CHECK(write(item, depth + 1));
        writer_.end_array();
        return Ok{};
      case YAML::NodeType::Scalar: scalar(node); return Ok{};
      default: writer_.null(); return Ok{};
    }
  }

 private:
  // YAML 1.2 core schema; a quoted scalar (tag "!") is text whatever it looks like. Numbers that JSON would respell
  // (1.10, 0x1f, 007) stay text: versions are the commonest scalars we read.
  void scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") writer_.value(text);
    else if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") writer_.null();
    else if (text == "true" || text == "True" || text == "TRUE") writer_.value(true);
    else if (text == "false" || text == "False" || text == "FALSE") writer_.value(false);
    else if (const auto number = parse_u64(text); number && std::to_string(*number) == text) writer_.value(*number);
    else writer_.value(text);
  }

  JsonWriter writer_;
  const Limits& limits_;
  bool with_lines_;
  std::size_t nodes_ = 0;
};

// Depth of flow brackets and of indentation, before yaml-cpp (which recurses) sees the text.
bool nests_too_deep(std::string_view text, std::uint32_t limit) {
  std::size_t flow = 0;
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    std::size_t dashes = 0;
    for (std::size_t i = 0; i < line.size() && (line[i] == ' ' || line[i] == '-' || line[i] == '?'); ++i) dashes += line[i] != ' ';
    if (dashes > limit) return true;
    for (const char c : line) {
      if (c == '[' || c == '{') ++flow;
      else if ((c == ']' || c == '}') && flow > 0) --flow;
      if (flow > limit) return true;
    }
    if (line.size() - std::min(line.size(), line.find_first_not_of(' ')) > 0 && line.find_first_not_of(' ') != std::string_view::npos &&
        line.find_first_not_of(' ') > std::size_t{limit} * 8)
      return true;
  }
  return false;
}

void write_toml(JsonWriter& writer, const toml::node& node) {
  if (const auto* table = node.as_table()) {
    writer.begin_object();
    for (const auto& [name, child] : *table) {
      writer.key(name.str());
      write_toml(writer, child);
    }
    writer.end_object();
  } else if (const auto* array = node.as_array()) {
    writer.begin_array();
    for (const auto& child : *array) write_toml(writer, child);
    writer.end_array();
  } else if (const auto* text = node.as_string()) {
    writer.value(std::string_view(text->get()));
  } else if (const auto* integer = node.as_integer()) {
    writer.value(static_cast<std::int64_t>(integer->get()));
  } else if (const auto* real = node.as_floating_point()) {
    writer.value(real->get());
  } else if (const auto* boolean = node.as_boolean()) {
    writer.value(boolean->get());
  } else {
    std::ostringstream date;
    node.visit([&](const auto& value) {
      if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> || toml::is_date_time<decltype(value)>) date << value.get();
    });
    writer.value(date.str());
  }
}

}  // namespace

Result<JsonDocument> JsonDocument::parse_yaml(std::string_view text, const Limits& limits) {
  if (text.size() > limits.metadata_bytes) return limit_reached(cat("YAML of ", text.size(), " bytes is longer than ", limits.metadata_bytes));
  if (nests_too_deep(text, limits.nesting)) return limit_reached(cat("YAML nests deeper than ", limits.nesting));
  std::string json;
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    YamlWriter writer(json, limits);
    PLIM_CHECK(writer.write(root, 0));
  } catch (const YAML::Exception& e) {
    return malformed(cat("YAML line ", e.mark.line + 1, " column ", e.mark.column + 1, ": ", e.msg));
  }
  return parse(as_bytes(json), limits);
}

Result<std::vector<JsonDocument>> JsonDocument::parse_yaml_documents(std::string_view text, const Limits& limits) {
  constexpr std::size_t kMaxDocuments = 1000;
  if (text.size() > limits.metadata_bytes) return limit_reached(cat("YAML of ", text.size(), " bytes is longer than ", limits.metadata_bytes));
  if (nests_too_deep(text, limits.nesting)) return limit_reached(cat("YAML nests deeper than ", limits.nesting));
  std::vector<JsonDocument> out;
  try {
    for (const YAML::Node& root : YAML::LoadAll(std::string(text))) {
      if (out.size() == kMaxDocuments) return limit_reached(cat("YAML stream of more than ", kMaxDocuments, " documents"));
      std::string json;
      YamlWriter writer(json, limits, true);
      PLIM_CHECK(writer.write(root, 0));
      PLIM_TRY(JsonDocument document, parse(as_bytes(json), limits));
      out.push_back(std::move(document));
    }
  } catch (const YAML::Exception& e) {
    return malformed(cat("YAML line ", e.mark.line + 1, " column ", e.mark.column + 1, ": ", e.msg));
  }
  return out;
}

Result<JsonDocument> JsonDocument::parse_toml(std::string_view text, const Limits& limits) {
  if (text.size() > limits.metadata_bytes) return limit_reached(cat("TOML of ", text.size(), " bytes is longer than ", limits.metadata_bytes));
  std::string json;
  try {
    const toml::table root = toml::parse(text);
    JsonWriter writer(json);
    write_toml(writer, root);
  } catch (const toml::parse_error& e) {
    return malformed(cat("TOML line ", e.source().begin.line, " column ", e.source().begin.column, ": ", e.description()));
  } catch (const std::exception& e) {
    return malformed(cat("TOML that its reader gave up on: ", std::string_view(e.what())));
  }
  return parse(as_bytes(json), limits);
}

}  // namespace plimsoll
