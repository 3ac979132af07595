#include "detect/secrets/regex_shape.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/text.h"

namespace plimsoll::detect {
namespace {

constexpr std::size_t kMostStarts = 192, kMostStartBytes = 16;
constexpr std::uint32_t kMostDepth = 200;

struct Node {
  enum class Kind : std::uint8_t { Empty, Set, Concat, Alternate, Repeat };
  Kind kind = Kind::Empty;
  ByteSet set;
  std::vector<Node> children;
  std::uint32_t least = 0, most = 0;
  std::size_t begin = 0, end = 0;  // in the pattern; of the parts of the outermost sequence
};

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
      if (take("*")) most = RegexShape::kUnbounded;
      else if (take("+")) least = 1, most = RegexShape::kUnbounded;
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
    most = !comma ? least : second.empty() ? RegexShape::kUnbounded : static_cast<std::uint32_t>(*b);
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

std::uint32_t add(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t sum = std::uint64_t{a} + b;
  return a == RegexShape::kUnbounded || b == RegexShape::kUnbounded || sum >= RegexShape::kUnbounded ? RegexShape::kUnbounded : static_cast<std::uint32_t>(sum);
}
std::uint32_t most_bytes(const Node& node) {
  std::uint32_t out = 0;
  switch (node.kind) {
    case Node::Kind::Empty: return 0;
    case Node::Kind::Set: return 1;
    case Node::Kind::Concat:
      for (const Node& child : node.children) out = add(out, most_bytes(child));
      return out;
    case Node::Kind::Alternate:
      for (const Node& child : node.children) out = std::max(out, most_bytes(child));
      return out;
    case Node::Kind::Repeat: {
      const std::uint32_t each = most_bytes(node.children[0]);
      if (each == 0) return 0;
      if (node.most == RegexShape::kUnbounded || each == RegexShape::kUnbounded) return RegexShape::kUnbounded;
      const std::uint64_t all = std::uint64_t{each} * node.most;
      return all >= RegexShape::kUnbounded ? RegexShape::kUnbounded : static_cast<std::uint32_t>(all);
    }
  }
  return RegexShape::kUnbounded;
}

struct Prefix {
  std::vector<ByteSet> bytes;
  bool complete = true;  // the node may end here, so what follows it comes next
};
using Prefixes = std::vector<Prefix>;

Prefixes unknown() { return {{.bytes = {}, .complete = false}}; }

Prefixes join(const Prefixes& first, const Prefixes& second) {
  Prefixes out;
  for (const Prefix& a : first) {
    if (!a.complete) {
      out.push_back(a);
      continue;
    }
    for (const Prefix& b : second) {
      Prefix both = a;
      both.complete = b.complete;
      for (const ByteSet& set : b.bytes) {
        if (both.bytes.size() == kMostStartBytes) {
          both.complete = false;
          break;
        }
        both.bytes.push_back(set);
      }
      out.push_back(std::move(both));
      if (out.size() > kMostStarts) {  // too many: keep what is known before
        Prefixes cut_short = first;
        for (Prefix& p : cut_short) p.complete = false;
        return cut_short;
      }
    }
  }
  return out;
}

Prefixes prefixes(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Empty: return {{}};
    case Node::Kind::Set: return {{.bytes = {node.set}, .complete = true}};
    case Node::Kind::Concat: {
      Prefixes out = {{}};
      for (const Node& child : node.children) {
        if (std::none_of(out.begin(), out.end(), [](const Prefix& p) { return p.complete; })) break;
        out = join(out, prefixes(child));
      }
      return out;
    }
    case Node::Kind::Alternate: {
      Prefixes out;
      for (const Node& child : node.children) {
        for (Prefix& p : prefixes(child)) out.push_back(std::move(p));
        if (out.size() > kMostStarts) return unknown();
      }
      return out;
    }
    case Node::Kind::Repeat: {
      const Prefixes each = prefixes(node.children[0]);
      Prefixes out = {{}};
      for (std::uint32_t i = 0; i < std::min<std::uint32_t>(node.least, kMostStartBytes); ++i) out = join(out, each);
      if (node.most == node.least) return out;
      constexpr std::uint32_t kFew = 3;  // {0,3}: every number of them is tried
      if (node.most != RegexShape::kUnbounded && node.most - node.least <= kFew && node.least <= 2) {
        Prefixes all = out;
        for (std::uint32_t i = node.least; i < node.most; ++i) {
          out = join(out, each);
          all.insert(all.end(), out.begin(), out.end());
          if (all.size() > kMostStarts) break;
        }
        if (all.size() <= kMostStarts) return all;
        out = {{}};
        for (std::uint32_t i = 0; i < node.least; ++i) out = join(out, each);
      }
      for (Prefix& p : out) p.complete = false;
      return out;
    }
  }
  return unknown();
}

// One byte, or one letter in both cases; asked often, so without copies.
bool literal(const ByteSet& set) {
  const std::size_t first = set._Find_first();
  if (first == set.size()) return false;
  const std::size_t second = set._Find_next(first);
  return second == set.size() || (first >= 'A' && first <= 'Z' && second == first + 32 && set._Find_next(second) == set.size());
}


// How likely a byte of ordinary text lies in the set: letters and digits are common, capitals and marks are not.
double bits(const ByteSet& set) {
  if (literal(set)) {
    const std::size_t c = set._Find_first();
    return (c >= 'a' && c <= 'z') || set._Find_next(c) != set.size() ? 4 : 5;
  }
  return std::max(0.0, std::log2(96.0 / static_cast<double>(std::max<std::size_t>(set.count(), 1))));
}

RegexStart trimmed(const Prefix& prefix) {
  std::size_t first = 0, last = prefix.bytes.size();
  constexpr std::size_t kWide = 24;
  while (first < last && prefix.bytes[first].count() > kWide) ++first;
  while (last > first && prefix.bytes[last - 1].count() > 128) --last;
  RegexStart out{.bytes = {}, .offset = static_cast<std::uint32_t>(first)};
  double known = 0;
  std::size_t literals = 0;
  for (std::size_t i = first; i < last; ++i) {
    // Once the start is rare, further bytes only make the search dearer.
    if (((known >= 24 || literals >= 4) && !literal(prefix.bytes[i])) || literals >= 8) break;
    known += bits(prefix.bytes[i]);
    literals += literal(prefix.bytes[i]);
    out.bytes.push_back(prefix.bytes[i]);
  }
  return out;
}

}  // namespace

double selectivity(const RegexStart& start) {
  double out = 0;
  for (const ByteSet& set : start.bytes) out += bits(set);
  return out;
}

std::optional<RegexShape> shape_of(std::string_view pattern) {
  Parser parser(pattern);
  auto root = parser.parse();
  if (!root) return std::nullopt;
  RegexShape out{.groups = parser.groups(), .without_lead = std::string(pattern)};
  if (root->kind == Node::Kind::Concat) {
    const auto part = std::find_if(root->children.begin(), root->children.end(), [](const Node& n) { return n.kind != Node::Kind::Empty; });
    if (part != root->children.end() && part->kind == Node::Kind::Repeat && part->least == 0 && part->children[0].kind == Node::Kind::Set && part + 1 != root->children.end() &&
        // Assertions before the lead would move with it.
        std::all_of(root->children.begin(), part, [&](const Node& n) { return pattern.substr(n.begin, n.end - n.begin).starts_with("(?"); })) {
      out.lead = part->children[0].set;
      out.lead_most = std::min<std::uint32_t>(part->most, 256);
      out.without_lead = cat(parser.flags_after_lead().text(), pattern.substr(part->end));
      root->children.erase(root->children.begin(), part + 1);
    }
  }
  out.most_bytes = most_bytes(*root);
  for (const Prefix& prefix : prefixes(*root)) {
    RegexStart start = trimmed(prefix);
    if (start.bytes.empty()) {
      out.starts.clear();
      break;
    }
    out.starts.push_back(std::move(start));
  }
  return out;
}

}  // namespace plimsoll::detect
