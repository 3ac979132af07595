#include "detect/secrets/regex_shape.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/text.h"

namespace plimsoll::detect {
namespace {

constexpr std::size_t kMostStarts = 192, kMostStartBytes = 16;

using Node = RegexNode;

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
  auto tree = parse_regex(pattern);
  if (!tree) return std::nullopt;
  RegexNode* const root = &tree->root;
  RegexShape out{.groups = tree->groups, .without_lead = std::string(pattern)};
  if (root->kind == Node::Kind::Concat) {
    const auto part = std::find_if(root->children.begin(), root->children.end(), [](const Node& n) { return n.kind != Node::Kind::Empty; });
    if (part != root->children.end() && part->kind == Node::Kind::Repeat && part->least == 0 && part->children[0].kind == Node::Kind::Set && part + 1 != root->children.end() &&
        // Assertions before the lead would move with it.
        std::all_of(root->children.begin(), part, [&](const Node& n) { return pattern.substr(n.begin, n.end - n.begin).starts_with("(?"); })) {
      out.lead = part->children[0].set;
      out.lead_most = std::min<std::uint32_t>(part->most, 256);
      out.without_lead = cat(tree->flags_after_first, pattern.substr(part->end));
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
