// Content sets -> the products and update streams whose advisories concern a package.
//
// A Red Hat package carries the content sets of the layer that brought it (property "content-sets"; in Red Hat's SBOMs the
// purl's repository_id). Each is a repository of one or more products, by the database's table (feed redhat_repositories)
// or, for RHEL's and UBI's own, by the name's parts: rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2, ubi-9-...-rpms,
// rhel-7-server-rpms, codeready-builder-for-rhel-9-...
// Threads: one. Errors: those of the index.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/advisory.h"
#include "model/ecosystem.h"
#include "model/package.h"

namespace plimsoll::match {

struct EnabledProducts {
  std::vector<EcosystemRef> products;  // sorted, without doubles; empty: no content set is known, so none narrows
  std::vector<std::string> keys;       // ecosystems to ask: of the products, from exact to wide
  std::vector<std::string> unknown;    // content sets of no product that we know
  bool beside_rhel = false;            // some product is not RHEL itself

  bool has(std::string_view key, std::string_view channel) const;
  // Some stream of that release, the main one or another.
  bool any_stream_of(std::string_view key) const;
};

// The names in a package's content sets, joined by blanks; empty when nothing tells.
std::string_view content_sets_of(const Package& package);
// CPEs of a repository by its name alone; empty when the name is not built as RHEL's own are.
std::vector<std::string> cpes_of_name(std::string_view repository);

class ContentSetTable {
 public:
  explicit ContentSetTable(const AdvisoryIndex& index) : index_(index) {}
  // Valid while the table lives.
  Result<const EnabledProducts*> of(std::string_view names);
  const std::map<std::string, EnabledProducts, std::less<>>& seen() const { return seen_; }

 private:
  const AdvisoryIndex& index_;
  std::map<std::string, EnabledProducts, std::less<>> seen_;
};

}  // namespace plimsoll::match
