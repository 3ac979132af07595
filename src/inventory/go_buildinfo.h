// What the Go linker writes about a program into it.
//
// Source  Go: debug/buildinfo/buildinfo.go (the blob, before and since 1.18), runtime/debug/mod.go (its text).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/executable.h"

namespace plimsoll::inventory {

struct GoModule {
  std::string path, version, sum;  // sum: "h1:..."
  std::string replaces;            // "path@version" that it stands for; empty when it is itself
};

struct GoBuildInfo {
  std::string toolchain;  // "go1.21.5 X:boringcrypto"
  std::string program;    // import path of package main
  GoModule main;          // path empty when the program was built without modules
  std::vector<GoModule> dependencies;
  std::string flags_version;        // what -ldflags -X wrote into a variable named after a version, "v1.2.3"
  std::string revision, time;       // vcs.revision, vcs.time
  bool modules_damaged = false;     // there is a list of modules that cannot be read
};

// NotFound: no Go program (or one stripped of it). Malformed: build information that cannot be read.
// Cost: one section; a program without section table: at most 1 MiB of its writable data.
Result<GoBuildInfo> read_go_buildinfo(const format::Executable& program);

// The release a main module was built from: its own version, else the linker flag's; empty for "(devel)" and
// "v0.0.0-..." without one, which say nothing of the release.
std::string go_main_version(const GoBuildInfo& info);

}  // namespace plimsoll::inventory
