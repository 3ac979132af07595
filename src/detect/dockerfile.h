// A reader of Dockerfiles: instructions with their lines, continuations joined, heredocs set aside, variables expanded.
//
//   PLIM_TRY(const auto instructions, read_dockerfile(text, limits));
//   for (const DockerInstruction& i : instructions) use(i.keyword, i.text, i.line, i.stage);
//
// Knows  the directives syntax and escape; comments, also between continued lines; heredocs of RUN, COPY and ADD; ARG
//        before the first FROM and in stages, ENV; $V, ${V}, ${V:-word}, ${V:+word}. RUN, CMD, ENTRYPOINT, HEALTHCHECK
//        and SHELL are not expanded: their shell does that. A variable that has no value here stays as it is written, and
//        the instruction says `unresolved`.
// Errors Malformed: a file that is no Dockerfile (first word of a line no instruction), a heredoc without its end;
//        Limit: more than limits.records instructions.
// Source Docker's Dockerfile reference; BuildKit's heredoc syntax.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::detect {

struct DockerInstruction {
  std::string keyword;             // upper case: "FROM"
  std::string text;                // arguments without flags, expanded
  std::vector<std::string> flags;  // "--from=build"
  std::vector<std::string> words;  // of `text`; a JSON list is taken apart
  std::vector<std::string> heredocs;  // bodies
  std::uint32_t line = 0;          // 1-based, where it begins
  std::uint32_t stage = 0;         // 0 before the first FROM, then 1...
  bool unresolved = false;         // a variable has no value
};

Result<std::vector<DockerInstruction>> read_dockerfile(std::string_view text, const Limits& limits);

// The parts of an image name: "registry:5000/a/b:1.2@sha256:..." ; absent parts empty.
struct ImageName {
  std::string repository, tag, digest;
};
ImageName split_image_name(std::string_view name);

}  // namespace plimsoll::detect
