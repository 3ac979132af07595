#include "scan/redaction.h"

#include <gtest/gtest.h>

namespace plimsoll::scan {
namespace {

TEST(redaction, by_form) {
  const auto says = [](std::string_view text, std::string_view expected) { EXPECT_EQ(redact_by_form(text), expected); };
  says("RUN pip install x", "RUN pip install x");
  says("|2 NPM_TOKEN=npm_0123abcd V=1 /bin/sh -c npm i", "|2 NPM_TOKEN=[redacted] V=1 /bin/sh -c npm i");
  says("git clone https://bob:hunter22@git.example.org/x.git", "git clone https://bob:[redacted]@git.example.org/x.git");
  says("git clone https://ghp_0123456789abcdef@github.com/x", "git clone https://[redacted]@github.com/x");
  says("curl http://example.org/a@b", "curl http://example.org/a@b");
  says("login --password s3cr3tt --user bob", "login --password [redacted] --user bob");
  says("DB_PASSWORD=\"two words\" x", "DB_PASSWORD=[redacted] x");
  says("ENV PASSWORD_FILE=/run/x", "ENV PASSWORD_FILE=/run/x");
  says("curl -H 'Authorization: Bearer abcdef' https://x", "curl -H 'Authorization: [redacted]' https://x");
  says("API_KEY=", "API_KEY=");
  says("", "");
}

TEST(redaction, config_keeps_names_only) {
  const Redaction redaction({[](std::string_view text) { return text == "tok" ? std::string("[gone]") : std::string(text); }});
  EXPECT_EQ(redaction.config(R"({"config":{"Env":["PATH=/bin","A=b"],"Cmd":["x","--token","tok"],"Labels":{"api.token":"abcdef12","a":"b"},"Tty":true}})"),
            R"({"Env":["PATH=/bin","A=[redacted]"],"Cmd":["x","--token","[gone]"],"Labels":{"api.token":"[redacted]","a":"b"},"Tty":true})");
  EXPECT_EQ(redaction.config("no json"), "");
}

}  // namespace
}  // namespace plimsoll::scan
