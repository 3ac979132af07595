// A workload: how an image is about to be run, read from a Kubernetes manifest (Pod, Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job, CronJob), YAML or JSON.
//
// Input   hostile. Errors: Malformed with the line, Unsupported for a kind without a Pod template.
// Source  Kubernetes API, core/v1 PodSpec, Container, SecurityContext.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace plimsoll::standard {

struct Container {
  std::string name, image, kind;  // "container", "init", "ephemeral"
  bool privileged = false, read_only_root = false, drops_all = false;
  std::optional<bool> allow_escalation, run_as_non_root;
  std::optional<std::int64_t> user;  // effective: the container's, else the Pod's; none: the image's own
  std::vector<std::string> capabilities;  // added, without CAP_
  std::vector<std::string> host_paths;    // mounted ones
  std::vector<std::string> host_ports;
  std::string seccomp;  // "RuntimeDefault", "Localhost", "Unconfined"; empty: not set
  bool cpu_limit = false, memory_limit = false;
};

struct Workload {
  std::string kind, ns, name, service_account;
  std::vector<std::pair<std::string, std::string>> labels;
  bool host_network = false, host_pid = false, host_ipc = false;
  std::optional<bool> mounts_token;
  std::vector<Container> containers;
};

Result<Workload> read_workload(std::string_view document, std::string_view source);
// True for the sockets of container runtimes and the folders that hold them.
bool is_runtime_socket(std::string_view host_path);

}  // namespace plimsoll::standard
