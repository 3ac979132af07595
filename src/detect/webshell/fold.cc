#include "detect/webshell/fold.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/hash.h"
#include "base/text.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

const std::string* text_at(const std::vector<Value>& args, std::size_t i) { return i < args.size() && args[i].known ? &args[i].text : nullptr; }

std::string rot13(std::string_view in) {
  std::string out(in);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    else if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

std::string percent(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '%' && i + 2 < in.size()) {
      if (const std::string raw = from_hex(in.substr(i + 1, 2)); raw.size() == 1) {
        out += raw;
        i += 2;
        continue;
      }
    }
    out += in[i] == '+' ? ' ' : in[i];
  }
  return out;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  std::string out;
  std::size_t at = 0;
  while (out.size() < kMaxText) {
    const std::size_t hit = text.find(from, at);
    if (hit == std::string::npos) break;
    out.append(text, at, hit - at).append(to);
    at = hit + from.size();
  }
  return out.append(text, at, std::string::npos);
}

// a-z style ranges of tr///.
std::string expand_ranges(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size() && out.size() < 1024; ++i) {
    if (i + 2 < in.size() && in[i + 1] == '-' && in[i] <= in[i + 2]) {
      for (int c = static_cast<unsigned char>(in[i]); c <= static_cast<unsigned char>(in[i + 2]); ++c) out += static_cast<char>(c);
      i += 2;
    } else {
      out += in[i];
    }
  }
  return out;
}

// The items of an array in order, all constant; nullopt otherwise.
std::optional<std::vector<std::string>> constant_items(const Value& v) {
  if (!v.items) return std::nullopt;
  std::vector<std::string> out;
  for (const std::string& key : v.items->order) {
    const Value& item = v.items->by_key.at(key);
    if (!item.known) return std::nullopt;
    out.push_back(item.text);
  }
  return out;
}

std::string strip_slashes(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '\\' && i + 1 < in.size()) ++i;
    out += in[i];
  }
  return out;
}

Value array_of(const std::vector<std::string>& texts) {
  Value v;
  v.items = std::make_shared<Items>();
  for (const std::string& text : texts) v.items->push(Value::constant(text));
  return v;
}

std::optional<Value> decoded(std::string text, const Value& from) {
  if (text.size() > kMaxText) return std::nullopt;
  Value v = Value::constant(std::move(text));
  v.layers = static_cast<std::uint8_t>(std::min(from.layers + 1, 200));
  return v;
}

// A regular expression of plain characters and at most one class or dot: what obfuscators delete.
std::optional<std::string> regex_delete(std::string_view regex, const std::string& subject) {
  if (regex.size() < 3) return std::nullopt;
  const char end = regex[0];
  const std::size_t close = regex.rfind(end);
  std::string_view body = regex.substr(1, close > 1 ? close - 1 : 0);
  if (body.ends_with('+') || body.ends_with('*')) body.remove_suffix(1);
  if (body == "\\d") body = "[0-9]";
  if (body == "\\s") body = "[ \t\r\n]";
  if (!body.starts_with('[') || !body.ends_with(']')) return std::nullopt;
  std::string set = expand_ranges(body.substr(1, body.size() - 2));
  const bool inverted = set.starts_with('^');
  if (inverted) set.erase(0, 1);
  std::string out;
  for (const char c : subject)
    if ((set.find(c) != std::string::npos) == inverted) out += c;
  return out;
}

std::optional<std::vector<std::string>> texts_of(const Value& v) {
  if (v.known) return std::vector<std::string>{v.text};
  return constant_items(v);
}

}  // namespace

std::optional<long long> to_number(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 18) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const bool hex = copy.starts_with("0x") || copy.starts_with("0X");
  const bool octal = !hex && copy.size() > 1 && copy[0] == '0' && copy[1] != '.';
  const long long n = std::strtoll(copy.c_str(), &end, hex ? 16 : octal ? 8 : 10);
  if (end == copy.c_str() || (*end != '\0' && *end != '.' && *end != 'L' && *end != 'l' && *end != 'n')) return std::nullopt;
  return n;
}

std::optional<std::string> convert_base(std::string_view text, std::string_view from, std::string_view to) {
  const auto source = to_number(from), target = to_number(to);
  if (!source || !target || *source < 2 || *source > 36 || *target < 2 || *target > 36 || text.size() > 60) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : lower(text)) {
    const std::uint64_t digit = c >= '0' && c <= '9' ? static_cast<std::uint64_t>(c - '0') : c >= 'a' && c <= 'z' ? static_cast<std::uint64_t>(c - 'a' + 10) : 99;
    if (digit >= static_cast<std::uint64_t>(*source)) continue;  // as PHP does
    if (n > (~std::uint64_t{0} >> 1) / 36) return std::nullopt;
    n = n * static_cast<std::uint64_t>(*source) + digit;
  }
  std::string out;
  do out.insert(out.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[n % static_cast<std::uint64_t>(*target)]);
  while ((n /= static_cast<std::uint64_t>(*target)) != 0);
  return out;
}

std::string bitwise_not(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(~c);
  return out;
}

std::string bitwise_xor(std::string_view a, std::string_view b) {
  std::string out;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) out += static_cast<char>(a[i] ^ b[i]);
  return out;
}

std::string increment(std::string_view text) {
  std::string out(text);
  for (std::size_t i = out.size(); i-- > 0;) {
    char& c = out[i];
    if (c == 'z' || c == 'Z' || c == '9') {
      const char first = c == 'z' ? 'a' : c == 'Z' ? 'A' : '0';
      c = first;
      if (i == 0) out.insert(out.begin(), first == '0' ? '1' : first);
    } else if ((c >= 'a' && c < 'z') || (c >= 'A' && c < 'Z') || (c >= '0' && c < '9')) {
      ++c;
      break;
    } else {
      break;
    }
  }
  return out;
}

std::optional<std::string> format_text(std::string_view f, const std::vector<std::string>& args) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < f.size(); ++i) {
    if (f[i] == '{') {
      std::size_t j = i + 1, n = 0;
      bool digits = false;
      while (j < f.size() && f[j] >= '0' && f[j] <= '9' && n < 1000) n = n * 10 + static_cast<std::size_t>(f[j++] - '0'), digits = true;
      if (j < f.size() && f[j] == '}') {
        const std::size_t index = digits ? n : next++;
        if (index >= args.size()) return std::nullopt;
        out += args[index];
        i = j;
        continue;
      }
    }
    if (f[i] != '%' || i + 1 >= f.size()) {
      out += f[i];
      continue;
    }
    std::size_t j = i + 1, n = 0;
    while (j < f.size() && f[j] >= '0' && f[j] <= '9' && n < 1000) n = n * 10 + static_cast<std::size_t>(f[j++] - '0');
    bool numbered = false;
    if (j < f.size() && f[j] == '$' && n > 0) {
      numbered = true;
      ++j;
    }
    if (j >= f.size()) return std::nullopt;
    if (f[j] == '%') {
      out += '%';
    } else {
      const std::size_t index = numbered ? n - 1 : next++;
      if (index >= args.size()) return std::nullopt;
      if (f[j] == 's' || f[j] == 'd' || f[j] == 'u' || f[j] == 'i') {
        out += args[index];
      } else if (f[j] == 'c') {
        const auto code = to_number(args[index]);
        if (!code) return std::nullopt;
        out += static_cast<char>(*code);
      } else {
        return std::nullopt;
      }
    }
    i = j;
    if (out.size() > kMaxText) return std::nullopt;
  }
  return out;
}

std::optional<std::string> inflate_text(std::string_view packed) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> d(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!d) return std::nullopt;
  for (std::size_t room = std::min(kMaxText, packed.size() * 8 + 4096);; room = std::min(kMaxText, room * 8)) {
    std::string out(room, '\0');
    for (const int kind : {0, 1, 2}) {
      std::size_t used = 0;
      const auto call = kind == 0 ? libdeflate_zlib_decompress : kind == 1 ? libdeflate_gzip_decompress : libdeflate_deflate_decompress;
      const libdeflate_result result = call(d.get(), packed.data(), packed.size(), out.data(), out.size(), &used);
      if (result == LIBDEFLATE_SUCCESS) {
        out.resize(used);
        return out;
      }
    }
    if (room == kMaxText) return std::nullopt;
  }
}

bool is_decoding(Does does) {
  switch (does) {
    case Does::Base64Decode:
    case Does::HexDecode:
    case Does::Rot13:
    case Does::Reverse:
    case Does::Inflate:
    case Does::Chr:
    case Does::Codes:
    case Does::Pack:
    case Does::UrlDecode:
    case Does::Uuencode: return true;
    default: return false;
  }
}

std::optional<Value> fold(Does does, const std::vector<Value>& args) {
  const std::string* a = text_at(args, 0);
  switch (does) {
    case Does::Same:
      if (args.size() == 1 && args[0].known) return args[0];
      return std::nullopt;
    case Does::Base64Decode: {
      std::string out;
      if (!a) return std::nullopt;
      std::string packed = *a;
      std::erase_if(packed, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
      if (!from_base64(packed, out)) return std::nullopt;
      return decoded(std::move(out), args[0]);
    }
    case Does::HexDecode: {
      if (!a) return std::nullopt;
      std::string out = from_hex(*a);
      if (out.empty() && !a->empty()) return std::nullopt;
      return decoded(std::move(out), args[0]);
    }
    case Does::Pack: {  // pack('H*', x)
      const std::string* hex = text_at(args, 1);
      if (!a || !hex || (!a->starts_with("H") && !a->starts_with("h"))) return std::nullopt;
      std::string out = from_hex(*hex);
      if (out.empty()) return std::nullopt;
      return decoded(std::move(out), args[1]);
    }
    case Does::UrlDecode: return a ? decoded(percent(*a), args[0]) : std::nullopt;
    case Does::Rot13: return a ? decoded(rot13(*a), args[0]) : std::nullopt;
    case Does::Codec: {  // decode(x, NAME)
      const std::string* codec = text_at(args, 1);
      if (!codec) return a ? std::optional<Value>(args[0]) : std::nullopt;
      const std::string name = lower(*codec);
      if (name.find("64") != std::string::npos) return fold(Does::Base64Decode, {args[0]});
      if (name.starts_with("hex")) return fold(Does::HexDecode, {args[0]});
      if (name.find("zip") != std::string::npos || name.find("zlib") != std::string::npos) return fold(Does::Inflate, {args[0]});
      if (name.find("rot") != std::string::npos) return fold(Does::Rot13, {args[0]});
      return a ? std::optional<Value>(args[0]) : std::nullopt;
    }
    case Does::Reverse: {
      if (a) return decoded(std::string(a->rbegin(), a->rend()), args[0]);
      if (args.empty() || !args[0].items) return std::nullopt;
      auto items = constant_items(args[0]);
      if (!items) return std::nullopt;
      std::reverse(items->begin(), items->end());
      return array_of(*items);
    }
    case Does::Inflate: {
      if (!a) return std::nullopt;
      auto out = inflate_text(*a);
      if (!out) return std::nullopt;
      return decoded(std::move(*out), args[0]);
    }
    case Does::Chr: {
      const auto code = a ? to_number(*a) : std::nullopt;
      if (!code) return std::nullopt;
      Value v = Value::constant({});
      if (*code >= 0 && *code < 256) v.text = static_cast<char>(*code);
      else append_utf8(v.text, static_cast<std::uint32_t>(std::clamp<long long>(*code, 0, 0x10ffff)));
      v.layers = 1;
      return v;
    }
    case Does::Codes: {  // fromCharCode(1, 2, 3), bytes([1, 2, 3])
      std::vector<std::string> codes;
      for (const Value& arg : args) {
        auto list = texts_of(arg);
        if (!list) return std::nullopt;
        codes.insert(codes.end(), list->begin(), list->end());
      }
      std::string out;
      for (const std::string& code : codes) {
        const auto n = to_number(code);
        if (!n) {  // characters already
          std::string joined;
          for (const std::string& part : codes) joined += part;
          return Value::constant(std::move(joined));
        }
        if (*n >= 0 && *n < 256) out += static_cast<char>(*n);
      }
      Value v = Value::constant(std::move(out));
      v.layers = 1;
      return v;
    }
    case Does::Ord: return a && !a->empty() ? std::optional<Value>(Value::number(static_cast<unsigned char>((*a)[0]))) : std::nullopt;
    case Does::Length: {
      if (a) return Value::number(static_cast<long long>(a->size()));
      if (!args.empty() && args[0].items && !args[0].tainted()) return Value::number(static_cast<long long>(args[0].items->order.size()));
      return std::nullopt;
    }
    case Does::Lower: return a ? std::optional<Value>(Value::constant(lower(*a))) : std::nullopt;
    case Does::Upper: {
      if (!a) return std::nullopt;
      std::string out = *a;
      for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
      return Value::constant(std::move(out));
    }
    case Does::Trim: {
      const std::string* set = text_at(args, 1);
      if (!a || (args.size() > 1 && !set)) return std::nullopt;
      if (!set) return Value::constant(strip_slashes(trim(*a)));
      const std::string chars = expand_ranges(*set);
      std::size_t begin = 0, end = a->size();
      while (begin < end && chars.find((*a)[begin]) != std::string::npos) ++begin;
      while (end > begin && chars.find((*a)[end - 1]) != std::string::npos) --end;
      return Value::constant(a->substr(begin, end - begin));
    }
    case Does::Join: {
      // join(separator, list), join(list), separator.join(list), list.join(separator); Perl: join(separator, a, b...)
      std::string separator;
      std::vector<std::string> parts;
      for (std::size_t i = 0; i < args.size(); ++i) {
        if (auto items = constant_items(args[i])) parts.insert(parts.end(), items->begin(), items->end());
        else if (args[i].items) return std::nullopt;
        else if (args[i].known && i == 0) separator = args[i].text;
        else if (args[i].known && !args[0].items) parts.push_back(args[i].text);
        else if (args[i].known) separator = args[i].text;
        else return std::nullopt;
      }
      std::string out;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += separator;
        out += parts[i];
        if (out.size() > kMaxText) return std::nullopt;
      }
      return Value::constant(std::move(out));
    }
    case Does::Split: {  // (separator, text) or (text, separator): the separator is the shorter
      const std::string* b = text_at(args, 1);
      if (!a || (args.size() > 1 && !b)) return std::nullopt;
      std::string_view text = b && b->size() > a->size() ? *b : *a;
      std::string_view by = !b ? std::string_view(" ") : b->size() > a->size() ? *a : *b;
      if (by.size() > 1 && by.starts_with('/') && by.ends_with('/')) by = by.substr(1, by.size() - 2);
      std::vector<std::string> parts;
      if (by.empty()) {
        for (const char c : text.substr(0, 4096)) parts.emplace_back(1, c);
      } else {
        while (parts.size() < 4096) {
          const std::size_t at = text.find(by);
          parts.emplace_back(text.substr(0, at));
          if (at == std::string_view::npos) break;
          text.remove_prefix(at + by.size());
        }
      }
      return array_of(parts);
    }
    case Does::Replace: {  // PHP order: (from, to, subject); calls.cc brings the others to it
      const std::string* to = text_at(args, 1);
      const std::string* subject = text_at(args, 2);
      if (args.size() < 3 || !subject) return std::nullopt;
      const auto froms = texts_of(args[0]);
      const auto tos = texts_of(args[1]);
      if (!froms || !tos) return std::nullopt;
      std::string out = *subject;
      for (std::size_t i = 0; i < froms->size() && i < 64; ++i) {
        const std::string& with = to ? *to : i < tos->size() ? (*tos)[i] : std::string();
        if (auto cut_out = (*froms)[i].starts_with('/') && with.empty() ? regex_delete((*froms)[i], out) : std::nullopt) out = std::move(*cut_out);
        else out = replace_all(std::move(out), (*froms)[i], with);
      }
      return out.size() > kMaxText ? std::nullopt : std::optional<Value>(Value::constant(std::move(out)));
    }
    case Does::Translate: {  // strtr(text, from, to), tr/from/to/
      const std::string* from = text_at(args, 1);
      const std::string* to = text_at(args, 2);
      if (!a || !from || !to) return std::nullopt;
      const std::string f = expand_ranges(*from), t = expand_ranges(*to);
      std::string out = *a;
      for (char& c : out)
        if (const std::size_t at = f.find(c); at != std::string::npos && !t.empty()) c = t[std::min(at, t.size() - 1)];
      return decoded(std::move(out), args[0]);
    }
    case Does::Slice: {  // from, to
      const std::string* from = text_at(args, 1);
      if (!a || !from) return std::nullopt;
      const auto size = static_cast<long long>(a->size());
      const auto clip = [&](long long n) { return std::clamp<long long>(n < 0 ? n + size : n, 0, size); };
      const auto start = to_number(*from);
      const std::string* to = args.size() > 2 ? text_at(args, 2) : nullptr;
      const auto stop = to ? to_number(*to) : args.size() > 2 ? std::nullopt : std::optional<long long>(size);
      if (!start || !stop) return std::nullopt;
      const long long begin = clip(*start), end = clip(*stop);
      return Value::constant(begin < end ? a->substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)) : "");
    }
    case Does::Substr: {
      const std::string* from = text_at(args, 1);
      if (!a || !from) return std::nullopt;
      const auto start = to_number(*from);
      if (!start) return std::nullopt;
      const auto size = static_cast<long long>(a->size());
      const long long begin = std::clamp<long long>(*start < 0 ? size + *start : *start, 0, size);
      long long count = size - begin;
      if (args.size() > 2) {
        const std::string* length = text_at(args, 2);
        const auto n = length ? to_number(*length) : std::nullopt;
        if (!n) return std::nullopt;
        count = *n < 0 ? std::max(0ll, count + *n) : std::min(*n, count);
      }
      return Value::constant(a->substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
    }
    case Does::Format: {
      if (!a) return std::nullopt;
      std::vector<std::string> values;
      for (std::size_t i = 1; i < args.size(); ++i) {
        auto texts = texts_of(args[i]);
        if (!texts) return std::nullopt;
        values.insert(values.end(), texts->begin(), texts->end());
      }
      auto out = format_text(*a, values);
      return out ? std::optional<Value>(Value::constant(std::move(*out))) : std::nullopt;
    }
    case Does::Concat: {
      std::string out;
      for (const Value& arg : args) {
        if (!arg.known) return std::nullopt;
        out += arg.text;
      }
      return Value::constant(std::move(out));
    }
    default: return std::nullopt;
  }
}

}  // namespace plimsoll::detect::web
