// The version resource of a Windows program or library (also of .NET assemblies on any system).
//
//   PLIM_TRY(const PeVersion version, read_pe_version(file));
//   use(version.text("ProductVersion"));
//
// Only the headers and the resource section are touched. Every offset is checked; names and values longer than
// kMaxPeVersionText are cut. Source: Microsoft "PE Format" (the .rsrc section), VS_VERSIONINFO and its children;
// ECMA-335 II.25 for what makes a PE file a .NET assembly.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::format {

inline constexpr std::size_t kMaxPeVersionText = 512;

struct PeVersion {
  bool damaged = false;  // there is a version resource, and it could not be read whole
  bool managed = false;  // has a CLI header: a .NET assembly
  std::vector<std::pair<std::string, std::string>>
      texts;                                          // "ProductVersion", "FileVersion"...; empty without a resource
  std::string_view text(std::string_view key) const;  // trimmed; empty when absent
};
// Errors: Malformed (not a PE file), Unsupported (an MZ program of another kind).
Result<PeVersion> read_pe_version(Bytes file);

}  // namespace plimsoll::format
