// Shell scripts that a web server runs (CGI): request variables and the request body followed to eval, `sh -c`, a
// command's own name, sourced files and written files.
//
// A small reader of POSIX shell with bash's arrays, here-strings and indirection: words are expanded to constants or to
// the request data they hold, pipelines hand their output on, functions of the file are entered. Standard input is
// request data only in a script that answers as CGI does.
//
// Posture  hostile. Steps, depth and sizes are bounded; `exhausted` tells.
// Source   POSIX.1-2017 Shell Command Language; bash(1) EXPANSION; RFC 3875 (CGI) §4.1.
#pragma once
#include <string_view>
#include <vector>

#include "detect/webshell/rules.h"
#include "detect/webshell/value.h"

namespace plimsoll::detect::web {

struct ShellResult {
  std::vector<Report> reports;
  bool exhausted = false;
};
ShellResult read_shell(const FamilyRules& rules, std::string_view text);

}  // namespace plimsoll::detect::web
