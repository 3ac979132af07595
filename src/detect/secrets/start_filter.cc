#include "detect/secrets/start_filter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "detect/secrets/regex_tree.h"

namespace plimsoll::detect {
namespace {

using Positions = std::vector<std::uint16_t>;  // sorted

constexpr std::uint16_t kEnd = 0;  // the position behind the expression: who gets there may match
constexpr std::size_t kMostPositions = 400, kMostStates = 192, kMostFollowed = 20'000;
constexpr std::size_t kMostLooked = 512;  // bytes, then "yes"
constexpr std::uint32_t kCopies = 4;  // of a repetition; what is above counts as any number

void unite(Positions& into, const Positions& more) {
  if (more.empty()) return;
  Positions out;
  out.reserve(into.size() + more.size());
  std::set_union(into.begin(), into.end(), more.begin(), more.end(), std::back_inserter(out));
  into = std::move(out);
}

// Glushkov's construction: a position for each byte set of the expression, and which may follow which.
class Positioned {
 public:
  std::vector<ByteSet> sets{ByteSet()};
  std::vector<Positions> follow{Positions()};

  // The positions a match can begin with.
  Positions first_of(const RegexNode& root) {
    Part whole = part(root);
    connect(whole.last, {kEnd});
    if (whole.empty) unite(whole.first, {kEnd});
    return std::move(whole.first);
  }

 private:
  struct Part {
    bool empty = true;  // it may match nothing
    Positions first, last;
  };

  void connect(const Positions& from, const Positions& to) {
    for (const std::uint16_t p : from) {
      unite(follow[p], to);
      followed_ += to.size();
    }
  }
  void append(Part& out, const Part& next) {
    connect(out.last, next.first);
    if (out.empty) unite(out.first, next.first);
    if (next.empty) unite(out.last, next.last);
    else out.last = next.last;
    out.empty = out.empty && next.empty;
  }
  // What there is no room for ends the expression early: that only makes for more "yes".
  Part ended() const { return {.empty = false, .first = {kEnd}, .last = {}}; }

  Part part(const RegexNode& node) {
    if (sets.size() >= kMostPositions || followed_ > kMostFollowed) return ended();
    switch (node.kind) {
      case RegexNode::Kind::Empty: return {};
      case RegexNode::Kind::Set: {
        const auto position = static_cast<std::uint16_t>(sets.size());
        sets.push_back(node.set);
        follow.emplace_back();
        return {.empty = false, .first = {position}, .last = {position}};
      }
      case RegexNode::Kind::Concat: {
        Part out;
        for (const RegexNode& child : node.children) append(out, part(child));
        return out;
      }
      case RegexNode::Kind::Alternate: {
        Part out{.empty = false, .first = {}, .last = {}};
        for (const RegexNode& child : node.children) {
          const Part one = part(child);
          unite(out.first, one.first);
          unite(out.last, one.last);
          out.empty = out.empty || one.empty;
        }
        return out;
      }
      case RegexNode::Kind::Repeat: {
        Part out;
        const RegexNode& child = node.children[0];
        const std::uint32_t most = child.kind == RegexNode::Kind::Set ? kCopies : 1;
        for (std::uint32_t i = 0; i < std::min(node.least, most); ++i) append(out, part(child));
        if (node.most <= most) {
          for (std::uint32_t i = node.least; i < node.most; ++i) append(out, optional(part(child)));
        } else if (node.most > std::min(node.least, most)) {
          Part any = optional(part(child));
          connect(any.last, any.first);
          append(out, any);
        }
        return out;
      }
    }
    return ended();
  }
  static Part optional(Part one) {
    one.empty = true;
    return one;
  }

  std::size_t followed_ = 0;
};

}  // namespace

struct StartFilter::State {
  // A table entry is where the next state's row begins, or one of these; row 0 is left free for them.
  static constexpr std::uint16_t kUnknown = 0, kNo = 1, kYes = 2;

  explicit State(std::string_view p) : pattern(p) {}

  std::string pattern;
  std::once_flag once;
  std::array<std::uint8_t, 256> class_of{};
  std::size_t classes = 0;
  std::uint16_t first = kYes;
  std::unique_ptr<std::atomic<std::uint16_t>[]> table;  // by state, then class

  std::mutex mutex;  // of what follows
  Positioned positioned;
  std::vector<unsigned char> byte_of;  // one of each class
  std::vector<const Positions*> states;
  std::map<Positions, std::uint16_t> number_of;

  void build() {
    // Beyond ASCII a letter is several bytes; \Q..\E repeats its last letter only: both the tree knows less well.
    if (std::any_of(pattern.begin(), pattern.end(), [](char c) { return static_cast<unsigned char>(c) >= 128; })) return;
    if (pattern.find("\\Q") != std::string::npos) return;
    const auto tree = parse_regex(pattern);
    if (!tree) return;
    Positions begin = positioned.first_of(tree->root);
    classify();
    classes = std::max<std::size_t>(classes, 3);
    table = std::make_unique<std::atomic<std::uint16_t>[]>((kMostStates + 1) * classes);
    first = number(std::move(begin));
  }

  // Bytes that no set tells apart are one class.
  void classify() {
    std::vector<ByteSet> distinct;
    for (const ByteSet& set : positioned.sets)
      if (std::find(distinct.begin(), distinct.end(), set) == distinct.end()) distinct.push_back(set);
    std::array<std::uint16_t, 256> now{};
    std::size_t count = 1;
    for (const ByteSet& set : distinct) {
      std::array<std::uint16_t, 512> renamed;
      renamed.fill(0xffff);
      std::size_t next = 0;
      for (unsigned c = 0; c < 256; ++c) {
        std::uint16_t& name = renamed[now[c] * 2u + (set[c] ? 1u : 0u)];
        if (name == 0xffff) name = static_cast<std::uint16_t>(next++);
        now[c] = name;
      }
      count = next;
    }
    classes = count;
    byte_of.resize(count);
    for (unsigned c = 0; c < 256; ++c) {
      class_of[c] = static_cast<std::uint8_t>(now[c]);
      byte_of[now[c]] = static_cast<unsigned char>(c);
    }
  }

  // Of a set of positions.
  std::uint16_t number(Positions positions) {
    if (positions.empty()) return kNo;
    if (positions[0] == kEnd) return kYes;
    if (const auto known = number_of.find(positions); known != number_of.end()) return known->second;
    if (states.size() == kMostStates) return kYes;
    const auto fresh = static_cast<std::uint16_t>((1 + states.size()) * classes);
    states.push_back(&number_of.emplace(std::move(positions), fresh).first->first);
    return fresh;
  }

  std::uint16_t learn(std::uint16_t state, std::size_t byte_class) {
    const std::lock_guard lock(mutex);
    Positions next;
    for (const std::uint16_t p : *states[state / classes - 1])
      if (positioned.sets[p][byte_of[byte_class]]) unite(next, positioned.follow[p]);
    const std::uint16_t out = number(std::move(next));
    table[state + byte_class].store(out, std::memory_order_relaxed);
    return out;
  }
};

StartFilter::StartFilter(std::string_view pattern) : state_(std::make_unique<State>(pattern)) {}
StartFilter::~StartFilter() = default;
StartFilter::StartFilter(StartFilter&&) noexcept = default;
StartFilter& StartFilter::operator=(StartFilter&&) noexcept = default;

bool StartFilter::may_match(std::string_view text, std::size_t from, std::size_t to) const {
  State& s = *state_;
  std::call_once(s.once, [&] { s.build(); });
  std::uint16_t at = s.first;
  const std::size_t last = std::min(to, from + kMostLooked);
  for (std::size_t i = from; at > State::kYes && i < last; ++i) {
    const std::size_t byte_class = s.class_of[static_cast<unsigned char>(text[i])];
    // Entries say all there is to know, so no order between them is needed.
    const std::uint16_t next = s.table[at + byte_class].load(std::memory_order_relaxed);
    at = next != State::kUnknown ? next : s.learn(at, byte_class);
  }
  return at == State::kYes || (at > State::kYes && last < to);
}

}  // namespace plimsoll::detect
