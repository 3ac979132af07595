#include "standard/workload.h"

#include "base/path.h"
#include "base/text.h"
#include "base/yaml.h"

namespace plimsoll::standard {
namespace {

std::optional<bool> truth(const YamlNode& node) {
  if (!node.is_scalar() || node.quoted) return std::nullopt;
  if (node.text == "true") return true;
  if (node.text == "false") return false;
  return std::nullopt;
}
std::optional<std::int64_t> number(const YamlNode& node) {
  if (!node.is_scalar()) return std::nullopt;
  const auto value = parse_u64(node.text);
  if (!value || *value > 0xFFFFFFFFu) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

const YamlNode& pod_spec(const YamlNode& root, const YamlNode*& metadata) {
  metadata = &root["metadata"];
  const std::string& kind = root["kind"].text;
  if (kind == "Pod") return root["spec"];
  if (kind == "CronJob") return root["spec"]["jobTemplate"]["spec"]["template"]["spec"];
  return root["spec"]["template"]["spec"];
}

// Where each of the Pod's volumes lies on the host; empty for those that do not.
std::string host_path_of(const YamlNode& spec, std::string_view volume) {
  for (const YamlNode& each : spec["volumes"].items)
    if (each["name"].text == volume && each["hostPath"].is_map()) return each["hostPath"]["path"].text;
  return {};
}

Status wrong(const YamlNode& node, std::string_view what) { return malformed(cat("line ", node.line, ": ", what)); }

// A member that is there must say what its type can say: a misread "privileged: yes" must not count as false.
Status read_truth(const YamlNode& node, std::string_view name, bool& into) {
  if (!node.exists() || node.kind == YamlNode::Kind::Null) return Ok{};
  const auto value = truth(node);
  if (!value) return wrong(node, cat(name, " is neither true nor false"));
  into = *value;
  return Ok{};
}
Status read_truth(const YamlNode& node, std::string_view name, std::optional<bool>& into) {
  bool value = into.value_or(false);
  PLIM_CHECK(read_truth(node, name, value));
  if (node.exists() && node.kind != YamlNode::Kind::Null) into = value;
  return Ok{};
}

Status read_container(const YamlNode& node, const YamlNode& spec, std::string_view kind, Workload& into) {
  if (!node.is_map()) return wrong(node, "a container is not a map");
  Container out{.name = node["name"].text, .image = node["image"].text, .kind = std::string(kind)};
  const YamlNode &pod = spec["securityContext"], &own = node["securityContext"];
  PLIM_CHECK(read_truth(own["privileged"], "privileged", out.privileged));
  PLIM_CHECK(read_truth(own["readOnlyRootFilesystem"], "readOnlyRootFilesystem", out.read_only_root));
  PLIM_CHECK(read_truth(own["allowPrivilegeEscalation"], "allowPrivilegeEscalation", out.allow_escalation));
  PLIM_CHECK(read_truth(pod["runAsNonRoot"], "runAsNonRoot", out.run_as_non_root));
  PLIM_CHECK(read_truth(own["runAsNonRoot"], "runAsNonRoot", out.run_as_non_root));
  for (const YamlNode* from : {&pod["runAsUser"], &own["runAsUser"]}) {
    if (!from->exists() || from->kind == YamlNode::Kind::Null) continue;
    out.user = number(*from);
    if (!out.user) return wrong(*from, "runAsUser is not a user number");
  }
  for (const YamlNode* from : {&pod["seccompProfile"]["type"], &own["seccompProfile"]["type"]})
    if (from->is_scalar()) out.seccomp = from->text;
  for (const YamlNode& item : own["capabilities"]["add"].items) out.capabilities.push_back(item.text.starts_with("CAP_") ? item.text.substr(4) : item.text);
  for (const YamlNode& item : own["capabilities"]["drop"].items) out.drops_all = out.drops_all || equals_ignore_case(item.text, "ALL");
  out.cpu_limit = node["resources"]["limits"]["cpu"].is_scalar();
  out.memory_limit = node["resources"]["limits"]["memory"].is_scalar();
  for (const YamlNode& port : node["ports"].items)
    if (port["hostPort"].is_scalar() && port["hostPort"].text != "0") out.host_ports.push_back(port["hostPort"].text);
  for (const YamlNode& mount : node["volumeMounts"].items)
    if (std::string path = host_path_of(spec, mount["name"].text); !path.empty()) out.host_paths.push_back(std::move(path));
  into.containers.push_back(std::move(out));
  return Ok{};
}

}  // namespace

bool is_runtime_socket(std::string_view host_path) {
  static constexpr std::string_view kSockets[] = {"run/docker.sock", "run/containerd/containerd.sock", "run/crio/crio.sock", "run/podman/podman.sock", "run/cri-dockerd.sock", "run/k3s/containerd/containerd.sock"};
  std::string path = normalise_path(host_path);
  if (path.starts_with("var/run")) path = path.substr(4);
  if (path.empty() || path == "var") return true;  // the whole root, or what holds /var/run
  for (const std::string_view socket : kSockets)
    if (path == socket || (socket.starts_with(path) && socket[path.size()] == '/')) return true;
  return false;
}

Result<Workload> read_workload(std::string_view document, std::string_view source) {
  PLIM_TRY(const YamlNode root, read_yaml(document, {.bytes = 4 << 20, .depth = 40, .nodes = 200'000}).context("workload", source));
  if (!root.is_map()) return malformed(cat("workload ", source, ": it is not a map"));
  const YamlNode* metadata = nullptr;
  const YamlNode& spec = pod_spec(root, metadata);
  if (!spec.is_map()) return unsupported(cat("workload ", source, ": kind \"", to_utf8(root["kind"].text), "\" has no Pod template that is known here"));
  Workload out{.kind = root["kind"].text, .ns = (*metadata)["namespace"].text, .name = (*metadata)["name"].text, .service_account = spec["serviceAccountName"].text};
  const YamlNode& labels = (*metadata)["labels"];
  for (std::size_t i = 0; i < labels.names.size(); ++i) out.labels.emplace_back(labels.names[i], labels.items[i].text);
  const auto fill = [&]() -> Status {
    PLIM_CHECK(read_truth(spec["hostNetwork"], "hostNetwork", out.host_network));
    PLIM_CHECK(read_truth(spec["hostPID"], "hostPID", out.host_pid));
    PLIM_CHECK(read_truth(spec["hostIPC"], "hostIPC", out.host_ipc));
    PLIM_CHECK(read_truth(spec["automountServiceAccountToken"], "automountServiceAccountToken", out.mounts_token));
    for (const auto& [member, kind] : {std::pair("containers", "container"), std::pair("initContainers", "init"), std::pair("ephemeralContainers", "ephemeral")})
      for (const YamlNode& item : spec[member].items) PLIM_CHECK(read_container(item, spec, kind, out));
    if (out.containers.empty()) return wrong(spec, "the Pod has no containers");
    return Ok{};
  };
  if (Status status = fill(); !status) return std::move(status).error().with_context("workload", source);
  return out;
}

}  // namespace plimsoll::standard
