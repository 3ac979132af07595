#include "detect/secrets/regex_tree.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace plimsoll::detect {
namespace {

using Node = RegexNode;

constexpr std::uint32_t kMostDepth = 200;

ByteSet range(unsigned char first, unsigned char last) {
  ByteSet out;
  for (unsigned c = first; c <= last; ++c) out.set(c);
  return out;
}
ByteSet digits() { return range('0', '9'); }
ByteSet word() { return range('0', '9') | range('a', 'z') | range('A', 'Z') | range('_', '_'); }
ByteSet space() {
  ByteSet out;
  for (const unsigned char c : {' ', '\t', '\n', '\r', '\f'}) out.set(c);
  return out;
}
ByteSet fold(ByteSet set) {
  for (unsigned c = 'a'; c <= 'z'; ++c) {
    const unsigned upper = c - 'a' + 'A';
    if (set[c] || set[upper]) set.set(c).set(upper);
  }
  return set;
}

struct Flags {
  bool ignore_case = false, dot_all = false, multi_line = false, ungreedy = false;
  std::string text() const {
    std::string on;
    if (ignore_case) on += 'i';
    if (dot_all) on += 's';
    if (multi_line) on += 'm';
    if (ungreedy) on += 'U';
    return on.empty() ? on : cat("(?", on, ")");
  }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Node> parse() {
    Node node = alternate(0);
    if (!ok_ || at_ != text_.size()) return std::nullopt;
    return node;
  }
  std::uint32_t groups() const { return groups_; }
  // Flags where the outermost sequence's part after its first one begins.
  Flags flags_after_lead() const { return after_lead_; }

 private:
  bool more() const { return ok_ && at_ < text_.size(); }
  char peek() const { return text_[at_]; }
  bool take(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  Node fail() {
    ok_ = false;
    return {};
  }
  Node set(ByteSet bytes) const {
    Node node{.kind = Node::Kind::Set};
    node.set = flags_.ignore_case ? fold(bytes) : bytes;
    return node;
  }

  Node alternate(std::uint32_t depth) {
    if (depth > kMostDepth) return fail();
    const Flags outer = flags_;
    Node out{.kind = Node::Kind::Alternate};
    out.children.push_back(concat(depth));
    while (more() && take("|")) out.children.push_back(concat(depth));
    if (depth > 0) flags_ = outer;
    if (out.children.size() == 1) return std::move(out.children[0]);
    return out;
  }

  Node concat(std::uint32_t depth) {
    Node out{.kind = Node::Kind::Concat};
    while (more() && peek() != '|' && peek() != ')') {
      const std::size_t begin = at_;
      Node part = repeated(depth);
      part.begin = begin;
      part.end = at_;
      if (depth == 0 && part.kind != Node::Kind::Empty && !lead_seen_) {
        lead_seen_ = true;
        after_lead_ = flags_;
      }
      out.children.push_back(std::move(part));
    }
    return out;
  }

  Node repeated(std::uint32_t depth) {
    Node part = atom(depth);
    while (more()) {
      std::uint32_t least = 0, most = 0;
      if (take("*")) most = Node::kUnbounded;
      else if (take("+")) least = 1, most = Node::kUnbounded;
      else if (take("?")) most = 1;
      else if (peek() != '{' || !counts(least, most)) break;
      if (more()) take("?") || take("+");
      Node repeat{.kind = Node::Kind::Repeat, .least = least, .most = most};
      repeat.children.push_back(std::move(part));
      part = std::move(repeat);
    }
    return part;
  }

  // {n}, {n,}, {n,m}; anything else after '{' is a literal brace.
  bool counts(std::uint32_t& least, std::uint32_t& most) {
    const std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return false;
    const auto [first, second] = cut(text_.substr(at_ + 1, close - at_ - 1), ',');
    const bool comma = text_.substr(at_, close - at_).find(',') != std::string_view::npos;
    const auto a = parse_u64(first), b = parse_u64(second);
    if (!a || *a > 100000 || (comma && !second.empty() && (!b || *b > 100000))) return false;
    least = static_cast<std::uint32_t>(*a);
    most = !comma ? least : second.empty() ? Node::kUnbounded : static_cast<std::uint32_t>(*b);
    at_ = close + 1;
    return true;
  }

  Node atom(std::uint32_t depth) {
    const char c = text_[at_];
    if (c == '(') return group(depth);
    if (c == '[') return char_class();
    if (c == '\\') return escape();
    ++at_;
    if (c == '^' || c == '$') return {};
    if (c == '.') {
      ByteSet all;
      all.set();
      if (!flags_.dot_all) all.reset('\n');
      return set(all);
    }
    if (c == '*' || c == '+' || c == '?') return fail();
    ByteSet one;
    one.set(static_cast<unsigned char>(c));
    return set(one);
  }

  Node group(std::uint32_t depth) {
    ++at_;
    const Flags outer = flags_;
    if (take("?")) {
      if (take("P<") || (text_.substr(at_).starts_with("<") && !text_.substr(at_).starts_with("<=") && !text_.substr(at_).starts_with("<!") && take("<"))) {
        const std::size_t close = text_.find('>', at_);
        if (close == std::string_view::npos) return fail();
        at_ = close + 1;
        ++groups_;
      } else {
        bool on = true;
        for (;; ++at_) {
          if (!more()) return fail();
          const char f = peek();
          if (f == ':') { ++at_; break; }
          if (f == ')') { ++at_; return {}; }  // flags for the rest of the group
          if (f == '-') on = false;
          else if (f == 'i') flags_.ignore_case = on;
          else if (f == 's') flags_.dot_all = on;
          else if (f == 'm') flags_.multi_line = on;
          else if (f == 'U') flags_.ungreedy = on;
          else return fail();  // look-around and what else is not RE2's
        }
      }
    } else {
      ++groups_;
    }
    Node inner = alternate(depth + 1);
    flags_ = outer;
    if (!more() || !take(")")) return fail();
    return inner;
  }

  // One escape outside or inside a class; false when it is an assertion (outside only).
  bool escaped(ByteSet& out, bool& assertion) {
    assertion = false;
    if (++at_ >= text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
      case 'd': out = digits(); return true;
      case 'D': out = ~digits(); return true;
      case 'w': out = word(); return true;
      case 'W': out = ~word(); return true;
      case 's': out = space(); return true;
      case 'S': out = ~space(); return true;
      case 'b': case 'B': case 'A': case 'z': assertion = true; return true;
      case 'n': out.set('\n'); return true;
      case 't': out.set('\t'); return true;
      case 'r': out.set('\r'); return true;
      case 'f': out.set('\f'); return true;
      case 'v': out.set('\v'); return true;
      case 'a': out.set('\a'); return true;
      case 'p': case 'P':
        out.set();
        if (more() && take("{")) {
          const std::size_t close = text_.find('}', at_);
          if (close == std::string_view::npos) return false;
          at_ = close + 1;
        } else {
          ++at_;
        }
        return at_ <= text_.size();
      case 'x': {
        unsigned value = 0, count = 0;
        const bool braces = more() && take("{");
        while (more() && count < (braces ? 6u : 2u) && std::isxdigit(static_cast<unsigned char>(peek()))) {
          const char d = text_[at_++];
          value = value * 16 + static_cast<unsigned>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
          ++count;
        }
        if (count == 0 || (braces && !(more() && take("}")))) return false;
        if (value < 128) out.set(value);
        else out.set();
        return true;
      }
      default: break;
    }
    if (c >= '0' && c <= '7') {  // octal; a back reference is not of this language
      if (c != '0') return false;
      unsigned value = 0;
      for (int i = 0; i < 2 && more() && peek() >= '0' && peek() <= '7'; ++i) value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
      out.set(value & 0xff);
      return true;
    }
    if (std::isalnum(static_cast<unsigned char>(c))) return false;
    out.set(static_cast<unsigned char>(c));
    return true;
  }

  Node escape() {
    if (text_.substr(at_).starts_with("\\Q")) {
      const std::size_t close = std::min(text_.find("\\E", at_), text_.size());
      Node out{.kind = Node::Kind::Concat};
      for (std::size_t i = at_ + 2; i < close; ++i) {
        ByteSet one;
        one.set(static_cast<unsigned char>(text_[i]));
        out.children.push_back(set(one));
      }
      at_ = std::min(close + 2, text_.size());
      return out;
    }
    ByteSet bytes;
    bool assertion = false;
    if (!escaped(bytes, assertion)) return fail();
    return assertion ? Node{} : set(bytes);
  }

  Node char_class() {
    ++at_;
    const bool negated = more() && take("^");
    ByteSet bytes;
    for (bool first = true;; first = false) {
      if (!more()) return fail();
      if (peek() == ']' && !first) break;
      if (take("[:")) {
        if (!posix(bytes)) return fail();
        continue;
      }
      ByteSet low;
      if (!class_member(low)) return fail();
      if (at_ + 1 < text_.size() && peek() == '-' && text_[at_ + 1] != ']' && low.count() == 1) {
        ++at_;
        ByteSet high;
        if (!class_member(high) || high.count() != 1) return fail();
        const auto lowest = [](const ByteSet& s) { unsigned i = 0; while (!s[i]) ++i; return static_cast<unsigned char>(i); };
        if (lowest(low) > lowest(high)) return fail();
        low = range(lowest(low), lowest(high));
      }
      bytes |= low;
    }
    ++at_;
    // Fold before negating: [^a] under (?i) excludes both cases.
    if (flags_.ignore_case) bytes = fold(bytes);
    Node node{.kind = Node::Kind::Set};
    node.set = negated ? ~bytes : bytes;
    return node;
  }

  bool class_member(ByteSet& out) {
    const auto c = static_cast<unsigned char>(peek());
    if (c == '\\') {
      bool assertion = false;
      return escaped(out, assertion) && !assertion;
    }
    ++at_;
    if (c < 128) out.set(c);
    else out.set();
    return true;
  }

  bool posix(ByteSet& bytes) {
    const std::size_t close = text_.find(":]", at_);
    if (close == std::string_view::npos) return false;
    const std::string_view name = text_.substr(at_, close - at_);
    at_ = close + 2;
    if (name == "alpha") bytes |= range('a', 'z') | range('A', 'Z');
    else if (name == "digit") bytes |= digits();
    else if (name == "alnum") bytes |= range('a', 'z') | range('A', 'Z') | digits();
    else if (name == "upper") bytes |= range('A', 'Z');
    else if (name == "lower") bytes |= range('a', 'z');
    else if (name == "xdigit") bytes |= digits() | range('a', 'f') | range('A', 'F');
    else if (name == "word") bytes |= word();
    else if (name == "space") bytes |= space() | range('\v', '\v');
    else if (name == "punct") bytes |= range('!', '/') | range(':', '@') | range('[', '`') | range('{', '~');
    else if (name == "print") bytes |= range(' ', '~');
    else if (name == "graph") bytes |= range('!', '~');
    else return false;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true, lead_seen_ = false;
  Flags flags_, after_lead_;
  std::uint32_t groups_ = 0;
};

}  // namespace

std::optional<RegexTree> parse_regex(std::string_view pattern) {
  Parser parser(pattern);
  auto root = parser.parse();
  if (!root) return std::nullopt;
  return RegexTree{.root = std::move(*root), .groups = parser.groups(), .flags_after_first = parser.flags_after_lead().text()};
}

}  // namespace plimsoll::detect
