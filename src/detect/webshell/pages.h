// From a file to programs: which family it belongs to, and the code between the markup.
//
// Posture  hostile. One pass, O(file).
// Source   PHP manual "Escaping from HTML"; JSP 3.1 ch. JSP.1; ASP.NET "Page syntax"; [MS-VBSL].
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/webshell/rules.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {

// By the path's ending, else by the shebang, else by a picture's head with "<?php" behind. nullopt: no script of ours.
std::optional<Family> family_of(std::string_view path, std::string_view text);
// The globs of the paths that family_of knows, for an analyser.
std::vector<std::string> script_paths();

struct Page {
  std::vector<Tokens> programs;       // one per language; tokens look into the text given to read_page
  std::vector<std::string> controls;  // server-side input controls of ASP.NET: their values are request data
  std::vector<std::pair<std::string, std::string>> objects;  // <object runat=server>: id and program id
};
Page read_page(Family family, std::string_view text);

// PHP alone: `in_code` tells that the text begins in code.
void read_php(std::string_view text, std::uint32_t line, bool in_code, Tokens& out);

}  // namespace plimsoll::detect::web
