#include "image/matcher.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {

constexpr std::string_view kWild = "*?[{";
// Different seeds keep a path, a base name and an extension of the same letters apart.
enum : std::uint64_t { kPathSeed = 1, kBaseSeed = 2, kExtensionSeed = 3, kPrefixSeed = 4 };
constexpr std::size_t kPrefix = 3;  // letters of a base name that index it; two where a glob has no more

std::string_view extension(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : base.substr(dot);
}

// Extensions of what archives are full of and no detector reads as text: bytecode, pictures, fonts, sound.
bool no_text(std::string_view ending) {
  static constexpr std::array<std::string_view, 22> kSorted = {
      ".avif", ".bmp", ".class", ".eot", ".gif", ".icns", ".ico", ".jpeg", ".jpg", ".mp3", ".mp4",
      ".ogg", ".otf", ".png", ".pyc", ".sjsir", ".tasty", ".tif", ".ttf", ".webp", ".woff", ".woff2"};
  return std::binary_search(kSorted.begin(), kSorted.end(), ending);
}

// "{a,b}.x" -> "a.x", "b.x". Braces do not nest in glob_match either. The count is bounded: rules may be data.
void expand(std::string_view glob, std::vector<std::string>& out) {
  const std::size_t open = glob.find('{');
  const std::size_t close = open == std::string_view::npos ? open : glob.find('}', open);
  if (close == std::string_view::npos || out.size() > 1000) {
    out.emplace_back(glob);
    return;
  }
  for (std::string_view option : split(glob.substr(open + 1, close - open - 1), ','))
    expand(cat(glob.substr(0, open), option, glob.substr(close + 1)), out);
}

// The longest piece without wildcards; the slashes at its ends may be a "**"'s, which stands for no folder too.
std::string longest_literal(std::string_view glob) {
  std::string_view best;
  for (std::size_t from = 0; from < glob.size();) {
    const std::size_t end = std::min(glob.find_first_of(kWild, from), glob.size());
    std::string_view piece = glob.substr(from, end - from);
    while (piece.starts_with('/')) piece.remove_prefix(1);
    while (piece.ends_with('/')) piece.remove_suffix(1);
    if (piece.size() > best.size()) best = piece;
    if (end == glob.size()) break;
    const std::size_t closing = glob[end] == '[' ? glob.find(']', end + 2) : glob[end] == '{' ? glob.find('}', end) : end;
    from = closing == std::string_view::npos ? glob.size() : closing + 1;
  }
  return std::string(best);
}

}  // namespace

Matcher::Matcher(std::span<const Analyser> analysers, Scope scope) : count_(analysers.size()), nested_(analysers.size()) {
  for (std::uint16_t i = 0; i < analysers.size(); ++i) {
    const Analyser& analyser = analysers[i];
    if (scope != Scope::Any && analyser.scope != Scope::Any && analyser.scope != scope) continue;
    nested_[i] = analyser.nested;
    wants_nested_ |= analyser.nested;
    if (analyser.executables) executables_.push_back(i);
    const bool all = analyser.all_files || std::find(analyser.paths.begin(), analyser.paths.end(), "**") != analyser.paths.end();
    if (all) all_files_.push_back(i);
    if (analyser.attributes) attributes_.push_back(i);
    wants_all_nested_ |= all && analyser.nested;
    for (const std::string& magic : analyser.magics) {
      if (magic.empty()) continue;
      magics_[static_cast<std::uint8_t>(magic[0])].push_back({magic, i});
      magic_bytes_ = std::max(magic_bytes_, magic.size());
      wants_nested_magic_ |= analyser.nested;
    }
    for (const std::string& glob : analyser.paths) {
      if (glob == "**") continue;  // another way to say all_files
      std::vector<std::string> plain;
      expand(glob, plain);
      for (const std::string& one : plain) add(one, i);
    }
  }
  build();
}

void Matcher::add(const std::string& glob, std::uint16_t analyser) {
  Pattern pattern{.glob = glob, .analyser = analyser, .must = longest_literal(glob)};
  const std::string_view last = base_name(glob);
  const std::string_view head = last.substr(0, last.find_first_of(kWild));
  const std::size_t wild = last.find_last_of("*?]}");
  const std::string_view tail = wild == std::string_view::npos ? std::string_view{} : last.substr(wild + 1);
  if (glob.find_first_of(kWild) == std::string::npos) {
    pattern.form = Form::Path;
    pattern.literal = glob;
    pattern.whole = true;
  } else if (!last.empty() && last.find_first_of(kWild) == std::string_view::npos && last.size() < glob.size()) {
    pattern.form = Form::Base;
    pattern.literal = last;
    pattern.whole = glob == cat("**/", last);
  } else if (last.size() < glob.size() && last.find("**") == std::string_view::npos && tail.find('.') != std::string_view::npos) {
    pattern.form = Form::Suffix;
    pattern.literal = tail;
    pattern.whole = glob == cat("**/*", tail);
  } else if (last.size() < glob.size() && last.find("**") == std::string_view::npos && head.size() >= 2) {
    pattern.form = Form::Prefix;
    pattern.literal = head;
    pattern.whole = glob == cat("**/", head, "*");
    any_prefix_[head.size() >= kPrefix] = true;
  } else {
    pattern.literal = glob.substr(0, glob.find_first_of(kWild));
  }
  patterns_.push_back(std::move(pattern));
}

void Matcher::build() {
  const auto key = [](const Pattern& p) {
    switch (p.form) {
      case Form::Path: return hash64(p.literal, kPathSeed);
      case Form::Base: return hash64(p.literal, kBaseSeed);
      case Form::Suffix: return hash64(extension(p.literal), kExtensionSeed);
      case Form::Prefix: return hash64(std::string_view(p.literal).substr(0, kPrefix), kPrefixSeed);
      case Form::Glob: break;
    }
    return std::uint64_t{0};
  };
  const auto globs = std::stable_partition(patterns_.begin(), patterns_.end(),
                                           [](const Pattern& p) { return p.form != Form::Glob; });
  globs_from_ = static_cast<std::size_t>(globs - patterns_.begin());
  std::stable_sort(patterns_.begin(), globs, [&](const Pattern& a, const Pattern& b) { return key(a) < key(b); });
  std::size_t size = 16;
  while (size < globs_from_ * 4) size *= 2;
  table_.resize(size);
  for (std::size_t i = 0; i < globs_from_;) {
    const std::uint64_t hash = key(patterns_[i]);
    std::size_t end = i;
    while (end < globs_from_ && key(patterns_[end]) == hash) ++end;
    std::size_t at = hash & (size - 1);
    while (table_[at].count != 0) at = (at + 1) & (size - 1);
    table_[at] = {hash, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(end - i)};
    i = end;
  }
}

bool Matcher::matches(const Pattern& pattern, std::string_view path, std::string_view inner,
                      std::string_view base) const {
  switch (pattern.form) {
    case Form::Path: return path == pattern.literal || inner == pattern.literal;
    case Form::Base:
      if (base != pattern.literal) return false;
      break;
    case Form::Suffix:
      if (!base.ends_with(pattern.literal)) return false;
      break;
    case Form::Prefix:
      if (!base.starts_with(pattern.literal)) return false;
      break;
    case Form::Glob:
      if (!path.starts_with(pattern.literal) && !inner.starts_with(pattern.literal)) return false;
      break;
  }
  if (pattern.whole) return true;
  if (path.find(pattern.must) == std::string_view::npos) return false;
  return glob_match(pattern.glob, path) ||
         (inner.size() != path.size() && glob_match(pattern.glob, inner));
}

void Matcher::look_up(std::uint64_t hash, std::string_view path, std::string_view inner, std::string_view base,
                      Wanted& wanted) const {
  const bool nested = inner.size() != path.size();
  for (std::size_t at = hash & (table_.size() - 1); table_[at].count != 0; at = (at + 1) & (table_.size() - 1)) {
    if (table_[at].hash != hash) continue;
    for (std::uint32_t i = table_[at].first; i < table_[at].first + table_[at].count; ++i) {
      const Pattern& pattern = patterns_[i];
      if (nested && !nested_[pattern.analyser]) continue;
      if (!wanted.has(pattern.analyser) && matches(pattern, path, inner, base)) wanted.add(pattern.analyser);
    }
    return;
  }
}

void Matcher::by_path(std::string_view path, Wanted& wanted) const {
  const std::size_t mark = path.rfind("!/");
  const std::string_view inner = mark == std::string_view::npos ? path : path.substr(mark + 2);
  const std::string_view base = base_name(path);
  look_up(hash64(path, kPathSeed), path, inner, base, wanted);
  if (mark != std::string_view::npos) look_up(hash64(inner, kPathSeed), path, inner, base, wanted);
  look_up(hash64(base, kBaseSeed), path, inner, base, wanted);
  const std::string_view ending = extension(base);
  if (!ending.empty()) look_up(hash64(ending, kExtensionSeed), path, inner, base, wanted);
  for (const std::size_t size : {kPrefix - 1, kPrefix})
    if (any_prefix_[size == kPrefix] && base.size() >= size) look_up(hash64(base.substr(0, size), kPrefixSeed), path, inner, base, wanted);
  for (std::size_t i = globs_from_; i < patterns_.size(); ++i) {
    const Pattern& pattern = patterns_[i];
    if (mark != std::string_view::npos && !nested_[pattern.analyser]) continue;
    if (!wanted.has(pattern.analyser) && matches(pattern, path, inner, base)) wanted.add(pattern.analyser);
  }
}

void Matcher::by_any(std::string_view path, Wanted& wanted) const {
  if (all_files_.empty()) return;
  const bool nested = path.find("!/") != std::string_view::npos;
  if (nested && (!wants_all_nested_ || no_text(extension(base_name(path))))) return;
  for (const std::uint16_t index : all_files_)
    if (!nested || nested_[index]) wanted.add(index);
}

void Matcher::by_attributes(std::uint32_t mode, bool capabilities, bool directory, Wanted& wanted) const {
  const bool loose = (mode & 02) != 0 && !(directory && (mode & 01000) != 0);
  const bool set_id = !directory && (mode & 06000) != 0;
  if (!loose && !set_id && !capabilities) return;
  for (const std::uint16_t index : attributes_) wanted.add(index);
}

void Matcher::by_mode(std::uint32_t mode, bool nested, Wanted& wanted) const {
  if ((mode & 0111) == 0) return;
  for (std::uint16_t index : executables_)
    if (!nested || nested_[index]) wanted.add(index);
}

void Matcher::by_magic(Bytes head, bool nested, Wanted& wanted) const {
  if (head.empty()) return;
  for (const Magic& magic : magics_[head[0]])
    if ((!nested || nested_[magic.analyser]) && as_text(head).starts_with(magic.bytes)) wanted.add(magic.analyser);
}

}  // namespace plimsoll::image
