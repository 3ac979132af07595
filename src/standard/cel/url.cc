#include "standard/cel/url.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
int hex(char c) { return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-_.~"); }

enum class In { Path, Host, User, Query, Fragment };

// %XX decoded; nothing where an escape is broken, or a host holds what no host may.
std::optional<std::string> unescape(std::string_view text, In in) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      // In a host only what is not ASCII is written so.
      if (in == In::Host && hex(text[i + 1]) < 8 && text.substr(i, 3) != "%25") return std::nullopt;
      out += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
      i += 2;
    } else if (c == '+' && in == In::Query) {
      out += ' ';
    } else {
      if (in == In::Host && static_cast<unsigned char>(c) < 0x80 && !is_unreserved(c) && !is_one_of(c, "!$&'()*+,;=:[]<>\"")) return std::nullopt;
      out += c;
    }
  }
  return out;
}

bool is_port(std::string_view text) { return text.empty() || (text[0] == ':' && std::all_of(text.begin() + 1, text.end(), is_digit)); }

std::optional<std::string> read_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.rfind(']');
    if (end == std::string_view::npos || !is_port(text.substr(end + 1))) return std::nullopt;
    if (const std::size_t zone = text.substr(0, end).find("%25"); zone != std::string_view::npos) {
      const auto before = unescape(text.substr(0, zone), In::Host), name = unescape(text.substr(zone, end - zone), In::Path);
      return before && name ? std::optional(cat(*before, *name, text.substr(end))) : std::nullopt;
    }
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos && !is_port(text.substr(colon))) {
    return std::nullopt;
  }
  return unescape(text, In::Host);
}

bool is_user_info(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_unreserved(c) || is_one_of(c, ":!$&'()*+,;=%@"); });
}

// A path whose escapes are all as they should be is kept as written.
bool is_valid_escaped_path(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_unreserved(c) || is_one_of(c, "!$&'()*+,;=:@[]%/"); });
}
std::string escape_path(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || is_one_of(c, "$&+,/:;=@")) out += c;
    else out += cat("%", std::string(1, digits[static_cast<unsigned char>(c) >> 4]), std::string(1, digits[static_cast<unsigned char>(c) & 15]));
  }
  return out;
}

struct Parts {
  std::string scheme, host, path, query;
};

std::optional<Parts> parse_url(std::string_view text) {
  Parts out;
  if (text.empty() || std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) return std::nullopt;
  std::string_view rest = text;
  // The scheme: letters first; what is no scheme's character before the colon means that there is none.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c) || (i > 0 && (is_digit(c) || is_one_of(c, "+-.")))) continue;
    if (c == ':') {
      if (i == 0) return std::nullopt;
      out.scheme = lower(text.substr(0, i));
      rest = text.substr(i + 1);
    }
    break;
  }
  // It must be whole without its fragment being known of, and is then read with it.
  const bool rooted = rest.starts_with('/');
  if (!rooted && out.scheme.empty() && rest != "*") return std::nullopt;
  const auto [before, fragment] = cut(rest, '#');
  if (fragment.size() > 0 && !unescape(fragment, In::Fragment)) return std::nullopt;
  const auto read = [&](std::string_view part, bool as_request, Parts& into) {
    const std::size_t mark = part.find('?');
    into.query = mark == std::string_view::npos ? "" : std::string(part.substr(mark + 1));
    part = part.substr(0, mark);
    if (!rooted) {  // opaque: "mailto:x"; or "*"
      if (part == "*" && out.scheme.empty()) into.path = "*";
      return true;
    }
    if (part.starts_with("//") && (!out.scheme.empty() || (!as_request && !part.starts_with("///")))) {
      const std::string_view authority = part.substr(2, part.find('/', 2) == std::string_view::npos ? std::string_view::npos : part.find('/', 2) - 2);
      part.remove_prefix(2 + authority.size());
      const std::size_t at = authority.rfind('@');
      const auto host = read_host(at == std::string_view::npos ? authority : authority.substr(at + 1));
      if (!host) return false;
      if (at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        if (!is_user_info(user) || !unescape(cut(user, ':').first, In::User) || !unescape(cut(user, ':').second, In::User)) return false;
      }
      into.host = *host;
    }
    const auto path = unescape(part, In::Path);
    if (!path) return false;
    into.path = is_valid_escaped_path(part) ? std::string(part) : escape_path(*path);
    return true;
  };
  Parts ignored;
  if (!read(rest, true, ignored) || !read(before, false, out)) return std::nullopt;
  return out;
}

class Url : public Extra {
 public:
  Url(std::string text, Parts parts) : text_(std::move(text)), parts_(std::move(parts)) {}
  std::string_view type_name() const override { return "kubernetes.URL"; }
  std::string text() const override { return text_; }
  const Parts& parts() const { return parts_; }

 private:
  std::string text_;
  Parts parts_;
};

Value no_overload() { return Value::error("no such overload"); }

template <class Body>
Value on_url(Run& run, const Arguments& a, Body body) {
  const auto* url = extra<Url>(a[0]);
  if (!url) return no_overload();
  return run.charge(1 + url->text().size() / 10) ? body(url->parts()) : Run::spent();
}

std::string_view port_of(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || !is_port(host.substr(colon)) || (host.rfind(']') != std::string_view::npos && host.rfind(']') > colon) ? std::string_view() : host.substr(colon);
}

}  // namespace

Value to_url(Run& run, Arguments& a) {
  const auto* text = a[0].as<std::string>();
  if (!text) return no_overload();
  if (!run.charge(1 + text->size() / 5)) return Run::spent();
  auto parts = parse_url(*text);
  return parts ? Value(std::shared_ptr<const Extra>(std::make_shared<Url>(*text, std::move(*parts)))) : Value::error("neither an absolute URI nor an absolute path");
}
Value is_url(Run& run, Arguments& a) {
  const auto* text = a[0].as<std::string>();
  if (!text) return no_overload();
  return run.charge(1 + text->size() / 5) ? Value(parse_url(*text).has_value()) : Run::spent();
}
Value url_scheme(Run& run, Arguments& a) { return on_url(run, a, [](const Parts& p) { return Value(p.scheme); }); }
Value url_host(Run& run, Arguments& a) { return on_url(run, a, [](const Parts& p) { return Value(p.host); }); }
Value url_hostname(Run& run, Arguments& a) {
  return on_url(run, a, [](const Parts& p) {
    std::string_view host = p.host;
    host.remove_suffix(port_of(host).size());
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return Value(std::string(host));
  });
}
Value url_port(Run& run, Arguments& a) {
  return on_url(run, a, [](const Parts& p) {
    const std::string_view port = port_of(p.host);
    return Value(std::string(port.substr(port.empty() ? 0 : 1)));
  });
}
Value url_escaped_path(Run& run, Arguments& a) { return on_url(run, a, [](const Parts& p) { return Value(p.path); }); }
Value url_query(Run& run, Arguments& a) {
  return on_url(run, a, [&](const Parts& p) {
    std::vector<std::pair<std::string, Items>> values;
    for (const std::string_view pair : split(p.query, '&')) {
      if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
      if (!run.charge(1 + values.size() / 4)) return Run::spent();
      const auto [name, value] = cut(pair, '=');
      const auto key = unescape(name, In::Query), text = unescape(value, In::Query);
      if (!key || !text) continue;
      auto found = std::find_if(values.begin(), values.end(), [&key = *key](const auto& each) { return each.first == key; });
      if (found == values.end()) found = values.insert(values.end(), {*key, {}});
      found->second.push_back(Value(to_utf8(*text)));
    }
    Entries out;
    for (auto& [name, list] : values) out.emplace_back(Value(to_utf8(name)), Value::list(std::move(list)));
    return Value::map(std::move(out));
  });
}

}  // namespace plimsoll::standard::cel
