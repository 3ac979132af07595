// What each family of languages calls its sources, sinks, cleaners and text functions: data (rules/webshell/*.yaml).
//
//   engine: webshell                        # optional: whose rules these are, where a file is named by itself
//   family: php
//   ignore_case: true                       # names of functions
//   gate: [["'express'", createServer]]     # a file without one of every list is none of ours; 'a&&b' is there when both are
//   reach: {sources: [...], sinks: [...], by_name: [...], hidden: [...], cgi: [...]}
//                                         # beside the rules' own names: words (or other parts of a text) that let data in,
//                                         # that act, that call what a text names, that decode, that read a CGI's input (reach.h)
//   sources:
//     - {names: ['$_GET', '$_POST'], what: request}   # `with: text`: only in a file that holds the text
//   sinks:
//     - {names: [eval], kind: evaluation, args: [0], why: "...", match: ['<?php ...'], no_match: ['<?php ...']}   # Example
//     - {names: [fwrite], kind: write, path: 0, content: 1}
//   cleaners:
//     - {names: [escapeshellarg], for: [process]}
//   guards: [in_array]                      # asked in a condition they bound what the variable can be
//   functions:
//     - {names: [base64_decode], does: base64_decode}
//     - {names: [call_user_func], does: invoke, args: [0], from: 1}
//   handlers:
//     - {names: ['*.createServer'], params: [req, res]}
//   modules: [os, subprocess]               # to choose any member of these is to choose what is run
//   fix: "..."                              # optional
//
// A name is what an expression is called after aliases are resolved: "subprocess.check_output",
// "Runtime.getRuntime().exec", "req.query", "Request()" (a call's result), "Request[]" (an element). `*` stands for
// anything; it may not be in the last member, except at its start. Args count from 0; -1 is the receiver.
// A user's file of the same form adds to the shipped ones of its family.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"
#include "detect/webshell/reach.h"

namespace plimsoll::detect::web {

enum class Family : std::uint8_t { Php, Jsp, Asp, Aspx, Python, Perl, Node, Shell };
inline constexpr std::size_t kFamilies = 8;
std::string_view to_string(Family family);

enum class SinkKind : std::uint8_t { Evaluation, Process, Include, Write, Indirect, Deserialise, Template };
std::string_view to_string(SinkKind kind);
inline constexpr std::uint8_t bit(SinkKind kind) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind)); }
inline constexpr std::uint8_t kAllSinks = 0x7f;

// Texts found by a view of them whose hash is worked out once.
struct HashedView {
  explicit HashedView(std::string_view t) : text(t), hash(std::hash<std::string_view>()(t)) {}
  std::string_view text;
  std::size_t hash;
};
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view t) const { return std::hash<std::string_view>()(t); }
  std::size_t operator()(const HashedView& v) const { return v.hash; }
};
struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  bool operator()(const HashedView& a, std::string_view b) const { return a.text == b; }
  bool operator()(std::string_view a, const HashedView& b) const { return a == b.text; }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, TextEqual>;

// Where data comes from; a set.
enum Origin : std::uint8_t { kRequest = 1, kNetwork = 2, kHidden = 4, kDecoded = 8, kUpload = 16 };

// What a function does with its arguments (fold.cc and apply.cc say how).
enum class Does : std::uint8_t {
  Nothing, Pass, Same, Number, Base64Decode, HexDecode, UrlDecode, Rot13, Reverse, Chr, Ord, Lower, Upper, Concat, Join, Split, Replace, Translate,
  Substr, Format, Inflate, Codes, Array, Map, Length, Pack, Trim,
  Open, Store, Load, Append, Push, Fill, Define, Extract, Invoke, Module, Member, Self, Construct, Unserialise, Content, Promise, Uuencode, Codec, Entries, Duplicate, BaseConvert, Range, Methodcaller, Keys, First, Last, Flip, Merge, Slice,
};

struct Rule {
  std::string pattern;
  enum class Use : std::uint8_t { Source, Sink, Cleaner, Guard, Function, Handler } use = Use::Source;
  std::uint8_t origin = 0;  // Source
  std::string with;         // Source: only in a file that holds this text
  SinkKind kind = SinkKind::Evaluation;
  std::vector<int> args;    // the arguments that matter; empty: all
  int path = -2, content = -2, from = 1, into = -2;
  bool assign = false;      // a sink that is assigned to
  bool shell = false;       // the text goes to a shell even when it is one argument of several
  bool direct = false;      // a program and its arguments, without a shell
  bool unpacks = false;     // a sink that writes the files of an archive
  bool connects = false;    // a function that opens a connection to another machine
  bool spread = false;      // the callable's arguments are the elements of an array
  std::uint8_t cleans = 0;
  Does does = Does::Nothing;
  std::vector<std::string> params;  // Handler: names of the parameters; "*" is request data itself
};

// What the languages do by themselves, for Reach.
struct ReachLists {
  std::vector<std::string> sources, sinks, by_name, hidden, cgi;
};

// What a sink's rule must find and must not find: whole files of the family. A middle dot in them stands for nothing; it
// keeps the files of rules from being samples themselves.
struct Example {
  std::string rule;  // "sinks entry 3 (create_function)"
  SinkKind kind = SinkKind::Evaluation;
  std::vector<std::string> match, no_match;
};
struct RefusedRule {
  std::string rule, why;
};

struct FamilyRules {
  bool ignore_case = false;
  bool text_calls = false;  // a text is called as a function: PHP, Perl
  bool members_have_dots = false;  // no `{exec} = ...` and no `{ FileName = x }`
  bool qualifies = false;          // classes have packages
  bool marks = false;              // Reach may mark tokens
  ReachLists reach;
  Reach may;
  std::vector<std::vector<std::string>> gate;
  std::vector<std::string> modules;
  std::string fix;
  std::vector<Rule> rules;
  std::vector<Example> examples;
  TextMap<std::vector<std::uint32_t>> by_member;  // last member -> rules

  // The rule of that use that `name` answers to, the one with the longest pattern; null when there is none.
  const Rule* find(std::string_view name, Rule::Use use) const;
  bool dangerous_module(std::string_view name) const;
};

class RuleSet {
 public:
  // Adds one file. Errors: Malformed with the file's name and what is wrong.
  // With `refused` an entry that is wrong is put there and the others are taken all the same.
  Status add(std::string_view name, std::string_view yaml, const Limits& limits, std::vector<RefusedRule>* refused = nullptr);
  // Which family the file that was added last is of.
  Family last() const { return last_; }
  const FamilyRules& of(Family family) const { return families_[static_cast<std::size_t>(family)]; }
  std::size_t count() const { return count_; }

 private:
  Status add_entry(FamilyRules& family, Rule::Use use, JsonValue entry, std::string_view where);
  std::array<FamilyRules, kFamilies> families_;
  std::size_t count_ = 0;
  Family last_ = Family::Php;
};

// `*` only, the whole text; ASCII case folded when asked.
bool wildcard_match(std::string_view pattern, std::string_view text, bool ignore_case);

}  // namespace plimsoll::detect::web
