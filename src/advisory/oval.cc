#include "advisory/oval.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "base/xml.h"

namespace plimsoll::advisory {
namespace {

struct Test {
  std::string object, state, comment;
};
struct Object {
  std::string name, variable;
};
struct State {
  std::string evr, operation;
};
// One criterion of a definition, in reading order, with the criteria groups around it.
struct Criterion {
  std::uint32_t definition;
  std::string test, comment;
  std::vector<std::uint32_t> groups;  // ids of the enclosing criteria, outermost first
  bool negated = false;
};

class Reader : public XmlHandler {
 public:
  OvalDocument document;

  void start(std::string_view name, const Attributes& attributes) override {
    const auto get = [&](std::string_view key) -> std::string_view {
      for (const auto& [k, v] : attributes)
        if (k == key) return v;
      return {};
    };
    if (name == "definition") {
      definition_ = &document.definitions.emplace_back();
      definition_->klass = get("class");
      in_definition_ = true;
    } else if (in_definition_) {
      start_in_definition(name, get);
    } else if (name.ends_with("_test")) {
      test_ = &tests_[std::string(get("id"))];
      test_->comment = get("comment");
    } else if (name == "object" && test_) {
      test_->object = get("object_ref");
    } else if (name == "state" && test_) {
      if (test_->state.empty()) test_->state = get("state_ref");
    } else if (name.ends_with("_object")) {
      object_ = &objects_[std::string(get("id"))];
    } else if (name == "name" && object_) {
      if (object_->variable.empty()) object_->variable = get("var_ref");
    } else if (name.ends_with("_state")) {
      state_ = &states_[std::string(get("id"))];
    } else if (name == "evr" && state_) {
      state_->operation = get("operation");
    } else if (name.ends_with("_variable")) {
      variable_ = &variables_[std::string(get("id"))];
    }
  }

  void end(std::string_view name, std::string_view text) override {
    if (in_definition_) return end_in_definition(name, text);
    if (name == "timestamp" && document.timestamp.empty()) document.timestamp = trim(text);
    else if (name == "product_name" && document.product.empty()) document.product = trim(text);
    else if (name.ends_with("_test")) test_ = nullptr;
    else if (name.ends_with("_object")) object_ = nullptr;
    else if (name == "name" && object_) object_->name = trim(text);
    else if (name.ends_with("_state")) state_ = nullptr;
    else if (name == "evr" && state_) state_->evr = trim(text);
    else if (name.ends_with("_variable")) variable_ = nullptr;
    else if (name == "value" && variable_) variable_->emplace_back(trim(text));
  }

  void resolve() {
    for (const Criterion& criterion : criteria_) {
      const auto test = tests_.find(criterion.test);
      if (test == tests_.end() || criterion.negated) continue;
      OvalCondition condition;
      condition.comment = criterion.comment.empty() ? test->second.comment : criterion.comment;
      const auto object = objects_.find(test->second.object);
      if (object == objects_.end()) continue;
      if (!object->second.name.empty()) condition.names.push_back(object->second.name);
      else if (const auto values = variables_.find(object->second.variable); values != variables_.end()) condition.names = values->second;
      if (condition.names.empty()) continue;
      const auto state = states_.find(test->second.state);
      if (state == states_.end() || state->second.evr.empty()) {
        const bool speaks = condition.comment.find(" is installed") != std::string::npos || condition.comment.find(" package in ") != std::string::npos;
        if (!speaks) continue;  // signatures, architectures...
        condition.less_than = false;
      } else if (state->second.operation == "greater than" && drop_zero_epoch(state->second.evr) == "0-0") {
        condition.less_than = false;  // SUSE: affected, and no update is out
      } else {
        if (state->second.operation != "less than") continue;
        condition.version = drop_zero_epoch(state->second.evr);
      }
      if (const auto* module = around(criterion, modules_)) condition.module = *module;
      if (const auto* platforms = around(criterion, platforms_)) condition.platforms = *platforms;
      document.definitions[criterion.definition].conditions.push_back(std::move(condition));
    }
  }

 private:
  template <class Get>
  void start_in_definition(std::string_view name, const Get& get) {
    if (name == "reference") {
      definition_->references.emplace_back(get("source"), get("ref_id"));
    } else if (name == "cve") {
      OvalCve& cve = definition_->cves.emplace_back();
      cve.severity = get("impact").empty() ? get("priority") : get("impact");
      cve.cvss3 = get("cvss3").empty() ? get("cvss_vector") : get("cvss3");
      cve.cvss2 = get("cvss2");
      cve.cwe = get("cwe");
    } else if (name == "issued") {
      definition_->issued = get("date");
    } else if (name == "updated") {
      definition_->updated = get("date");
    } else if (name == "criteria") {
      open_.push_back({groups_++});
    } else if (name == "criterion") {
      const std::string_view comment = get("comment");
      std::vector<std::uint32_t> around;
      for (const Group& group : open_) around.push_back(group.id);
      criteria_.push_back({static_cast<std::uint32_t>(document.definitions.size() - 1), std::string(get("test_ref")), std::string(comment), std::move(around), get("negate") == "true"});
      // "Module nodejs:18 is enabled" holds for everything under the AND group it stands in.
      if (comment.starts_with("Module ") && comment.ends_with(" is enabled") && !open_.empty())
        modules_.emplace(open_.back().id, std::string(comment.substr(7, comment.size() - 18)));
      const bool platform = comment.ends_with(" is installed") && (comment.find("Linux") != std::string_view::npos || comment.starts_with("openSUSE "));
      if (platform && !open_.empty()) platforms_[open_.back().id].emplace_back(comment.substr(0, comment.size() - 13));
      if (!platform && !open_.empty()) open_.back().only_platforms = false;
    } else if (name == "resolution") {
      definition_->resolutions.push_back({std::string(get("state")), {}});
    }
  }

  void end_in_definition(std::string_view name, std::string_view text) {
    if (name == "definition") in_definition_ = false, open_.clear();
    else if (name == "criteria") close_group();
    else if (name == "title") definition_->title = trim(text);
    else if (name == "platform") definition_->platforms.emplace_back(trim(text));
    else if (name == "product") definition_->products.emplace_back(trim(text));
    else if (name == "cpe") definition_->cpes.emplace_back(trim(text));
    else if (name == "component" && !definition_->resolutions.empty()) definition_->resolutions.back().components.emplace_back(trim(text));
    else if (name == "severity") definition_->severity = trim(text);
    else if (name == "cve" && !definition_->cves.empty()) definition_->cves.back().id = trim(text);
  }

  // A group of nothing but platforms ("this one or that one") speaks for all that stands beside it.
  void close_group() {
    if (open_.empty()) return;
    const Group closed = open_.back();
    open_.pop_back();
    const auto said = platforms_.find(closed.id);
    if (open_.empty()) return;
    if (said == platforms_.end() || !closed.only_platforms) {
      open_.back().only_platforms = false;
      return;
    }
    std::vector<std::string> list = said->second;
    std::vector<std::string>& into = platforms_[open_.back().id];
    into.insert(into.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  }

  // What the nearest enclosing group says; nullptr: none does.
  template <class Said>
  static const Said* around(const Criterion& criterion, const std::unordered_map<std::uint32_t, Said>& said) {
    for (std::size_t i = criterion.groups.size(); i-- > 0;)
      if (const auto at = said.find(criterion.groups[i]); at != said.end()) return &at->second;
    return nullptr;
  }

  struct Group {
    std::uint32_t id = 0;
    bool only_platforms = true;
  };

  OvalDefinition* definition_ = nullptr;
  bool in_definition_ = false;
  Test* test_ = nullptr;
  Object* object_ = nullptr;
  State* state_ = nullptr;
  std::vector<std::string>* variable_ = nullptr;
  std::unordered_map<std::string, Test> tests_;
  std::unordered_map<std::string, Object> objects_;
  std::unordered_map<std::string, State> states_;
  std::unordered_map<std::string, std::vector<std::string>> variables_;
  std::unordered_map<std::uint32_t, std::string> modules_;
  std::unordered_map<std::uint32_t, std::vector<std::string>> platforms_;
  std::vector<Criterion> criteria_;
  std::uint32_t groups_ = 0;
  std::vector<Group> open_;
};

}  // namespace

Result<OvalDocument> read_oval(Input& input, const Limits& limits) {
  Limits wide = limits;
  wide.metadata_bytes = kMaxFeedBytes;
  Reader reader;
  XmlParser parser(reader, wide);
  std::array<std::uint8_t, 64 << 10> buffer;
  for (;;) {
    PLIM_TRY(const std::size_t n, input.read(buffer.data(), buffer.size()));
    if (n == 0) break;
    PLIM_CHECK(parser.feed(Bytes(buffer.data(), n)));
  }
  PLIM_CHECK(parser.finish());
  reader.resolve();
  return std::move(reader.document);
}

bool is_oval(const FeedFile& file, std::string_view word) { return file.has("<oval_definitions") && file.has(word); }

std::string_view drop_zero_epoch(std::string_view version) { return version.starts_with("0:") ? version.substr(2) : version; }

}  // namespace plimsoll::advisory
