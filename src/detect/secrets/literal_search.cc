#include "detect/secrets/literal_search.h"

#include <dlfcn.h>
#include <hs.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <queue>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::detect {

// Databases of the shipped rules by what they go by, masked; written by tools/compile_literals.cc.
const std::vector<std::pair<std::string_view, std::string_view>>& shipped_literal_databases();

namespace {

// The few functions of libhs in use; the library stays loaded for the life of the program.
struct Hyperscan {
  decltype(&hs_compile_multi) compile_multi = nullptr;
  decltype(&hs_free_compile_error) free_compile_error = nullptr;
  decltype(&hs_free_database) free_database = nullptr;
  decltype(&hs_serialize_database) serialize_database = nullptr;
  decltype(&hs_deserialize_database) deserialize_database = nullptr;
  decltype(&hs_alloc_scratch) alloc_scratch = nullptr;
  decltype(&hs_clone_scratch) clone_scratch = nullptr;
  decltype(&hs_free_scratch) free_scratch = nullptr;
  decltype(&hs_scan) scan = nullptr;
  decltype(&hs_valid_platform) valid_platform = nullptr;
  decltype(&hs_version) version = nullptr;
  bool usable = false;

  static const Hyperscan& get() {
    static const Hyperscan library = [] {
      Hyperscan h;
      void* handle = dlopen("libhs.so.5", RTLD_NOW | RTLD_LOCAL);
      if (!handle) return h;
      const auto take = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
        return function != nullptr;
      };
      h.usable = take(h.compile_multi, "hs_compile_multi") && take(h.free_compile_error, "hs_free_compile_error") && take(h.free_database, "hs_free_database") &&
                 take(h.serialize_database, "hs_serialize_database") && take(h.deserialize_database, "hs_deserialize_database") && take(h.alloc_scratch, "hs_alloc_scratch") &&
                 take(h.clone_scratch, "hs_clone_scratch") && take(h.free_scratch, "hs_free_scratch") && take(h.scan, "hs_scan") && take(h.valid_platform, "hs_valid_platform") &&
                 take(h.version, "hs_version") && h.valid_platform() == HS_SUCCESS;
      return h;
    }();
    return library;
  }
};

// A class as PCRE writes it; every byte by its number, so nothing needs escaping.
std::string expression(const Literal& literal) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto byte = [](std::string& out, unsigned c) { out.append("\\x").append(1, kHex[c >> 4]).append(1, kHex[c & 15]); };
  std::string out;
  for (const ByteSet& set : literal.bytes) {
    out += '[';
    for (unsigned c = 0; c < 256; ++c) {
      if (!set[c]) continue;
      unsigned last = c;
      while (last + 1 < 256 && set[last + 1]) ++last;
      byte(out, c);
      if (last > c) {
        out += '-';
        byte(out, last);
      }
      c = last;
    }
    out += ']';
  }
  return out;
}

constexpr unsigned lower_byte(unsigned c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

// The literals as Hyperscan takes them.
class Expressions {
 public:
  explicit Expressions(const std::vector<Literal>& literals) {
    for (const Literal& l : literals) texts_.push_back(expression(l));
    for (std::size_t i = 0; i < literals.size(); ++i) {
      pointers_.push_back(texts_[i].c_str());
      flags_.push_back(literals[i].once ? HS_FLAG_SINGLEMATCH : 0);
      ids_.push_back(static_cast<unsigned>(i));
    }
  }

  // What a database of them goes by: it holds code for one kind of processor, laid out as one version of the library has it.
  std::string name(const Hyperscan& hs, bool avx2) const {
    Hasher hasher(HashKind::Sha256);
    hasher.update(as_bytes(cat(hs.version(), avx2 ? " avx2 " : " ssse3 ")));
    for (std::size_t i = 0; i < texts_.size(); ++i) hasher.update(as_bytes(cat(texts_[i], flags_[i] ? "!" : ";")));
    return to_hex(hasher.finish()).substr(0, 32);
  }

  Result<hs_database_t*> compile(const Hyperscan& hs, bool avx2) const {
    const hs_platform_info platform{.tune = HS_TUNE_FAMILY_GENERIC, .cpu_features = avx2 ? HS_CPU_FEATURES_AVX2 : 0, .reserved1 = 0, .reserved2 = 0};
    hs_database_t* out = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs.compile_multi(pointers_.data(), flags_.data(), ids_.data(), static_cast<unsigned>(pointers_.size()), HS_MODE_BLOCK, &platform, &out, &error) == HS_SUCCESS) return out;
    const std::string why = error && error->message ? error->message : "no memory";
    if (error) hs.free_compile_error(error);
    return malformed(cat("Hyperscan cannot compile the rules' literals: ", why));
  }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
  std::vector<unsigned> flags_, ids_;
};

// Aho-Corasick over each expression's longest run of literal bytes, in lower case; the rest is checked at each place.
class Portable {
 public:
  explicit Portable(const std::vector<Literal>& literals) : literals_(literals) {
    nodes_.emplace_back();
    for (std::uint32_t i = 0; i < literals.size(); ++i) add(i);
    link();
  }

  template <class Report>
  bool search(std::string_view text, Report&& report) const {
    std::uint32_t state = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      state = nodes_[state].next[lower_byte(static_cast<unsigned char>(text[i]))];
      for (std::uint32_t at = nodes_[state].first_out; at != kNone; at = nodes_[at].next_out)
        for (const auto& [literal, end] : nodes_[at].ends) {
          const Literal& l = literals_[literal];
          if (i + 1 < end || text.size() - (i + 1 - end) < l.bytes.size()) continue;
          const std::size_t begin = i + 1 - end;
          bool same = true;
          for (std::size_t k = 0; same && k < l.bytes.size(); ++k) same = l.bytes[k][static_cast<unsigned char>(text[begin + k])];
          if (same && !report(literal, begin)) return false;
        }
    }
    return true;
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct TrieNode {
    std::array<std::uint32_t, 256> next{};
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ends;  // literal, and how many of its bytes end here
    std::uint32_t fail = 0, first_out = kNone, next_out = kNone;
  };

  static int letter(const ByteSet& set) {
    int found = -1;
    for (unsigned c = 0; c < 256; ++c) {
      if (!set[c]) continue;
      const int l = static_cast<int>(lower_byte(c));
      if (found >= 0 && found != l) return -1;
      found = l;
    }
    return found;
  }

  void add(std::uint32_t index) {
    const Literal& l = literals_[index];
    std::size_t best = 0, best_size = 0;
    for (std::size_t i = 0; i < l.bytes.size();) {
      std::size_t end = i;
      while (end < l.bytes.size() && letter(l.bytes[end]) >= 0) ++end;
      if (end - i > best_size) best = i, best_size = end - i;
      i = end + 1;
    }
    std::uint32_t node = 0;
    for (std::size_t i = best; i < best + best_size; ++i) {
      const auto c = static_cast<std::size_t>(letter(l.bytes[i]));
      if (nodes_[node].next[c] == 0) {
        nodes_[node].next[c] = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
      }
      node = nodes_[node].next[c];
    }
    // Without any literal byte it would end at the root, which is every place: then each first byte leads to a node.
    if (best_size == 0) return always_.push_back(index);
    nodes_[node].ends.emplace_back(index, static_cast<std::uint32_t>(best + best_size));
  }

  void link() {
    PLIM_ASSERT(always_.empty());  // build() refuses such literals
    std::queue<std::uint32_t> queue;
    for (const std::uint32_t child : nodes_[0].next)
      if (child) queue.push(child);
    while (!queue.empty()) {
      const std::uint32_t node = queue.front();
      queue.pop();
      const std::uint32_t fail = nodes_[node].fail;
      nodes_[node].first_out = nodes_[node].ends.empty() ? nodes_[fail].first_out : node;
      nodes_[node].next_out = nodes_[fail].first_out;
      for (std::size_t c = 0; c < 256; ++c) {
        const std::uint32_t child = nodes_[node].next[c];
        if (child) {
          nodes_[child].fail = nodes_[fail].next[c];
          queue.push(child);
        } else {
          nodes_[node].next[c] = nodes_[fail].next[c];
        }
      }
    }
  }

  const std::vector<Literal>& literals_;
  std::vector<TrieNode> nodes_;
  std::vector<std::uint32_t> always_;
};

}  // namespace

struct LiteralSearch::State {
  std::vector<Literal> literals;
  Origin origin = Origin::Portable;
  std::unique_ptr<Portable> portable;
  hs_database_t* database = nullptr;
  hs_scratch_t* prototype = nullptr;
  std::mutex mutex;
  std::vector<hs_scratch_t*> scratches;  // idle ones

  ~State() {
    if (!database) return;
    const Hyperscan& hs = Hyperscan::get();
    for (hs_scratch_t* s : scratches) hs.free_scratch(s);
    if (prototype) hs.free_scratch(prototype);
    hs.free_database(database);
  }
  hs_scratch_t* take() {
    {
      const std::lock_guard lock(mutex);
      if (!scratches.empty()) {
        hs_scratch_t* s = scratches.back();
        scratches.pop_back();
        return s;
      }
    }
    hs_scratch_t* s = nullptr;
    return Hyperscan::get().clone_scratch(prototype, &s) == HS_SUCCESS ? s : nullptr;
  }
  void give(hs_scratch_t* s) {
    const std::lock_guard lock(mutex);
    scratches.push_back(s);
  }
};

LiteralSearch::LiteralSearch(std::unique_ptr<State> state) : state_(std::move(state)) {}
LiteralSearch::~LiteralSearch() = default;
LiteralSearch::LiteralSearch(LiteralSearch&&) noexcept = default;
LiteralSearch& LiteralSearch::operator=(LiteralSearch&&) noexcept = default;

LiteralSearch::Origin LiteralSearch::origin() const { return state_->origin; }
const std::vector<Literal>& LiteralSearch::literals() const { return state_->literals; }

Literal caseless(std::string_view word, bool once) {
  Literal out{.bytes = {}, .once = once};
  for (const char c : word) {
    ByteSet set;
    const auto l = static_cast<unsigned char>(lower_byte(static_cast<unsigned char>(c)));
    set.set(l);
    if (l >= 'a' && l <= 'z') set.set(l - 32u);
    out.bytes.push_back(set);
  }
  return out;
}

Result<LiteralSearch> LiteralSearch::build(const std::vector<Literal>& literals, const std::string& cache_directory, Method method) {
  auto state = std::make_unique<State>();
  state->literals = literals;
  for (const Literal& l : literals)
    if (std::none_of(l.bytes.begin(), l.bytes.end(), [](const ByteSet& s) { return s.count() == 1 || s.count() == 2; })) return malformed("a literal has no letter of its own");
  const Hyperscan& hs = Hyperscan::get();
  if (method == Method::Portable || !hs.usable || literals.empty()) {
    state->portable = std::make_unique<Portable>(state->literals);
    return LiteralSearch(std::move(state));
  }
  const Expressions expressions(literals);
  __builtin_cpu_init();
  const bool avx2 = method == Method::Avx2 || (method == Method::Best && __builtin_cpu_supports("avx2"));
  const std::string name = expressions.name(hs, avx2);
  if (method == Method::Best)
    for (const std::string& wanted : {name, avx2 ? expressions.name(hs, false) : name})
      for (const auto& [known, masked] : shipped_literal_databases()) {
        if (state->database || known != wanted) continue;
        const std::string bytes = mask_database(masked);
        if (hs.deserialize_database(bytes.data(), bytes.size(), &state->database) == HS_SUCCESS) state->origin = Origin::Program;
      }
  const std::string file = cache_directory.empty() ? std::string() : cat(cache_directory, "/literals-", name, ".hsdb");
  if (!state->database && !file.empty()) {
    // 32 bytes of hash stand before the database: what was cut short or altered is not given to the library.
    if (const auto stored = read_file(file); stored && stored->size() > 32) {
      const std::string_view body = std::string_view(*stored).substr(32);
      if (hash(HashKind::Sha256, as_bytes(body)) == std::string_view(*stored).substr(0, 32) && hs.deserialize_database(body.data(), body.size(), &state->database) == HS_SUCCESS) state->origin = Origin::Cache;
    }
  }
  if (!state->database) {
    PLIM_TRY(state->database, expressions.compile(hs, avx2));
    state->origin = Origin::Compiled;
    char* bytes = nullptr;
    std::size_t size = 0;
    if (!file.empty() && hs.serialize_database(state->database, &bytes, &size) == HS_SUCCESS) {
      std::string stored = hash(HashKind::Sha256, {reinterpret_cast<const std::uint8_t*>(bytes), size});
      stored.append(bytes, size);
      std::free(bytes);
      // Not being able to keep it costs the next run its compilation, nothing else.
      if (make_directories(cache_directory).has_value()) static_cast<void>(replace_file(file, as_bytes(stored)).has_value());
    }
  }
  if (hs.alloc_scratch(state->database, &state->prototype) != HS_SUCCESS) return io_error("no memory for Hyperscan");
  return LiteralSearch(std::move(state));
}

bool LiteralSearch::search(std::string_view text, std::vector<LiteralHit>& hits, std::size_t most) const {
  if (!state_->database) {
    std::vector<bool> seen(state_->literals.size(), false);
    return state_->portable->search(text, [&](std::uint32_t literal, std::size_t begin) {
      if (state_->literals[literal].once) {
        if (seen[literal]) return true;
        seen[literal] = true;
      }
      if (hits.size() >= most) return false;
      hits.push_back({literal, begin});
      return true;
    });
  }
  struct Context {
    const std::vector<Literal>& literals;
    std::vector<LiteralHit>& hits;
    std::size_t most, base;
    bool full = false;
  } context{state_->literals, hits, most, 0};
  hs_scratch_t* scratch = state_->take();
  PLIM_ASSERT(scratch != nullptr);
  constexpr std::size_t kPiece = 1u << 30, kOverlap = 32;
  for (std::size_t at = 0; at < text.size() && !context.full; at += kPiece - kOverlap) {
    context.base = at;
    const std::size_t size = std::min(kPiece, text.size() - at);
    Hyperscan::get().scan(state_->database, text.data() + at, static_cast<unsigned>(size), 0, scratch,
        [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* opaque) {
          auto& c = *static_cast<Context*>(opaque);
          if (c.hits.size() >= c.most) {
            c.full = true;
            return 1;
          }
          c.hits.push_back({id, c.base + static_cast<std::size_t>(to) - c.literals[id].bytes.size()});
          return 0;
        },
        &context);
    if (size < kPiece) break;
  }
  state_->give(scratch);
  return !context.full;
}

std::string mask_database(std::string_view bytes) {
  std::string out(bytes);
  for (char& c : out) c = static_cast<char>(c ^ 0x5a);
  return out;
}

}  // namespace plimsoll::detect
