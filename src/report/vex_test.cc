// Documents here are written from the published schemas; names and justifications are ours.
#include "report/vex.h"

#include <algorithm>

#include "report/test_report.h"

namespace plimsoll::report {
namespace {

Report applied(std::string_view text) {
  const auto vex = read_vex(as_bytes(text), "vex.json");
  EXPECT_TRUE(vex) << (vex ? "" : vex.error().message());
  return vex ? with_vex(load_report("shop"), *vex) : Report{};
}
std::string statement(std::string_view id, std::string_view products, std::string_view rest) {
  return cat(R"({"vulnerability":{"name":")", id, R"("},"products":[)", products, R"(],)", rest, "}");
}
Report openvex(std::string_view statements) {
  return applied(cat(R"({"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"us","timestamp":"2026-11-01T00:00:00Z","version":1,"statements":[)", statements, "]}"));
}
constexpr std::string_view kAbsent = R"("status":"not_affected","justification":"vulnerable_code_not_present")";

TEST(vex, openvex_by_package) {
  EXPECT_EQ(left_out(openvex(statement("CVE-2021-44228", R"({"@id":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"})", kAbsent))),
            "CVE-2021-44228 in maven:log4j-core@2.14.1 by vex.json: not_affected: vulnerable_code_not_present\n");
  EXPECT_EQ(left_out(openvex(statement("GHSA-jfh8-c2jp-5v3q", R"({"@id":"x","identifiers":{"purl":"pkg:maven/org.apache.logging.log4j/log4j-core"}})", kAbsent))),
            "CVE-2021-44228 in maven:log4j-core@2.14.1 by vex.json: not_affected: vulnerable_code_not_present\n");
  // Another version, another package: nothing, and that is said.
  EXPECT_EQ(left_out(openvex(statement("CVE-2021-44228", R"({"@id":"pkg:maven/org.apache.logging.log4j/log4j-core@2.13.0"})", kAbsent))), "");
  EXPECT_EQ(notices(openvex(statement("CVE-2021-44228", R"({"@id":"pkg:maven/log4j/log4j"})", kAbsent))),
            "VEX statement unused | vex.json statement 1 | CVE-2021-44228 (not_affected) matches nothing in this report\n");
}

TEST(vex, openvex_by_image_and_subcomponent) {
  const std::string digest = load_report("shop").image.digest;
  const auto hits = [](std::string_view product) { return 21 - openvex(statement("CVE-2021-23337", product, kAbsent)).findings.size(); };
  EXPECT_EQ(hits(cat(R"({"@id":"pkg:oci/shop@)", digest, "\"}")), 2u);
  EXPECT_EQ(hits(cat(R"({"@id":")", digest, R"("})")), 2u);
  EXPECT_EQ(hits(R"({"@id":"pkg:oci/shop?repository_url=registry.example/shop&tag=1.2"})"), 2u);
  EXPECT_EQ(hits(R"({"@id":"pkg:oci/shop?tag=1.3"})"), 0u);
  EXPECT_EQ(hits(R"({"@id":"pkg:oci/other"})"), 0u);
  EXPECT_EQ(hits(R"({"@id":"pkg:oci/shop","subcomponents":[{"@id":"pkg:npm/lodash@3.10.1"}]})"), 1u);
  EXPECT_EQ(hits(R"({"@id":"pkg:oci/shop","subcomponents":[{"@id":"pkg:npm/underscore"}]})"), 0u);
}

TEST(vex, the_latest_statement_wins) {
  const std::string product = R"({"@id":"pkg:npm/lodash"})";
  const std::string absent = statement("CVE-2021-23337", product, cat(kAbsent, R"(,"timestamp":"2026-11-03T00:00:00Z")"));
  const std::string affected = statement("CVE-2021-23337", product, R"("status":"affected","action_statement":"raise it","timestamp":"2026-11-04T00:00:00Z")");
  EXPECT_EQ(openvex(cat(absent, ",", affected)).findings.size(), 21u);
  EXPECT_EQ(openvex(cat(affected, ",", absent)).findings.size(), 21u);
  EXPECT_EQ(openvex(absent).findings.size(), 19u);
}

TEST(vex, affected_and_under_investigation_stay_with_a_word) {
  const Report after = openvex(statement("CVE-2023-45133", R"({"@id":"pkg:npm/%40babel/traverse"})", R"("status":"under_investigation")"));
  EXPECT_EQ(after.findings.size(), 21u);
  const auto found = std::find_if(after.findings.begin(), after.findings.end(), [](const Finding& finding) { return finding.id == "CVE-2023-45133"; });
  ASSERT_NE(found, after.findings.end());
  EXPECT_EQ(found->evidence.back(), std::pair(std::string("vex"), std::string("under_investigation (vex.json)")));
}

TEST(vex, openvex_parts_that_cannot_be_used_are_named) {
  EXPECT_EQ(notices(openvex(R"({"vulnerability":"CVE-1","products":["pkg:npm/a"],"status":"maybe"},{"products":["pkg:npm/a"],"status":"fixed"},{"vulnerability":"CVE-1","status":"fixed"})")),
            "VEX not used | vex.json | statement 1 has no known status\nVEX not used | vex.json | statement 2 names no vulnerability\nVEX not used | vex.json | statement 3 names no product\n");
}

constexpr std::string_view kCsaf = R"({"document":{"category":"csaf_vex","csaf_version":"2.0","tracking":{"current_release_date":"2026-10-01T00:00:00Z"}},
 "product_tree":{"branches":[{"category":"vendor","branches":[
    {"category":"product_version","product":{"product_id":"ssl","product_identification_helper":{"purl":"pkg:deb/debian/openssl"}}},
    {"category":"product_name","product":{"product_id":"os9","product_identification_helper":{"cpe":"cpe:/o:other:os:9"}}},
    {"category":"product_name","product":{"product_id":"image","product_identification_helper":{"purl":"pkg:oci/shop"}}},
    {"category":"product_name","product":{"product_id":"bare"}}]}],
  "relationships":[{"category":"default_component_of","product_reference":"ssl","relates_to_product_reference":"image","full_product_name":{"product_id":"image:ssl"}},
                   {"category":"default_component_of","product_reference":"ssl","relates_to_product_reference":"os9","full_product_name":{"product_id":"os9:ssl"}}]},
 "vulnerabilities":[{"cve":"CVE-2024-5535","flags":[{"label":"component_not_present","product_ids":["image:ssl"]}],"product_status":{"known_not_affected":["image:ssl","bare"]}},
                    {"cve":"CVE-2023-5678","product_status":{"fixed":["os9:ssl"]}},
                    {"cve":"CVE-2024-9143","product_status":{"under_investigation":["ssl"]}}]})";

TEST(vex, csaf) {
  const Report after = applied(kCsaf);
  EXPECT_EQ(left_out(after), "CVE-2024-5535 in deb:libssl3@3.0.11-1~deb12u2 by vex.json: not_affected: component_not_present\n"
                             "CVE-2024-5535 in deb:openssl@3.0.11-1~deb12u2 by vex.json: not_affected: component_not_present\n");
  EXPECT_EQ(notices(after), "VEX statement unused | vex.json statement 2 | CVE-2023-5678 (fixed) matches nothing in this report\n"
                            "VEX not used | vex.json | CVE-2024-5535: 1 products of known_not_affected have no package URL\n");
}

TEST(vex, cyclonedx) {
  const Report after = applied(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"bom-ref":"c1","name":"lodash","purl":"pkg:npm/lodash@4.17.15"}],"vulnerabilities":[
    {"id":"CVE-2021-23337","analysis":{"state":"not_affected","justification":"code_not_reachable","detail":"templates are ours"},"affects":[{"ref":"c1"}]},
    {"id":"CVE-2023-45133","analysis":{"state":"false_positive"},"affects":[{"ref":"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:npm/%2540babel/traverse@7.20.0"}]},
    {"id":"CVE-2021-35042","analysis":{"state":"exploitable"},"affects":[{"ref":"pkg:pypi/django@3.2.5"}]},
    {"id":"CVE-2021-44228","affects":[{"ref":"c1"}]}]})");
  EXPECT_EQ(left_out(after), "CVE-2023-45133 in npm:@babel/traverse@7.20.0 by vex.json: not_affected\n"
                             "CVE-2021-23337 in npm:lodash@4.17.15 by vex.json: not_affected: code_not_reachable: templates are ours\n");
  EXPECT_EQ(after.findings.size(), 19u);
}

void refuses(std::string_view text, std::string_view why) {
  const auto vex = read_vex(as_bytes(text), "vex.json");
  ASSERT_FALSE(vex) << text;
  EXPECT_NE(vex.error().message().find(why), std::string::npos) << vex.error().message();
}

TEST(vex, refuses_what_is_none) {
  refuses("", "vex.json");
  refuses("{}", "neither OpenVEX nor CSAF nor CycloneDX");
  refuses(R"({"bomFormat":"CycloneDX"})", "without vulnerabilities");
  refuses(R"({"bomFormat":"CycloneDX","vulnerabilities":[{"id":"CVE-1"}]})", "none of whose 1 vulnerabilities has an analysis");
  refuses(R"({"document":{"csaf_version":"3.0"}})", "CSAF 3.0; 2.0 is read");
  refuses(R"({"@context":"https://openvex.dev/ns/v0.2.0"})", "OpenVEX without statements");
}

}  // namespace
}  // namespace plimsoll::report
