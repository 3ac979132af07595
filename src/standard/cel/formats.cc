#include "standard/cel/formats.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "standard/cel/url.h"

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;
using Wrong = std::vector<std::string>;

constexpr std::size_t kLabel = 63, kSubdomain = 253;  // most characters: RFC 1123 2.1, RFC 1035 2.3.4

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <class Edge, class Inside>
bool is_word(std::string_view text, Edge edge, Inside inside) {
  return !text.empty() && edge(text.front()) && edge(text.back()) && std::all_of(text.begin(), text.end(), inside);
}
bool is_label(std::string_view text) {
  const auto edge = [](char c) { return is_lower(c) || is_digit(c); };
  return is_word(text, edge, [&](char c) { return edge(c) || c == '-'; });
}
bool is_subdomain(std::string_view text) {
  const auto labels = split(text, '.');
  return !text.empty() && std::all_of(labels.begin(), labels.end(), is_label);
}
bool is_name(std::string_view text) {
  return is_word(text, is_alphanumeric, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

Wrong sized(std::string_view text, std::size_t most, bool fits, std::string_view form) {
  Wrong out;
  if (text.size() > most) out.push_back(cat("longer than ", most, " characters"));
  if (!fits) out.push_back(cat("not ", form));
  return out;
}
constexpr std::string_view kLabelForm = "lower-case letters, digits and '-', with a letter or digit at both ends",
                           kSubdomainForm = "lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part",
                           kNameForm = "letters, digits, '-', '_' and '.', with a letter or digit at both ends";

Wrong label(std::string_view text) { return sized(text, kLabel, is_label(text), kLabelForm); }
Wrong subdomain(std::string_view text) { return sized(text, kSubdomain, is_subdomain(text), kSubdomainForm); }
Wrong old_label(std::string_view text) {
  return sized(text, kLabel, is_label(text) && is_lower(text.front()), "lower-case letters, digits and '-', with a letter first and a letter or digit last");
}
// What a generated name begins with may end in a dash: Kubernetes puts a letter for the last two characters then.
template <Wrong (*Check)(std::string_view)>
Wrong prefix(std::string_view text) {
  if (text.size() > 1 && text.ends_with('-')) return Check(cat(text.substr(0, text.size() - 2), "a"));
  return Check(text);
}
Wrong qualified_name(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() > 2) return {"more than one '/'"};
  Wrong out;
  if (parts.size() == 2) {
    if (parts[0].empty()) out.push_back("nothing before the '/'");
    else
      for (const std::string& wrong : subdomain(parts[0])) out.push_back(cat("before the '/': ", wrong));
  }
  const std::string_view name = parts.back();
  if (name.empty()) out.push_back("no name");
  else if (name.size() > kLabel) out.push_back(cat("a name longer than ", kLabel, " characters"));
  if (!is_name(name)) out.push_back(cat("the name is not ", kNameForm));
  return out;
}
Wrong label_value(std::string_view text) { return sized(text, kLabel, text.empty() || is_name(text), kNameForm); }

Wrong unless(bool fits, std::string_view form) { return fits ? Wrong() : Wrong{cat("not ", form)}; }

// 8-4-4-4-12 hexadecimal digits; each dash may be left out.
Wrong uuid(std::string_view text) {
  std::size_t digits = 0;
  char last = 0;
  bool fits = true;
  for (const char c : text) {
    if (is_hex(c)) ++digits;
    else fits = fits && c == '-' && last != '-' && (digits == 8 || digits == 12 || digits == 16 || digits == 20);
    last = c;
  }
  return unless(fits && digits == 32 && last != '-', "a UUID");
}
Wrong base64(std::string_view text) {
  const std::size_t end = text.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
  const bool fits = !text.empty() && text.size() % 4 == 0 && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), [](char c) { return is_alphanumeric(c) || c == '+' || c == '/'; });
  return unless(fits, "base64 with its padding");
}

bool digits(std::string_view& text, std::size_t count, unsigned most, unsigned* out = nullptr) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit)) return false;
  const auto number = parse_u64(text.substr(0, count));
  text.remove_prefix(count);
  if (out) *out = static_cast<unsigned>(*number);
  return *number <= most;
}
bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}
bool is_date(std::string_view text) {
  unsigned year = 0, month = 0, day = 0;
  if (!digits(text, 4, 9999, &year) || !take(text, '-') || !digits(text, 2, 12, &month) || !take(text, '-') || !digits(text, 2, 31, &day) || !text.empty()) return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day)).ok();
}
Wrong date(std::string_view text) { return unless(is_date(text), "a date like 2026-11-28"); }
Wrong date_time(std::string_view text) {
  const std::size_t mark = text.find_first_of("tT");
  bool fits = mark != std::string_view::npos && is_date(text.substr(0, mark));
  std::string_view rest = fits ? text.substr(mark + 1) : std::string_view();
  fits = fits && digits(rest, 2, 23) && take(rest, ':') && digits(rest, 2, 59) && take(rest, ':') && digits(rest, 2, 59);
  if (fits && rest.size() > 1 && !is_digit(rest[0]) && is_digit(rest[1]) && rest[0] != '+' && rest[0] != '-') {
    rest.remove_prefix(1);
    while (!rest.empty() && is_digit(rest[0])) rest.remove_prefix(1);
  }
  if (fits && !take(rest, 'z') && !take(rest, 'Z')) fits = (take(rest, '+') || take(rest, '-')) && digits(rest, 2, 99) && take(rest, ':') && digits(rest, 2, 99);
  return unless(fits && rest.empty(), "a date and time like 2026-11-28T03:00:00Z");
}

struct Form {
  std::string_view function, name;
  Wrong (*check)(std::string_view);  // null: a URI
};
constexpr std::array<Form, 13> kForms = {{
    {"format.dns1123Label", "DNS1123Label", label},
    {"format.dns1123Subdomain", "DNS1123Subdomain", subdomain},
    {"format.dns1035Label", "DNS1035Label", old_label},
    {"format.qualifiedName", "QualifiedName", qualified_name},
    {"format.dns1123LabelPrefix", "DNS1123LabelPrefix", prefix<label>},
    {"format.dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", prefix<subdomain>},
    {"format.dns1035LabelPrefix", "DNS1035LabelPrefix", prefix<old_label>},
    {"format.labelValue", "LabelValue", label_value},
    {"format.uri", "URI", nullptr},
    {"format.uuid", "uuid", uuid},
    {"format.byte", "byte", base64},
    {"format.date", "date", date},
    {"format.datetime", "datetime", date_time},
}};
constexpr std::size_t kSpace = std::string_view("format.").size();

class NamedFormat : public Extra {
 public:
  explicit NamedFormat(const Form& form) : form_(form) {}
  std::string_view type_name() const override { return "kubernetes.NamedFormat"; }
  std::string text() const override { return std::string(form_.name); }
  const Form& form() const { return form_; }

 private:
  const Form& form_;
};

Value value_of(const Form& form) { return Value(std::shared_ptr<const Extra>(std::make_shared<NamedFormat>(form))); }

template <std::size_t Place>
Value constant(Run&, Arguments&) { return value_of(kForms[Place]); }

template <std::size_t... Place>
std::array<FormatFunction, sizeof...(Place)> functions_of(std::index_sequence<Place...>) { return {FormatFunction{kForms[Place].function, constant<Place>}...}; }

}  // namespace

const std::array<FormatFunction, 13>& format_functions() {
  static const auto functions = functions_of(std::make_index_sequence<kForms.size()>());
  return functions;
}

bool is_format_function(std::string_view name) {
  return name == "named" || std::any_of(kForms.begin(), kForms.end(), [&](const Form& form) { return form.function.substr(kSpace) == name; });
}

Value format_named(Run&, Arguments& a) {
  const auto* name = a[0].as<std::string>();
  if (!name) return Value::error("no such overload");
  for (const Form& form : kForms)
    if (form.function.substr(kSpace) == *name) return Value::some(value_of(form));
  return Value::none();
}

Value format_validate(Run& run, Arguments& a) {
  const auto* format = extra<NamedFormat>(a[0]);
  const auto* text = a[1].as<std::string>();
  if (!format || !text) return Value::error("no such overload");
  if (!run.charge((1 + text->size() / 10) * 15)) return Run::spent();  // as for an expression of 60 characters
  Wrong wrong;
  if (format->form().check) {
    wrong = format->form().check(*text);
  } else {
    Arguments alone{a[1]};
    const Value fits = is_url(run, alone);
    if (fits.is_error()) return fits;
    wrong = unless(*fits.as<bool>(), "an absolute URI or path");
  }
  if (wrong.empty()) return Value::none();
  Items items;
  for (std::string& each : wrong) items.push_back(Value(std::move(each)));
  return Value::some(Value::list(std::move(items)));
}

}  // namespace plimsoll::standard::cel
