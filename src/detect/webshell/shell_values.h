// What words of a shell script hold: constants, request data, and how expansion joins and changes them.
//
// Posture  hostile. Depth of expansion and steps are bounded (kMaxShellDepth, kMaxShellSteps).
// Source   POSIX.1-2017, Shell Command Language, 2.6 Word Expansions; bash reference, Shell Parameter Expansion.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "detect/webshell/rules.h"

namespace plimsoll::detect::web {

inline constexpr std::size_t kMaxShellSteps = 400'000;
inline constexpr int kMaxShellDepth = 24;

struct Data {  // what a word or an output holds
  bool known = true;
  std::string text;      // known: all of it; else the constant it begins with
  bool tainted = false;
  bool head = true;      // request data may begin a command in it
  std::uint8_t origin = 0;
  int layers = 0;
  std::uint32_t line = 0;
  std::string source, way;
};

// Whether a command that ends with this text has what follows begin a command of its own.
bool opens_shell_command(std::string_view text);

// The text with octal and hexadecimal escapes worked out, as printf and echo -e know them.
std::string escapes(std::string_view in);

class ShellValues {
 public:
  explicit ShellValues(const FamilyRules& rules) : rules_(rules) {}
  virtual ~ShellValues() = default;

 protected:
  // The output of a command substitution.
  virtual Data output_of(std::string_view code, std::uint32_t line) = 0;

  static Data constant(std::string text);
  Data request(std::string name, std::uint32_t line, std::uint8_t origin = kRequest) const;
  static Data join(Data a, const Data& b);
  // The same data, its text changed.
  static Data changed(Data d);
  Data variable(const std::string& name, std::uint32_t line);
  void set(const std::string& name, Data value);
  Data expand(std::string_view w, std::uint32_t line, int depth = 0);
  Data expand_quoted(std::string_view w, std::uint32_t line, int depth);
  // "$x", "${x...}", "$(...)", "`...`", "<(...)" at the front of `w`; `used` tells how long it is.
  Data dollar(std::string_view w, std::size_t& used, std::uint32_t line, int depth);
  Data parameter(std::string_view inside, std::uint32_t line, int depth);

  const FamilyRules& rules_;
  std::map<std::string, Data> variables_;
  Data any_;  // tainted when the request says which variables are set
  std::size_t steps_ = 0;
};

}  // namespace plimsoll::detect::web
