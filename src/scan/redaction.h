// What a report may show of an image's config and history: everything but credentials.
//
// Two ways together: by form, always (NAME=value where the name says credential; user information of URLs; --password X),
// and by the rules of engines that know secrets, where they are loaded. Variables of the config keep their name alone.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::scan {

using Redact = std::function<std::string(std::string_view text)>;

// By form alone.
std::string redact_by_form(std::string_view text);

class Redaction {
 public:
  explicit Redaction(std::vector<Redact> engines = {}) : engines_(std::move(engines)) {}
  std::string text(std::string_view text) const;
  // The members of an image config that a reader acts on, as JSON; empty when there is no config.
  std::string config(const std::string& config_json) const;

 private:
  std::vector<Redact> engines_;
};

}  // namespace plimsoll::scan
