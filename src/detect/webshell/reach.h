// Whether a file can be reported at all, decided in one pass over its bytes, before a token is read.
//
// A report needs data from outside and something that acts on it, and both have names: the interpreter knows them by the
// rules. So the words of the rules' names are looked for (whole words, in code, strings and comments alike, all of them in
// one pass); a file that lacks a word of every source, or of every sink, says nothing. What may stand in for a name that is
// not written out counts as well:
//   - a sink may be reached through a function that calls what a text names (does: module, member, invoke...), or through a
//     call of a variable: then any sink is there;
//   - a source may be replaced by code hidden in a constant: then a decoding function (does: base64_decode...) is there,
//     and something that evaluates;
//   - what the languages do by themselves is listed by each family under `reach` (rules.h).
//
// Pure; immutable after build. Cost: one multiplication a byte of a word; O(text). Words beyond ASCII end at the byte.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect::web {

struct FamilyRules;
struct Tokens;

class Reach {
 public:
  void build(const FamilyRules& family);
  bool may_report(std::string_view text) const;
  bool passes_gate(std::string_view text) const;  // FamilyRules::gate alone
  // The same of a program's tokens: comments and prose are gone, and a member has its dot.
  // Into `marks`, unless null: how many tokens before each one name a source, a sink or what stands in for them. A function
  // between two equal counts has nothing to say of itself; it is read only where something calls it. Left empty for the
  // languages in which such names need no word of their own.
  bool may_report(const Tokens& tokens, std::string_view text, std::vector<std::uint32_t>* marks = nullptr) const;

 private:
  // What must be there: a word, by itself (Name), behind a dot (Member) or either way (Any), or a part of the text: Ending
  // where a name ends with it, Part anywhere.
  struct Wanted {
    enum class As : std::uint8_t { Name, Member, Any, Ending, Part } as = As::Any;
    std::uint16_t id = 0;
    bool renamed = false;  // handlers call their parameters as they like: (q, s) => ... is req and res
  };
  // All of them. `pair`: the last two stand next to each other ("request.args"), unless the first of them may have got
  // another name.
  struct Need : std::vector<Wanted> {
    std::uint16_t pair = 0;
    bool called = false;  // the last is called
  };
  struct Pair {
    Wanted of;
    std::uint16_t member = 0;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::uint16_t word = 0;  // 0: free
  };
  class Scan;

  bool decide(Scan& scan, std::string_view text, bool decorated) const;
  std::uint16_t find(std::uint32_t hash, std::string_view word) const;
  std::uint16_t id_of(std::string_view word);
  std::uint16_t part_of(std::string_view text);
  Need need_of(std::string_view pattern, bool members);
  Need listed(std::string_view entry);
  Need words_of(std::string_view part);

  bool fold_ = false;
  bool brackets_ = false;    // decorators stand in brackets
  bool text_calls_ = false;  // $f(...) calls what the variable holds
  std::vector<std::string> words_{""};
  std::vector<std::string> parts_;
  std::vector<Slot> slots_;
  std::vector<Need> sources_, sinks_, evaluations_, by_name_, hidden_, cgi_;
  std::vector<Pair> pairs_{1};
  std::vector<std::string> renamed_;        // what the rules call the parameters of handlers
  std::vector<std::uint16_t> handlers_;     // members that take a handler: "get", "createServer"
  std::vector<std::vector<Need>> gate_;     // one of each list
  std::vector<std::uint8_t> acting_;        // by word: one of a sink, of what calls by name, of a handler, of a source that has no pair
  bool marks_ = false;
  std::vector<std::uint16_t> constants_;   // words that ask for nothing when a constant follows: require('fs')
  std::vector<std::uint16_t> decorators_;  // words that count only in a decorator: "@x.get(", "[WebMethod"
};

// A CGI program says what it answers with: its standard input is the request.
bool answers_as_cgi(std::string_view text);

}  // namespace plimsoll::detect::web
