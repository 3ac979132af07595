#include "scan/detection.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll::scan {
namespace {

// A merged-/usr tree.
class MergedTree : public Tree {
 public:
  bool contains(std::string_view) const override { return true; }
  std::string real_path(std::string_view path) const override { return path == "bin" || path.starts_with("bin/") ? cat("usr/", path) : std::string(path); }
};

const std::vector<LayerInfo> kLayers = {{.diff_id = "sha256:base", .origin = Origin::Base}, {.diff_id = "sha256:own", .origin = Origin::Own}};

Finding finished(FindingClass klass, std::vector<Location> locations, Severity severity = Severity::High) {
  Finding finding{.klass = klass, .severity = severity};
  finding.rule_id = "rule";
  finding.locations = std::move(locations);
  finish_finding(finding, kLayers, MergedTree());
  return finding;
}

TEST(finish_finding, the_key_goes_by_the_real_path_and_not_by_layer_or_line) {
  const Finding a = finished(FindingClass::Malware, {{"bin/x", "sha256:base", 1}});
  EXPECT_EQ(a.key, finished(FindingClass::Malware, {{"usr/bin/x", "sha256:own", 7}}).key);
  EXPECT_NE(a.key, finished(FindingClass::Malware, {{"usr/bin/y", "sha256:own", 7}}).key);
  EXPECT_EQ(finished(FindingClass::Malware, {{"bin/a.zip!/x", "", 0}}).key, finished(FindingClass::Malware, {{"usr/bin/a.zip!/x", "", 0}}).key);
  EXPECT_EQ(a.id, "rule");
  // Also where the engine made the key, from the path as it read it.
  Finding early{.klass = FindingClass::Malware, .severity = Severity::High};
  early.id = early.rule_id = "rule";
  early.locations = {{"bin/x", "", 0}};
  early.key = finding_key(FindingClass::Malware, "rule", "bin/x");
  finish_finding(early, kLayers, MergedTree());
  EXPECT_EQ(early.key, a.key);
}

TEST(finish_finding, origin) {
  EXPECT_EQ(finished(FindingClass::Secret, {{"a", "sha256:base", 0}}).origin, Origin::Base);
  EXPECT_EQ(finished(FindingClass::Secret, {{"a", "sha256:base", 0}, {"b", "sha256:own", 0}}).origin, Origin::Own);
  EXPECT_EQ(finished(FindingClass::Secret, {{"a", "", 0}}).origin, Origin::Unknown);
  EXPECT_EQ(finished(FindingClass::Configuration, {}).origin, Origin::Unknown);
}

TEST(finish_finding, risk_by_class) {
  const auto risk = [](FindingClass klass, Severity severity) { return finished(klass, {{"a", "", 0}}, severity).risk_0_100; };
  EXPECT_GT(risk(FindingClass::Malware, Severity::High), risk(FindingClass::Secret, Severity::High));
  EXPECT_GT(risk(FindingClass::Secret, Severity::High), risk(FindingClass::Configuration, Severity::High));
  EXPECT_GT(risk(FindingClass::Configuration, Severity::High), risk(FindingClass::Configuration, Severity::Low));
  EXPECT_EQ(risk(FindingClass::Webshell, Severity::Critical), 95.0);
}

TEST(detection, engines_by_class_and_rules_by_engine) {
  Request request;
  request.parts = {Part::Configuration};
  request.fingerprint_key = "k";
  const auto one = Detection::load(request, Scope::Image);
  ASSERT_TRUE(one) << one.error().message();
  ASSERT_EQ(one->analysers().size(), 1u);
  EXPECT_EQ(one->analysers()[0].name, "configuration");
  request.rules = {{"own.yaml", "engine: configuration\nrules: []\n"}};
  const auto more = Detection::load(request, Scope::Image);
  ASSERT_TRUE(more);
  EXPECT_NE(one->cache_digest(), more->cache_digest());
  EXPECT_NE(one->rules()->digest, more->rules()->digest);
  request.rules = {{"own.txt", "?"}};
  EXPECT_FALSE(Detection::load(request, Scope::Image));
}

}  // namespace
}  // namespace plimsoll::scan
