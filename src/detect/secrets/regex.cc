#include "detect/secrets/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <mutex>

#include "base/text.h"

namespace plimsoll::detect {

struct Regex::State {
  explicit State(std::string_view text) : pattern(text) {}
  ~State() { pcre2_code_free(pcre); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::string pattern;
  std::once_flag once;
  std::unique_ptr<RE2> re2;
  pcre2_code* pcre = nullptr;
  std::string error;

  void compile() {
    std::call_once(once, [this] {
      RE2::Options options;
      options.set_log_errors(false);
      const bool ascii = std::all_of(pattern.begin(), pattern.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
      options.set_encoding(ascii ? RE2::Options::EncodingLatin1 : RE2::Options::EncodingUTF8);
      re2 = std::make_unique<RE2>(pattern, options);
      if (re2->ok()) return;
      error = re2->error();
      const auto code = re2->error_code();
      re2.reset();
      // What RE2 calls bad syntax for want of look-around and the like may be PCRE; too large stays too large.
      if (code == RE2::ErrorPatternTooLarge) return;
      int number = 0;
      PCRE2_SIZE offset = 0;
      pcre = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY, &number, &offset, nullptr);
      if (pcre) return;
      PCRE2_UCHAR message[160] = {};
      pcre2_get_error_message(number, message, sizeof message);
      error = cat(error, "; as PCRE: ", reinterpret_cast<const char*>(message), " at ", offset);
    });
  }
};

Regex::Regex() = default;
Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Result<Regex> Regex::checked(std::string_view pattern) {
  constexpr std::size_t kMostPattern = 64 << 10;
  if (pattern.size() > kMostPattern) return malformed("regular expression is longer than 64 KiB");
  auto state = std::make_unique<State>(pattern);
  state->compile();
  if (!state->re2 && !state->pcre) return malformed(cat("regular expression: ", state->error));
  return Regex(std::move(state));
}

Regex Regex::lazy(std::string_view pattern) { return Regex(std::make_unique<State>(pattern)); }

const std::string& Regex::pattern() const {
  static const std::string none;
  return state_ ? state_->pattern : none;
}

std::uint32_t Regex::groups() const {
  if (!state_) return 0;
  state_->compile();
  if (state_->re2) return static_cast<std::uint32_t>(state_->re2->NumberOfCapturingGroups());
  std::uint32_t count = 0;
  if (state_->pcre) pcre2_pattern_info(state_->pcre, PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

bool Regex::is_pcre() const {
  if (!state_) return false;
  state_->compile();
  return state_->pcre != nullptr;
}

bool Regex::implies_any(const std::vector<std::string>& words) const {
  if (!state_ || words.empty()) return false;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  // RE2 names texts one of which is in every match; if each of them holds a word, so does every match.
  for (const int least : {3, 4, 6}) {
    re2::FilteredRE2 filter(least);
    int id = 0;
    if (filter.Add(state_->pattern, options, &id) != RE2::NoError) return false;
    std::vector<std::string> atoms;
    filter.Compile(&atoms);
    if (!atoms.empty() && std::all_of(atoms.begin(), atoms.end(), [&](const std::string& atom) { return std::any_of(words.begin(), words.end(), [&](const std::string& w) { return atom.find(w) != std::string::npos; }); })) return true;
  }
  return false;
}

bool Regex::matches(std::string_view text) const {
  if (!state_) return false;
  state_->compile();
  if (state_->re2) return state_->re2->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
  std::vector<Span> spans;
  bool gave_up = false;
  return find(text, 0, text.size(), Where::Anywhere, spans, gave_up);
}

bool Regex::find(std::string_view text, std::size_t from, std::size_t to, Where where, std::vector<Span>& spans, bool& gave_up) const {
  if (!state_) return false;
  state_->compile();
  if (state_->re2) {
    const int count = 1 + state_->re2->NumberOfCapturingGroups();
    constexpr int kMostGroups = 64;
    re2::StringPiece groups[kMostGroups];
    const int wanted = std::min(count, kMostGroups);
    if (!state_->re2->Match(re2::StringPiece(text.data(), text.size()), from, to, where == Where::AtFrom ? RE2::ANCHOR_START : RE2::UNANCHORED, groups, wanted)) return false;
    spans.resize(static_cast<std::size_t>(wanted));
    for (std::size_t i = 0; i < spans.size(); ++i) {
      if (groups[i].data() == nullptr) {
        spans[i] = {};
      } else {
        const auto begin = static_cast<std::size_t>(groups[i].data() - text.data());
        spans[i] = {begin, begin + groups[i].size(), true};
      }
    }
    return true;
  }
  if (!state_->pcre) return false;
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(pcre2_match_context_create(nullptr), pcre2_match_context_free);
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create_from_pattern(state_->pcre, nullptr), pcre2_match_data_free);
  if (!context || !data) {
    gave_up = true;
    return false;
  }
  pcre2_set_match_limit(context.get(), kPcreSteps);
  pcre2_set_depth_limit(context.get(), 10'000);
  pcre2_set_heap_limit(context.get(), 16 << 10);  // KiB
  const int found = pcre2_match(state_->pcre, reinterpret_cast<PCRE2_SPTR>(text.data()), to, from, where == Where::AtFrom ? PCRE2_ANCHORED : 0, data.get(), context.get());
  if (found < 0) {
    gave_up = gave_up || found != PCRE2_ERROR_NOMATCH;
    return false;
  }
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data.get());
  spans.assign(pcre2_get_ovector_count(data.get()), {});
  for (std::size_t i = 0; i < spans.size(); ++i)
    if (offsets[2 * i] != PCRE2_UNSET && offsets[2 * i] <= offsets[2 * i + 1]) spans[i] = {offsets[2 * i], offsets[2 * i + 1], true};
  return true;
}

}  // namespace plimsoll::detect
