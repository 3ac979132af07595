// What can be executed in an image: one fact a file, hashed once for everybody who asks.
//
//   Analyser analyser = executables(VerifyFiles::Executables);    // for the walk
//   for (const FileFacts& file : walked.squashed(i).files)
//     if (const auto found = read_executable_facts(*file.facts)) use(file.path, *found);
//
// Executable   ELF (programs, shared objects, kernel modules), PE and Mach-O files, scripts with a shebang, and what an
//              interpreter is given whole: jar, war, ear, pyz and phar archives, __main__.py. By leading bytes and name,
//              not by the execute bit: a library has none, and `sh script` needs none.
// Digests      SHA-256 and the fs-verity digest (what a kernel measures by itself) always; MD5 and SHA-1, which package
//              databases state, not under usr/local, home, root, srv, app and tmp, where no package installs.
// Cost         one pass, O(bytes), all digests side by side (base/digests.h). Threads: pure.
// Source       fs-verity: Linux Documentation/filesystems/fsverity.rst (Merkle tree of 4 KiB blocks, SHA-256, no salt).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/analyser.h"

namespace plimsoll::profile {

enum class FileKind : std::uint8_t {
  Program,        // ELF with an entry, PE, Mach-O
  SharedObject,   // ELF library or module
  Script,         // "#!"
  EntryPoint,     // given to an interpreter whole
  Plain,          // nothing of these: hashed for its package's sake alone, never part of a profile
};
std::string_view to_string(FileKind kind);
std::optional<FileKind> file_kind_from(std::string_view text);

struct ExecutableFacts {
  FileKind kind = FileKind::Plain;
  std::uint32_t mode = 0;
  std::uint64_t size_bytes = 0;
  std::string sha256, verity;  // raw, 32 bytes; verity empty for Plain
  std::string md5, sha1;       // raw; empty where no package installs
  std::string build_id;        // raw; ELF's GNU build id
  std::string interpreter;     // of a script: "/usr/bin/env python3"; of a program: its loader
  std::string capabilities;    // the attribute, raw
};

// Which files are hashed, so that they can be held against their package (docs/profile.md).
enum class VerifyFiles : std::uint8_t { None, Executables, All };

Analyser executables(VerifyFiles files);
// What executables() said of a file; nullopt when it said nothing that can be read.
std::optional<ExecutableFacts> read_executable_facts(const Facts& facts);
std::string write_executable_facts(const ExecutableFacts& facts);
// By leading bytes and name.
FileKind kind_of(std::string_view path, Bytes content);
// ELF's GNU build id, raw; empty when it has none.
std::string build_id(Bytes content);
// The digest that FS_IOC_MEASURE_VERITY gives for a file of this content (SHA-256, 4 KiB blocks, no salt). 32 bytes.
std::string fs_verity_digest(Bytes content);

}  // namespace plimsoll::profile
