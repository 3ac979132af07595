#include "standard/cel/semantic.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.h"
#include "standard/cel/quantity.h"

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;

struct Release {
  std::uint64_t numbers[3] = {};
  std::vector<std::string> pre;
};

bool is_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }); }
bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
}
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || !is_digits(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto out = parse_u64(text);
  return out ? std::optional<std::uint64_t>(*out) : std::nullopt;
}

// Major, minor, and all the rest; fewer when there are fewer dots.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> out;
  while (out.size() < 2 && text.find('.') != std::string_view::npos) {
    out.emplace_back(text.substr(0, text.find('.')));
    text.remove_prefix(text.find('.') + 1);
  }
  out.emplace_back(text);
  return out;
}

std::optional<Release> parse_release(std::string_view text, bool normalize) {
  if (normalize && text.starts_with('v')) text.remove_prefix(1);
  std::vector<std::string> parts = parts_of(text);
  if (normalize) {
    for (std::string& part : parts) {
      if (part.size() < 2) continue;
      part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
      if (part.empty() || !is_digits(part.substr(0, 1))) part.insert(0, "0");
    }
    if (parts.size() < 3 && parts.back().find_first_of("+-") != std::string::npos) return std::nullopt;
    // Left out, or empty with dots of its own: what is put together is read again as a whole.
    std::string whole;
    parts.resize(3, "0");
    for (const std::string& part : parts) whole += cat(whole.empty() && &part == &parts[0] ? "" : ".", part);
    parts = parts_of(whole);
  }
  if (parts.size() != 3) return std::nullopt;
  std::string_view patch = parts[2], build, pre;
  const std::size_t plus = patch.find('+');
  if (plus != std::string_view::npos) build = patch.substr(plus + 1), patch = patch.substr(0, plus);
  const std::size_t dash = patch.find('-');
  if (dash != std::string_view::npos) pre = patch.substr(dash + 1), patch = patch.substr(0, dash);
  Release out;
  const std::string_view three[] = {parts[0], parts[1], patch};
  for (int i = 0; i < 3; ++i) {
    const auto value = number(three[i]);
    if (!value) return std::nullopt;
    out.numbers[i] = *value;
  }
  if (dash != std::string_view::npos)
    for (const std::string_view each : split(pre, '.')) {
      if (!is_identifier(each) || (is_digits(each) && !number(each))) return std::nullopt;
      out.pre.emplace_back(each);
    }
  if (plus != std::string_view::npos)
    for (const std::string_view each : split(build, '.'))
      if (!is_identifier(each)) return std::nullopt;
  return out;
}

template <class T>
int order(const T& a, const T& b) { return a < b ? -1 : b < a ? 1 : 0; }

int order_of_identifiers(const std::string& a, const std::string& b) {
  const bool x = is_digits(a), y = is_digits(b);
  if (x != y) return x ? -1 : 1;
  if (x && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return order(a, b);
}

int order_of(const Release& a, const Release& b) {
  for (int i = 0; i < 3; ++i)
    if (const int out = order(a.numbers[i], b.numbers[i]); out != 0) return out;
  if (a.pre.empty() || b.pre.empty()) return order(a.pre.empty(), b.pre.empty());
  for (std::size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i)
    if (const int out = order_of_identifiers(a.pre[i], b.pre[i]); out != 0) return out;
  return order(a.pre.size(), b.pre.size());
}

class Semver : public Extra {
 public:
  explicit Semver(Release release) : release_(std::move(release)) {}
  std::string_view type_name() const override { return "kubernetes.Semver"; }
  // Without what was built from: two that differ only there are equal.
  std::string text() const override {
    std::string out = cat(release_.numbers[0], ".", release_.numbers[1], ".", release_.numbers[2]);
    for (std::size_t i = 0; i < release_.pre.size(); ++i) out += cat(i == 0 ? "-" : ".", release_.pre[i]);
    return out;
  }
  const Release& release() const { return release_; }

 private:
  Release release_;
};

Value no_overload() { return Value::error("no such overload"); }

// The arguments read; a Failure in `why` when they are of other types or cost too much.
std::optional<Release> read(Run& run, const Arguments& a, Value& why) {
  const auto* text = a[0].as<std::string>();
  const auto* normalize = a.size() > 1 ? a[1].as<bool>() : nullptr;
  if (!text || (a.size() > 1 && !normalize)) {
    why = no_overload();
    return std::nullopt;
  }
  if (!run.charge(1 + text->size() / 10)) {
    why = Run::spent();
    return std::nullopt;
  }
  return parse_release(*text, normalize && *normalize);
}

Value number_of(const Arguments& a, int which) {
  const auto* semver = extra<Semver>(a[0]);
  if (!semver) return no_overload();
  const std::uint64_t out = semver->release().numbers[which];
  return out > std::uint64_t{std::numeric_limits<std::int64_t>::max()} ? Value::error("a number overflows") : Value(static_cast<std::int64_t>(out));
}

template <class Body>
Value on_two(Run& run, Arguments& a, Value (*of_quantities)(Run&, Arguments&), Body body) {
  const auto* x = extra<Semver>(a[0]);
  if (!x) return of_quantities(run, a);
  const auto* y = extra<Semver>(a[1]);
  if (!y) return no_overload();
  if (!run.charge(1 + std::min(x->release().pre.size(), y->release().pre.size()))) return Run::spent();
  return Value(body(order_of(x->release(), y->release())));
}

}  // namespace

Value to_semver(Run& run, Arguments& a) {
  Value why;
  auto out = read(run, a, why);
  if (out) return Value(std::shared_ptr<const Extra>(std::make_shared<Semver>(std::move(*out))));
  return why.is_error() ? why : Value::error("not a semantic version");
}
Value is_semver(Run& run, Arguments& a) {
  Value why;
  const bool out = read(run, a, why).has_value();
  return why.is_error() ? why : Value(out);
}
Value semver_major(Run&, Arguments& a) { return number_of(a, 0); }
Value semver_minor(Run&, Arguments& a) { return number_of(a, 1); }
Value semver_patch(Run&, Arguments& a) { return number_of(a, 2); }
Value is_greater_than(Run& run, Arguments& a) { return on_two(run, a, quantity_is_greater, [](int order) { return order > 0; }); }
Value is_less_than(Run& run, Arguments& a) { return on_two(run, a, quantity_is_less, [](int order) { return order < 0; }); }
Value compare_to(Run& run, Arguments& a) { return on_two(run, a, quantity_compare, [](int order) { return std::int64_t{order}; }); }

}  // namespace plimsoll::standard::cel
