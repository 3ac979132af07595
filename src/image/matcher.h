// Which analysers want a file, told from its path, mode and first bytes; cheap for the mass that no one wants.
//
// The analysers' globs are sorted once into tables: whole path, base name, extension, first letters of the base name; what
// fits none is tried one by one behind its literal prefix. Thread-safe once built; each thread brings its own Wanted.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/analyser.h"

namespace plimsoll::image {

// A set of analyser indexes, in the order they were added. Reused from file to file.
class Wanted {
 public:
  explicit Wanted(std::size_t analysers) : seen_(analysers, false) {}
  void clear() {
    for (std::uint16_t index : list_) seen_[index] = false;
    list_.clear();
  }
  void add(std::uint16_t index) {
    if (seen_[index]) return;
    seen_[index] = true;
    list_.push_back(index);
  }
  bool empty() const { return list_.empty(); }
  bool has(std::uint16_t index) const { return seen_[index]; }
  std::span<const std::uint16_t> list() const { return list_; }

 private:
  std::vector<std::uint16_t> list_;
  std::vector<bool> seen_;
};

class Matcher {
 public:
  // Analysers of another scope than `scope` are left out; Scope::Any takes all.
  Matcher(std::span<const Analyser> analysers, Scope scope);

  std::size_t analysers() const { return count_; }
  // Adds those that want `path`; the part after the last "!/" of a nested path counts as a path too.
  void by_path(std::string_view path, Wanted& wanted) const;
  // Adds those that want every file; in an archive (`path` has "!/") not what is no text by its name.
  void by_any(std::string_view path, Wanted& wanted) const;
  void by_mode(std::uint32_t mode, bool nested, Wanted& wanted) const;
  // What is asked for by its bits: setuid, setgid, writable by everybody, capabilities.
  void by_attributes(std::uint32_t mode, bool capabilities, bool directory, Wanted& wanted) const;
  // `head`: the first magic_bytes() of the file, or all of it.
  void by_magic(Bytes head, bool nested, Wanted& wanted) const;
  std::size_t magic_bytes() const { return magic_bytes_; }  // 0: nobody asks for magics
  bool wants_nested() const { return wants_nested_; }
  bool wants_nested_magic() const { return wants_nested_magic_; }

 private:
  enum class Form : std::uint8_t { Path, Base, Suffix, Prefix, Glob };
  struct Pattern {
    std::string glob;
    std::string literal;  // the path, base name, its suffix or prefix, or the literal prefix of a glob
    Form form = Form::Glob;
    bool whole = false;  // the literal says all; no need to run the glob
    std::uint16_t analyser = 0;
    std::string must;  // what every path holds that the glob matches: looked for before the glob is run
  };
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t first = 0, count = 0;  // in patterns_
  };
  void add(const std::string& glob, std::uint16_t analyser);
  void build();
  void look_up(std::uint64_t hash, std::string_view path, std::string_view inner, std::string_view base,
               Wanted& wanted) const;
  bool matches(const Pattern& pattern, std::string_view path, std::string_view inner, std::string_view base) const;

  struct Magic {
    std::string bytes;
    std::uint16_t analyser;
  };
  std::size_t count_ = 0;
  std::vector<Pattern> patterns_;  // those of the table, grouped by hash, then the globs
  std::size_t globs_from_ = 0;
  bool any_prefix_[2] = {false, false};  // of two letters, of three
  std::vector<Slot> table_;
  std::vector<Magic> magics_[256];
  std::vector<std::uint16_t> executables_, all_files_, attributes_;
  std::vector<bool> nested_;
  std::size_t magic_bytes_ = 0;
  bool wants_nested_ = false, wants_nested_magic_ = false, wants_all_nested_ = false;
};

}  // namespace plimsoll::image
