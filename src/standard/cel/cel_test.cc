#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/text.h"
#include "standard/cel/evaluator.h"
#include "standard/cel/program.h"
#include "standard/example.h"

namespace plimsoll::standard::cel {
namespace {

using testing::HasSubstr;

std::string answer(const std::string& text, std::uint64_t limit = kMaxCost) {
  const auto root = parse(text);
  if (!root) return cat("refused: ", root.error().message());
  if (const auto type = check(**root, Environment{}); !type) return cat("refused: ", type.error().message());
  const Run::Variables none = [](const std::string&) { return Value::error("no variables"); };
  Run run(none, limit);
  const Value value = run.evaluate(**root);
  return value.is_error() ? cat("fails: ", value.as<Failure>()->why) : debug_text(value);
}

TEST(cel, values) {
  EXPECT_EQ(answer("1 + 2 * 3"), "7");
  EXPECT_EQ(answer("-9223372036854775808"), "-9223372036854775808");
  EXPECT_THAT(answer("9223372036854775807 + 1"), HasSubstr("overflows"));
  EXPECT_THAT(answer("1 / 0"), HasSubstr("zero"));
  EXPECT_EQ(answer("'a' + \"b\" == 'ab'"), "true");
  EXPECT_EQ(answer("size('h\xC3\xA9llo')"), "5");
  EXPECT_EQ(answer("[3, 1, 2].filter(v, v > 1).map(v, v * 2)"), "[6,4]");
  EXPECT_EQ(answer("{'a': 1}.a + {'b': 2}['b']"), "3");
  EXPECT_EQ(answer("timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-01T00:00:00Z') == duration('696h')"), "true");
  EXPECT_EQ(answer("'abc'.matches('^a.c$')"), "true");
}

TEST(cel, what_kubernetes_adds) {
  EXPECT_EQ(answer("[3, 1, 2].min() + [3, 1, 2].max() * 10 + [3, 1, 2].sum() * 100"), "631");
  EXPECT_EQ(answer("[1, 2, 2].isSorted() && !['b', 'a'].isSorted() && [].isSorted()"), "true");
  EXPECT_EQ(answer("[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1) + [1].indexOf(7)"), "1");
  EXPECT_EQ(answer("'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'a1b2'.findAll('[0-9]', 1) == ['1']"), "true");
  EXPECT_EQ(answer("[duration('1h'), duration('30m')].sum() == duration('90m')"), "true");
  EXPECT_THAT(answer("[9223372036854775807, 1].sum()"), HasSubstr("overflows"));
  EXPECT_THAT(answer("[].map(x, 1).min()"), HasSubstr("empty"));
  EXPECT_THAT(answer("'x'.findAll('[')"), HasSubstr("cannot be read"));
}

TEST(cel, addresses_and_networks) {
  EXPECT_EQ(answer("ip('2001:db8:0:0:1:0:0:1')"), "net.IP(2001:db8::1:0:0:1)");
  EXPECT_EQ(answer("ip('10.0.0.1').family() + ip('::1').family()"), "10");
  EXPECT_EQ(answer("ip('127.0.0.1').isLoopback() && !ip('10.0.0.1').isLoopback() && ip('fe80::1').isLinkLocalUnicast()"), "true");
  EXPECT_EQ(answer("['010.0.0.1', '::ffff:1.2.3.4', 'fe80::1%eth0', '1.2.3'].exists(a, isIP(a))"), "false");
  EXPECT_EQ(answer("cidr('10.0.0.0/8').containsIP('10.255.0.1') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))"), "true");
  EXPECT_EQ(answer("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')"), "true");
  EXPECT_EQ(answer("cidr('10.1.2.3/9').masked()"), "net.CIDR(10.0.0.0/9)");
  EXPECT_THAT(answer("cidr('10.0.0.0/33')"), HasSubstr("not a network"));
  EXPECT_THAT(answer("ip('x')"), HasSubstr("not an IP address"));
  EXPECT_THAT(answer("ip('::1').octets"), HasSubstr("refused"));
}

TEST(cel, urls) {
  EXPECT_EQ(answer("[url('https://u@Host:80/a%2Fb?x=1&x=%202#f')].map(u, [u.getScheme(), u.getHost(), u.getHostname(), u.getPort(), u.getEscapedPath()])[0]"), R"(["https","Host:80","Host","80","/a%2Fb"])");
  EXPECT_EQ(answer("url('/p?x=1&x=+2&y').getQuery()"), R"({"x":["1"," 2"],"y":[""]})");
  EXPECT_EQ(answer("['relative', 'https://h:x/', 'https://[::1/', 'https://h/%zz', ''].exists(u, isURL(u))"), "false");
}

TEST(cel, quantities) {
  EXPECT_EQ(answer("quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('1000m') == quantity('1') && quantity('2Ki').asInteger() == 2048"), "true");
  EXPECT_EQ(answer("quantity('100m').isInteger() || isQuantity('1x')"), "false");
  EXPECT_EQ(answer("sign(quantity('-1')) + quantity('1k').add(5).asInteger()"), "1004");
  EXPECT_THAT(answer("quantity('1e300')"), HasSubstr("too large"));
  EXPECT_THAT(answer("quantity('100m').asInteger()"), HasSubstr("no whole number"));
}

TEST(cel, semantic_versions) {
  EXPECT_EQ(answer("semver('1.0.0-rc.2').isLessThan(semver('1.0.0-rc.11')) && semver('1.0.0').isGreaterThan(semver('1.0.0-rc.2'))"), "true");
  EXPECT_EQ(answer("semver('1.2.3+a') == semver('1.2.3+b') && semver('v1.02', true) == semver('1.2.0')"), "true");
  EXPECT_EQ(answer("['1.2', 'v1.2.3', '1.02.3', '1.2.3-', '1.2.3-rc.01', '1.2.3+a..b'].exists(v, isSemver(v))"), "false");
  EXPECT_EQ(answer("[semver('1.20.3')].map(v, [v.major(), v.minor(), v.patch()])[0]"), "[1,20,3]");
  EXPECT_THAT(answer("semver('1.2')"), HasSubstr("not a semantic version"));
  EXPECT_THAT(answer("semver('18446744073709551615.0.0').major()"), HasSubstr("overflows"));
  EXPECT_THAT(answer("semver('1.0.0').compareTo(quantity('1'))"), HasSubstr("does not go with"));
}

TEST(cel, what_kubernetes_adds_costs_by_length) {
  std::string text(4000, 'x');
  EXPECT_EQ(answer("format.named('labelValue').value().validate('-').value()[0].startsWith('not letters')"), "true");
  EXPECT_EQ(answer("[format.uuid().validate('x').hasValue(), format.date().validate('2024-02-29').hasValue(), format.named('no').hasValue()]"), "[true,false,false]");
  EXPECT_THAT(answer(cat("format.dns1123Label().validate('", text, "')"), 100), HasSubstr("costs more"));
  for (const std::string_view function : {"isURL", "isIP", "isCIDR", "isQuantity", "isSemver"}) EXPECT_THAT(answer(cat(function, "('", text, "')"), 100), HasSubstr("costs more")) << function;
}

TEST(cel, values_that_may_not_be_there) {
  EXPECT_EQ(answer("{'a': {'b': 2}}.?a.b.orValue(0) + {'a': {'b': 2}}.?x.b.orValue(40)"), "42");
  EXPECT_EQ(answer("optional.of(1).orValue(1 / 0)"), "1");
  EXPECT_EQ(answer("[1, 2][?5].hasValue() || {'k': 'v'}[?'k'].optMap(v, v + '!').value() != 'v!'"), "false");
  EXPECT_EQ(answer("[?optional.of(1), ?optional.none(), ?{'a': 3}.?a, 4]"), "[1,3,4]");
  EXPECT_EQ(answer("{?'a': optional.of(1), ?'b': optional.none(), 'c': 3}"), R"({"a":1,"c":3})");
  EXPECT_THAT(answer("[?1]"), HasSubstr("needs an optional value"));
  EXPECT_THAT(answer("[?dyn(1)]"), HasSubstr("no optional value"));
  EXPECT_THAT(answer("optional.none().value()"), HasSubstr("not there"));
  EXPECT_THAT(answer("has({'a': 1}.?a)"), HasSubstr("refused"));
  EXPECT_THAT(answer("1.optMap(x, x)"), HasSubstr("no optional value"));
  EXPECT_EQ(answer("sets.contains([1, 2, 3], [3, 1]) && !sets.intersects([1], [2]) && sets.equivalent([1, 1], [1])"), "true");
  EXPECT_THAT(answer("sets.contains([1, 2, 3].map(x, x), [1, 2, 3])", 12), HasSubstr("costs more"));
}

TEST(cel, macros_of_two_variables) {
  EXPECT_EQ(answer("[5, 6].all(i, v, v == i + 5) && {'a': 1}.exists(k, v, k == 'a' && v == 1) && [1, 1].existsOne(i, v, i == v)"), "true");
  EXPECT_EQ(answer("[5, 6].transformList(i, v, i * v) + [5, 6, 7].transformList(i, v, i != 1, v)"), "[0,6,5,7]");
  EXPECT_EQ(answer("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)"), R"({"b":20})");
  EXPECT_EQ(answer("{'a': 'x', 'b': 'y'}.transformMapEntry(k, v, {v: k})"), R"({"x":"a","y":"b"})");
  EXPECT_THAT(answer("[1, 1].transformMapEntry(i, v, {v: i})"), HasSubstr("twice"));
  EXPECT_THAT(answer("[1].transformMapEntry(i, v, v)"), HasSubstr("needs a map"));
  EXPECT_THAT(answer("[1].all(i, i, true)"), HasSubstr("one name"));
  EXPECT_THAT(answer("[1].all(1, v, true)"), HasSubstr("plain variables"));
  EXPECT_THAT(answer("[1, 2, 3, 4].all(i, v, [1, 2, 3, 4].all(j, w, [1, 2, 3, 4].all(k, x, i + j + k + v + w + x > 0)))", 100), HasSubstr("costs more"));
}

TEST(cel, logic_absorbs_failures) {
  EXPECT_EQ(answer("1 / 0 > 1 || true"), "true");
  EXPECT_EQ(answer("1 / 0 > 1 && false"), "false");
  EXPECT_THAT(answer("1 / 0 > 1 || false"), HasSubstr("zero"));
  EXPECT_EQ(answer("[0, 1].exists(v, 4 / v > 1)"), "true");
}

TEST(cel, types_are_checked_first) {
  EXPECT_THAT(answer("1 + 'a'"), HasSubstr("does not go with (int, string)"));
  EXPECT_THAT(answer("1 == 1.0"), HasSubstr("refused"));
  EXPECT_THAT(answer("'a'.startWith('b')"), HasSubstr("did you mean \"startsWith\"?"));
  EXPECT_THAT(answer("true ? 1 : 'a'"), HasSubstr("one type"));
  EXPECT_THAT(answer("[1].all(v, v)"), HasSubstr("true or false"));
  EXPECT_THAT(answer("1 +"), HasSubstr("ends too early"));
  EXPECT_THAT(answer("1 + ~2"), HasSubstr("at character 5"));
}

TEST(cel, an_expression_that_would_never_end_is_stopped) {
  std::string big = "[0,1,2,3,4,5,6,7,8,9]";
  std::string nested = "true";
  for (int i = 0; i < 12; ++i) nested = cat(big, ".all(v", i, ", ", nested, ")");
  EXPECT_THAT(answer(nested), HasSubstr("costs more"));
  EXPECT_THAT(answer("[1, 2, 3].all(v, v > 0)", 5), HasSubstr("costs more"));
  std::string doubled = "'aaaaaaaaaaaaaaaaaaaa'";
  for (int i = 0; i < 30; ++i) doubled = cat("[", doubled, "].map(x, x + x)[0]");
  EXPECT_THAT(answer(doubled), HasSubstr("costs more"));
}

TEST(cel, size_and_depth_are_bounded) {
  EXPECT_THAT(answer(std::string(9000, ' ') + "1"), HasSubstr("bytes"));
  EXPECT_THAT(answer(std::string(200, '(') + "1" + std::string(200, ')')), HasSubstr("nests deeper"));
  EXPECT_THAT(answer(std::string(200, '[') + std::string(200, ']')), HasSubstr("nests deeper"));
  std::string sum = "1", chain = "true";
  for (int i = 0; i < 300; ++i) sum += "+1", chain += " && true";
  EXPECT_THAT(answer(sum), HasSubstr("in a row"));
  EXPECT_EQ(answer(chain), "true");
}

TEST(cel, every_line_of_the_corpus_gives_an_answer) {
  std::ifstream file(cat(PLIMSOLL_TEST_DATA, "/standard/cel.txt"));
  std::string line;
  std::size_t lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    EXPECT_FALSE(answer(line).empty());
  }
  EXPECT_GT(lines, 150u);
}

Truth holds(std::string_view expression, Subject subject, std::string_view report_yaml) {
  const auto node = read_yaml(report_yaml);
  EXPECT_TRUE(node);
  const auto report = report_in_short(*node);
  EXPECT_TRUE(report);
  const Facts facts = facts_of(*report, *parse_time("2026-11-01"));
  const auto program = Program::compile(expression, subject);
  EXPECT_TRUE(program) << (program ? "" : program.error().message());
  if (!program) return Truth::Unknown;
  return program->holds(facts, is_single(subject) ? nullptr : row_at(facts, subject, 0));
}

TEST(program, over_the_documented_fields) {
  constexpr std::string_view report =
      "image: {created: 2026-10-01, config: {User: app, Labels: {team: shop}}}\n"
      "findings: [{id: CVE-1, severity: high, aliases: [GHSA-1], paths: [app/x.jar], epss: 0.2}]\n"
      "packages: [{type: npm, name: a}, {type: deb, name: b}]\n"
      "score: {total: 80, byClass: {vulnerability: 80, sensitive-file: 70}}\n";
  EXPECT_EQ(holds("finding.severity == 'high' && 'GHSA-1' in finding.ids && finding.paths.exists(p, p.startsWith('app/'))", Subject::Findings, report), Truth::Yes);
  EXPECT_EQ(holds("finding.epss > 0.5", Subject::Findings, report), Truth::No);
  EXPECT_EQ(holds("finding.cvss > 5.0", Subject::Findings, report), Truth::Unknown);
  EXPECT_EQ(holds("has(finding.cvss) && finding.cvss > 5.0", Subject::Findings, report), Truth::No);
  EXPECT_EQ(holds("finding.?cvss.orValue(10.0) > 5.0 && finding.?epss.orValue(0.0) > 0.1", Subject::Findings, report), Truth::Yes);
  EXPECT_EQ(holds("packages.filter(p, p.type == 'npm').size() == 1", Subject::Image, report), Truth::Yes);
  EXPECT_EQ(holds("now - image.created < duration('1000h') && image.config.user == 'app' && image.labels.team == 'shop'", Subject::Image, report), Truth::Yes);
  EXPECT_EQ(holds("image.score.sensitive_file < image.score.total", Subject::Image, report), Truth::Yes);
  EXPECT_EQ(holds("workload.all(c, !c.privileged)", Subject::Image, report), Truth::Yes);
  EXPECT_EQ(holds("image.base.name == 'x'", Subject::Image, report), Truth::Unknown);
}

TEST(program, misspelt_members_are_refused) {
  EXPECT_THAT(Program::compile("finding.severty == 'x'", Subject::Findings).error().message(), HasSubstr("did you mean \"severity\"?"));
  EXPECT_THAT(Program::compile("findng.severity == 'x'", Subject::Findings).error().message(), HasSubstr("did you mean \"finding\"?"));
  EXPECT_THAT(Program::compile("finding.severity", Subject::Findings).error().message(), HasSubstr("not true or false"));
  EXPECT_FALSE(Program::compile("finding.severity == 'x'", Subject::Image));
}

TEST(program, one_that_costs_too_much_is_unknown_and_blocks_an_image) {
  std::string packages = "packages:\n";
  for (int i = 0; i < 200; ++i) packages += "  - {name: p}\n";
  EXPECT_EQ(holds("packages.all(a, packages.all(b, packages.all(c, a.name == b.name && b.name == c.name)))", Subject::Image, packages), Truth::Unknown);
  EXPECT_EQ(holds("packages.all(a, packages.all(b, packages.all(c, a.name == b.name))) || true", Subject::Image, packages), Truth::Unknown);
}

}  // namespace
}  // namespace plimsoll::standard::cel
