// Classifier rules: programs that no package database knows, told by their own bytes (rules/classifiers/*.yaml).
//
// A rule is one product:
//
//   - product: nginx
//     files: ["nginx", "nginx-*"]           # globs on the base name
//     versions: ["nginx/{version}\\0"]       # tried in order; byte_pattern.h has the language
//     go: ["github.com/x/y"]                # or the main modules of a Go program, whose version the linker wrote
//     purl: pkg:generic/nginx               # the version is added
//     cpe: ["f5:nginx"]                     # vendor:product; cpe:2.3:a:f5:nginx:VERSION:*... is written
//     match:                                # a test runs these
//       - {file: nginx, bytes: "nginx/1.25.3\\0", version: 1.25.3}
//     no_match:
//       - {file: nginx, bytes: "nginx/unknown"}
//
// `bytes` has the escapes of byte_pattern.h; in a rule with `go` and no `versions` it is "MODULE VERSION", of which the
// test makes a Go program. A file is asked rule by rule; the first version found is the answer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "inventory/byte_pattern.h"
#include "inventory/cataloguer.h"
#include "model/purl.h"

namespace plimsoll::inventory {

struct ClassifierExample {
  std::string file, bytes, version;  // version empty: it must not match
};

struct Classifier {
  std::string product;
  std::vector<std::string> files;
  std::vector<BytePattern> versions;
  std::vector<std::string> go_modules;
  Purl purl;                      // without version
  std::vector<std::string> cpes;  // "vendor:product"
  std::vector<ClassifierExample> match, no_match;
  std::uint64_t fingerprint = 0;  // of the rule's text: part of the cataloguer's version, so of the facts cache's key
};

// Errors: Malformed, with the file's name, the product and what is wrong.
Result<std::vector<Classifier>> read_classifiers(std::string_view name, std::string_view yaml, const Limits& limits = {});
// Those that are part of the program. A damaged rule there is a bug: a test loads them.
const std::vector<Classifier>& shipped_classifiers();
// The cataloguer "classifier" over these rules.
Cataloguer classifier_of(std::vector<Classifier> rules);
// Shipped rules and those of a folder's *.yaml; a folder's product replaces the shipped one of that name.
Result<Cataloguer> classifier_with(const std::string& folder);

}  // namespace plimsoll::inventory
