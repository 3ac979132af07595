#include "detect/webshell/analyse.h"

#include <algorithm>

#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/shell.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::size_t kEndBytes = 256 << 10;  // of each end of a file beyond kMaxBytes

}  // namespace

Analysis analyse(const RuleSet& rules, std::string_view path, std::string_view text, const Limits& limits, bool everything) {
  (void)limits;
  Analysis out;
  if (text.substr(0, 4096).find('\0') != std::string_view::npos && !text.starts_with("GIF8") && !text.starts_with("\xff\xd8\xff") && !text.starts_with("\x89PNG")) return out;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  out.family = family_of(path, text);
  if (!out.family) return out;
  const FamilyRules& family = rules.of(*out.family);
  std::string ends;
  if (text.size() > kMaxBytes) {
    ends = cat(text.substr(0, kEndBytes), "\n", text.substr(text.size() - kEndBytes));
    text = ends;
  }
  if (everything ? !family.may.passes_gate(text) : !family.may.may_report(text)) return out;
  out.candidate = true;
  out.exhausted = !ends.empty();  // its middle was not read
  if (*out.family == Family::Shell) {
    ShellResult result = read_shell(family, text);
    out.reports = std::move(result.reports);
    out.exhausted = result.exhausted;
  } else {
    Page page = read_page(*out.family, text);
    for (Tokens& program : page.programs) {
      std::vector<std::uint32_t> marks;
      if (!everything && page.programs.size() == 1 && page.controls.empty() && page.objects.empty() && !family.may.may_report(program, text, &marks)) continue;
      Interpreter interpreter(family, *out.family);
      interpreter.read_first(std::move(marks));
      interpreter.standard_input_is_request(answers_as_cgi(text));
      for (const std::string& control : page.controls) interpreter.preset(program.language == Language::VisualBasic ? lower(control) : control, interpreter.request_value(control, 0));
      for (const auto& [id, name] : page.objects) interpreter.preset(program.language == Language::VisualBasic ? lower(id) : id, Value::named(name));
      interpreter.run(std::move(program));
      out.exhausted |= interpreter.exhausted();
      out.reports.insert(out.reports.end(), interpreter.reports().begin(), interpreter.reports().end());
    }
  }
  std::stable_sort(out.reports.begin(), out.reports.end(), [](const Report& a, const Report& b) { return a.score > b.score; });
  return out;
}

bool example_found(const RuleSet& rules, Family family, std::optional<SinkKind> kind, std::string_view text) {
  static constexpr std::string_view kPaths[] = {"page.php", "page.jsp", "page.asp", "page.aspx", "page.py", "page.pl", "page.js", "page.cgi"};
  std::string file(text);
  for (std::size_t dot = file.find("\u00b7"); dot != std::string::npos; dot = file.find("\u00b7", dot)) file.erase(dot, 2);
  const Analysis found = analyse(rules, kPaths[static_cast<std::size_t>(family)], file, {});
  return std::any_of(found.reports.begin(), found.reports.end(), [&](const Report& r) { return r.score >= kThreshold && (!kind || r.kind == *kind); });
}

}  // namespace plimsoll::detect::web
