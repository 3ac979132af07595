// The engine on small programs. The samples are put together from pieces, so that this file is no sample itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "detect/engine.h"
#include "detect/webshell/analyse.h"
#include "detect/webshell/fold.h"

namespace plimsoll::detect {
const std::vector<std::pair<std::string_view, std::string_view>>& webshell_rules();
}

namespace plimsoll::detect::web {
namespace {

const RuleSet& rules() {
  static const RuleSet all = [] {
    RuleSet set;
    for (const auto& [name, text] : webshell_rules()) {
      const Status added = set.add(name, text, {});
      EXPECT_TRUE(added) << (added ? "" : added.error().message());
    }
    return set;
  }();
  return all;
}

Analysis look(std::string_view path, const std::string& text) { return analyse(rules(), path, text, {}); }
int score(std::string_view path, const std::string& text) {
  const Analysis found = look(path, text);
  return found.best() ? found.best()->score : 0;
}
void reports(std::string_view path, const std::string& text) { EXPECT_GE(score(path, text), kThreshold) << path << ": " << text; }
void silent(std::string_view path, const std::string& text) { EXPECT_LT(score(path, text), kThreshold) << path << ": " << text << " " << (look(path, text).best() ? look(path, text).best()->sink : ""); }

const std::string kEv = std::string("ev") + "al";
const std::string kSys = std::string("sys") + "tem";

TEST(webshell, the_flow_is_told_step_by_step) {
  const Analysis found = look("a.php", "<?php\n$a = $_POST['x'];\n$b = trim($a);\n" + kEv + "(base64_decode($b));\n");
  ASSERT_TRUE(found.best());
  EXPECT_EQ(found.best()->kind, SinkKind::Evaluation);
  EXPECT_EQ(found.best()->source, "$_POST[x]");
  EXPECT_EQ(found.best()->source_line, 2u);
  EXPECT_EQ(found.best()->line, 4u);
  EXPECT_EQ(found.best()->way, "$a -> $b -> base64_decode");
  EXPECT_GE(found.best()->score, 95);
}

TEST(webshell, cleaned_data_is_no_flow) {
  silent("a.php", "<?php " + kSys + "('ls ' . escapeshellarg($_GET['d']));");
  silent("a.php", "<?php $n = (int) $_GET['n']; " + kSys + "(\"head -$n f\");");
  silent("a.py", "from flask import request\nimport os, shlex\nos." + kSys + "('ls ' + shlex.quote(request.args['d']))\n");
  reports("a.php", "<?php " + kSys + "($_GET['d']);");
}

TEST(webshell, names_are_worked_out) {
  reports("a.php", "<?php $f = 'sys' . strrev('met'); $f($_GET['x']);");
  reports("a.php", "<?php ${'_P' . 'OST'}; $s = '_' . 'POST'; " + kEv + "(${$s}['x']);");
  reports("a.py", "from flask import request\ngetattr(__import__('o' + 's'), 'sys' + 'tem')(request.args['c'])\n");
  reports("a.js", "const a = require('express')(); const m = require('child_' + 'process'); a.get('/', (q, s) => m['ex' + 'ec'](q.query.c));");
  silent("a.php", "<?php $f = 'str' . 'len'; echo $f($_GET['x']);");
}

TEST(webshell, code_inside_code_is_read) {
  // base64 of: CMD($_GET["c"]);
  Value inner = Value::constant("");
  const std::string code = kSys + "($_GET['c']);";
  std::string hex;
  for (const char c : code) hex += cat("", "0123456789abcdef"[(c >> 4) & 15], "0123456789abcdef"[c & 15]);
  const Analysis found = look("a.php", "<?php " + kEv + "(hex2bin('" + hex + "'));");
  ASSERT_TRUE(found.best());
  EXPECT_EQ(found.best()->kind, SinkKind::Process);
  EXPECT_THAT(found.best()->reasons, testing::Contains(testing::HasSubstr("hidden by 1 encoding")));
  silent("a.php", "<?php " + kEv + "('return 1 + 1;'); $_GET['x'];");
}

TEST(webshell, functions_are_entered) {
  reports("a.php", "<?php function run($c) { return shell_exec($c); } echo run($_POST['c']);");
  silent("a.php", "<?php function run($c) { return shell_exec($c); } run('uptime'); echo $_POST['c'];");
  reports("a.py", "import subprocess\nfrom flask import request\ndef run(c):\n    return subprocess.getoutput(c)\ndef view():\n    return run(request.args['c'])\n");
}

TEST(webshell, both_branches_count) {
  reports("a.php", "<?php if (isset($_GET['c'])) { $c = $_GET['c']; } else { $c = 'id'; } " + kSys + "($c);");
  reports("a.py", "import os\nfrom flask import request\ndef v():\n    if 'c' in request.args:\n        c = request.args['c']\n    else:\n        c = 'id'\n    os." + kSys + "(c)\n");
}

TEST(webshell, an_argument_of_a_fixed_command_is_no_shell) {
  silent("a.php", "<?php echo shell_exec('whois ' . $_GET['d']);");
  silent("a.js", "const a = require('express')(); const { execFile } = require('child_process'); a.get('/', (q, s) => execFile('git', ['log', q.query.f]));");
  reports("a.js", "const a = require('express')(); const { execFile } = require('child_process'); a.get('/', (q, s) => execFile('sh', ['-c', q.query.f]));");
  reports("a.php", "<?php echo shell_exec('cd /tmp && ' . $_GET['d']);");
}

TEST(webshell, other_families) {
  reports("a.jsp", "<% Runtime.getRuntime().exec(request.getParameter(\"c\")); %>");
  reports("a.asp", "<%" + kEv + " request(\"x\")%>");
  reports("a.aspx", "<%@ Page Language=\"C#\" %><% System.Diagnostics.Process.Start(\"cmd.exe\", \"/c \" + Request[\"c\"]); %>");
  reports("a.pl", "#!/usr/bin/perl\nuse CGI; my $q = CGI->new; my $c = $q->param('c'); print `$c`;\n");
  reports("a.cgi", "#!/bin/sh\necho Content-type: text/plain; echo\n" + kEv + " \"$QUERY_STRING\"\n");
  silent("a.sh", "#!/bin/sh\nread x\n" + kEv + " \"$x\"\n");
}

TEST(webshell, files_of_other_kinds_are_not_read) {
  EXPECT_FALSE(look("a.txt", "<?php " + kSys + "($_GET['d']);").family);
  EXPECT_FALSE(look("a.min.js", "x").family);
  EXPECT_FALSE(look("a.php", std::string("\0\1\2", 3)).family);
  reports("picture.gif", "GIF89a<?php " + kSys + "($_GET['d']);");
  reports("usr/lib/cgi-bin/a", "#!/usr/bin/perl\nuse CGI; " + kSys + "(CGI::param('c'));");
}

TEST(webshell, hostile_files_end) {
  std::string deep = "<?php " + kEv + "(";
  for (int i = 0; i < 100000; ++i) deep += "((";
  EXPECT_TRUE(look("a.php", deep + "$_GET['x']").candidate);
  std::string array = "<?php $_GET; $a = ";
  for (int i = 0; i < 50000; ++i) array += "[";
  look("a.php", array + kEv);
  std::string blocks = "import os, request\n";
  for (int i = 0; i < 2000; ++i) blocks += std::string(static_cast<std::size_t>(i % 300), ' ') + "if request.x(" + kEv + "):\n";
  look("a.py", blocks);
  std::string calls = "<?php $_GET;";
  for (int i = 0; i < 40; ++i) calls += cat("function f", i, "($x) { f", i + 1, "($x); f", i + 1, "($x); f", i + 2, "($x); }");
  look("a.php", calls + "f0($_GET['x']); " + kEv + "(1);");
  const Analysis large = look("a.php", "<?php " + kSys + "($_GET['x']);" + std::string(10 << 20, 'a'));
  EXPECT_TRUE(large.exhausted);
  ASSERT_TRUE(large.best());
  EXPECT_GE(large.best()->score, kThreshold);
  std::string shell = "#!/bin/sh\necho Content-type: x\n";
  for (int i = 0; i < 20000; ++i) shell += "$(";
  look("a.sh", shell + "$QUERY_STRING");
  std::string loops = "<?php $_GET; ";
  for (int i = 0; i < 60; ++i) loops += cat("for ($i", i, " = 0; $i", i, " < 500; $i", i, "++) {");
  loops += kEv + "(1);" + std::string(60, '}');
  EXPECT_TRUE(look("a.php", loops + kEv + "(1);").exhausted);
}

TEST(webshell, a_users_rules_add_to_the_shipped_ones) {
  EngineOptions options;
  options.rules.push_back({"mine.yaml", "engine: webshell\nfamily: php\nsinks:\n  - {names: [run_it], kind: process, args: [0]}\n"});
  for (const Engine& engine : engines()) {
    if (engine.name != "webshell") continue;
    const auto loaded = engine.load(options);
    ASSERT_TRUE(loaded);
    const std::string text = "<?php\nrun_it($_GET['x']); " + kEv + "(1);";
    const auto facts = loaded->analyser.extract({.path = "w/a.php", .content = as_bytes(text)}, {});
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->findings.size(), 1u);
    const Finding& f = facts->findings[0];
    EXPECT_EQ(f.klass, FindingClass::Webshell);
    EXPECT_EQ(f.rule_id, "webshell.php.process");
    EXPECT_EQ(f.severity, Severity::Critical);
    ASSERT_EQ(f.locations.size(), 1u);
    EXPECT_EQ(f.locations[0].line, 2u);
    EXPECT_THAT(f.evidence, testing::Contains(std::pair<std::string, std::string>("source", "$_GET[x] at line 2")));
    options.rules[0].text = "family: php\nsinks:\n  - {names: [run_it], kind: proces}\n";
    const auto refused = engine.load(options);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), testing::AllOf(testing::HasSubstr("mine.yaml"), testing::HasSubstr("sinks entry 1"), testing::HasSubstr("proces")));
  }
}

TEST(webshell, every_shipped_sink_has_examples_that_hold) {
  std::size_t sinks = 0;
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const Family family = static_cast<Family>(i);
    for (const Example& example : rules().of(family).examples) {
      ++sinks;
      EXPECT_FALSE(example.match.empty() || example.no_match.empty()) << to_string(family) << " " << example.rule << " needs examples of both kinds";
      for (const std::string& text : example.match) EXPECT_TRUE(example_found(rules(), family, example.kind, text)) << to_string(family) << " " << example.rule << ": " << text;
      for (const std::string& text : example.no_match) EXPECT_FALSE(example_found(rules(), family, std::nullopt, text)) << to_string(family) << " " << example.rule << " must not find: " << text;
    }
  }
  EXPECT_GE(sinks, 60u);
}

TEST(webshell, check_goes_on_after_a_bad_entry) {
  for (const Engine& engine : engines()) {
    if (engine.name != "webshell") continue;
    for (const auto& [name, text] : webshell_rules()) {
      const RuleCheck shipped = engine.check({std::string(name), std::string(text)}, {});
      EXPECT_TRUE(shipped.refused.empty()) << name << ": " << shipped.refused.front().rule << " " << shipped.refused.front().why;
      EXPECT_GT(shipped.loads, 10u);
    }
    const std::string mine = "engine: webshell\nfamily: php\nsinks:\n  - {names: [run_it], kind: proces}\n"
        "  - {names: [run_it], kind: process, args: [0], match: ['<?php run_it($_GET[1]);'], no_match: ['<?php run_it(1);']}\n"
        "  - {names: [run_at], kind: process, args: [1], match: ['<?php run_at($_GET[1]);']}\n";
    const RuleCheck found = engine.check({"mine.yaml", mine}, {});
    EXPECT_EQ(found.loads, 2u);
    ASSERT_EQ(found.refused.size(), 2u);
    EXPECT_EQ(found.refused[0].rule, "sinks entry 1");
    EXPECT_THAT(found.refused[1].why, testing::HasSubstr("not found"));
  }
}

TEST(webshell, a_deleted_file_still_ships_and_is_told_with_its_layer) {
  class Empty final : public Tree {
    bool contains(std::string_view) const override { return false; }
  };
  for (const Engine& engine : engines()) {
    if (engine.name != "webshell") continue;
    const auto loaded = engine.load({});
    ASSERT_TRUE(loaded);
    const std::string text = "<?php " + kEv + "($_POST['x']);";
    const auto facts = loaded->analyser.extract({.path = "www/a.php", .content = as_bytes(text)}, {});
    ASSERT_TRUE(facts);
    const std::vector<FileFacts> deleted{{"www/a.php", 0, &*facts}};
    const std::vector<std::string> layers{"sha256:aa", "sha256:bb"};
    const auto catalogue = loaded->analyser.resolve({.files = {}, .tree = Empty(), .layers = layers, .deleted = deleted});
    ASSERT_TRUE(catalogue);
    ASSERT_EQ(catalogue->findings.size(), 1u);
    EXPECT_EQ(catalogue->findings[0].locations[0].layer, "sha256:aa");
    EXPECT_THAT(catalogue->findings[0].evidence, testing::Contains(testing::Pair("deleted", testing::HasSubstr("still ships"))));
  }
}

TEST(webshell, the_first_look_loses_nothing) {
  // What stands in for a name that is not written out.
  const std::string app = "const app = require('express')(); ";
  reports("a.js", app + "app.get('/', (q, s) => require('child_' + 'process').exec(q.query.c));");
  reports("a.js", app + "const h = function (q, s) { require('child_process').exec(q.query.c); }; app.get('/', h);");
  reports("a.js", app + "app.get('/', (req, res) => { const { query: a } = req; require('child_process').exec(a.c); });");
  reports("a.py", "from flask import request as r\nfrom subprocess import *\ndef v():\n    return getoutput(r.args['c'])\n");
  reports("a.pl", "use CGI; my $q = CGI->new; my $p = $q->param('p'); my $t = 'x'; $t =~ s/x/$p/ee;");
  reports("a.php", "<?php $f/*1*/='sys'.'tem'; $f/**/($_REQUEST{'z'});");
  EXPECT_FALSE(look("a.py", "import os\nos." + kSys + "('uptime')\n").candidate);
  EXPECT_FALSE(look("a.php", "<?php echo strlen('x'); " + kEv + "('1');").best());
}

TEST(fold, texts_are_worked_out) {
  const auto text = [](Does does, std::vector<Value> args) {
    const auto v = fold(does, args);
    return v && v->known ? v->text : std::string("?");
  };
  const auto c = [](const char* s) { return Value::constant(s); };
  EXPECT_EQ(text(Does::Base64Decode, {c("aGk=")}), "hi");
  EXPECT_EQ(text(Does::Rot13, {c("Uryyb")}), "Hello");
  EXPECT_EQ(text(Does::Reverse, {c("abc")}), "cba");
  EXPECT_EQ(text(Does::HexDecode, {c("6869")}), "hi");
  EXPECT_EQ(text(Does::HexDecode, {c("6")}), "?");
  EXPECT_EQ(text(Does::Substr, {c("abcdef"), c("-3"), c("2")}), "de");
  EXPECT_EQ(text(Does::Replace, {c("x"), c(""), c("axbx")}), "ab");
  EXPECT_EQ(text(Does::Translate, {c("Uryyb"), c("A-Za-z"), c("N-ZA-Mn-za-m")}), "Hello");
  EXPECT_EQ(text(Does::Format, {c("%2$s%1$s"), c("b"), c("a")}), "ab");
  EXPECT_EQ(text(Does::Inflate, {c("not packed")}), "?");
  EXPECT_EQ(increment("az"), "ba");
  EXPECT_EQ(increment("zz"), "aaa");
  EXPECT_EQ(bitwise_xor("[[", "::"), "aa");
}

TEST(webshell, wildcards) {
  EXPECT_TRUE(wildcard_match("*.exec", "a.b.exec", false));
  EXPECT_FALSE(wildcard_match("*.exec", "exec", false));
  EXPECT_TRUE(wildcard_match("*Runtime*.EXEC", "java.Runtime().exec", true));
  EXPECT_FALSE(wildcard_match("abc", "abcd", false));
}

}  // namespace
}  // namespace plimsoll::detect::web
