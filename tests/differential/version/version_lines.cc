// version_lines compare|match SCHEME: answers each line of stdin as `plimsoll version compare|match SCHEME -` does.
// For the differential tests, which need the library alone.
#include <cstdio>
#include <iostream>
#include <string>

#include "version/line_protocol.h"

int main(int argc, char** argv) {
  using namespace plimsoll::version;
  const std::string verb = argc == 3 ? argv[1] : "";
  const Scheme* scheme = argc == 3 ? find_scheme(argv[2]) : nullptr;
  if ((verb != "compare" && verb != "match") || !scheme) {
    std::fprintf(stderr, "version_lines compare|match SCHEME < LINES\n");
    return 2;
  }
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << (verb == "compare" ? compare_line(*scheme, line) : match_line(*scheme, line)).text << '\n';
  return 0;
}
