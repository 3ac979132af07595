// What configuration rules look at, read out of images, account files, Dockerfiles and Kubernetes manifests.
// Kinds and fields: docs/configuration-rules.md.
#pragma once
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "detect/configuration.h"
#include "model/facts.h"

namespace plimsoll::detect {

using SubjectVisitor = std::function<void(const Subject&)>;

// A line of etc/passwd, as far as anyone asks.
struct Account {
  std::string name, uid;
};
std::vector<Account> read_accounts(std::string_view passwd);

// Subjects image, variable, port, history, base of an image config. `accounts`: of the image's etc/passwd; `known`: false
// where that could not be read. Errors: Malformed.
struct ImageContext {
  std::span<const Account> accounts;
  bool has_accounts = false;
};
Status image_subjects(std::string_view config_json, const ImageContext& context, const Limits& limits, const SubjectVisitor& visit);

// Subject file: its attributes.
Subject file_subject(const FileView& file);
// Names of the capabilities in a security.capability attribute (linux/capability.h, revisions 1 to 3).
std::vector<std::string> capability_names(std::string_view attribute);

// Subjects account (etc/passwd, etc/shadow) and setting (sshd_config, sudoers: key, value).
void account_subjects(std::string_view path, std::string_view text, const SubjectVisitor& visit);
void setting_subjects(std::string_view path, std::string_view text, const SubjectVisitor& visit);

// Subjects instruction, base, variable, port and, for the last stage, dockerfile. Errors: read_dockerfile's.
Status dockerfile_subjects(std::string_view text, const Limits& limits, const SubjectVisitor& visit);

// Whether a YAML file looks like a Kubernetes manifest at all: some line begins with apiVersion:, some with kind:.
bool looks_like_kubernetes(std::string_view text);
// Subjects object, pod and container. Errors: the YAML reader's.
Status kubernetes_subjects(std::string_view text, const Limits& limits, const SubjectVisitor& visit);

// Whether a variable's name says that its value is a credential, and the value looks like one: not empty, no path, no
// reference to another variable, no placeholder.
bool credential_variable(std::string_view name, std::string_view value);

}  // namespace plimsoll::detect
