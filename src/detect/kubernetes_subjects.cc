// Subjects of Kubernetes manifests: objects, pods, containers, with the lines of their keys.
// Source  Kubernetes API reference: PodSpec, Container, SecurityContext, PodSecurityContext; the Pod Security Standards.
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "detect/dockerfile.h"
#include "detect/subjects.h"

namespace plimsoll::detect {
namespace {

std::uint32_t line_of(const JsonValue& object, std::string_view key) {
  const auto line = object[cat('\x01', key)].integer();
  return line && *line > 0 && *line < UINT32_MAX ? static_cast<std::uint32_t>(*line) : 0;
}

// Where the pod template of each kind lies.
JsonValue pod_of(const JsonValue& object) {
  const std::string_view kind = object["kind"].text();
  if (kind == "Pod") return object["spec"];
  if (kind == "CronJob") return object["spec"]["jobTemplate"]["spec"]["template"]["spec"];
  static constexpr std::array<std::string_view, 6> kTemplated = {"DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"};
  for (const std::string_view known : kTemplated)
    if (kind == known) return object["spec"]["template"]["spec"];
  if (kind == "PodTemplate") return object["template"]["spec"];
  return {};
}

// The container's own word, else the pod's.
std::string either(const JsonValue& container, const JsonValue& pod, std::string_view key, std::string_view otherwise) {
  for (const JsonValue& context : {container["securityContext"], pod["securityContext"]})
    if (const JsonValue value = context[key]; value.exists() && value.kind() != JsonValue::Kind::Null)
      return value.is_string() ? std::string(value.text()) : value.dump();
  return std::string(otherwise);
}

class ManifestReader {
 public:
  explicit ManifestReader(const SubjectVisitor& visit) : visit_(visit) {}

  void object(const JsonValue& object, std::uint32_t depth) {
    const std::string_view kind = object["kind"].text();
    if (kind.empty() || object["apiVersion"].text().empty()) return;
    if (kind == "List" && depth < 3) {
      for (const JsonValue& item : object["items"].items()) this->object(item, depth + 1);
      return;
    }
    Subject s{.kind = "object", .fields = {}, .documents = {{"object", object}}, .line = line_of(object, "kind")};
    name(s, object);
    visit_(s);
    const JsonValue spec = pod_of(object);
    if (!spec.is_object()) return;
    Subject pod{.kind = "pod", .fields = {}, .documents = {{"pod", spec}, {"object", object}}, .line = line_of(object, "kind")};
    name(pod, object);
    visit_(pod);
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"})
      for (const JsonValue& item : spec[list].items()) container(item, spec, object, list);
  }

 private:
  static void name(Subject& s, const JsonValue& object) {
    s.add("kind", object["kind"].text()).add("object", object["metadata"]["name"].text()).add("namespace", object["metadata"]["namespace"].text());
  }

  void container(const JsonValue& item, const JsonValue& pod, const JsonValue& object, std::string_view list) {
    std::uint32_t line = line_of(item, "name");
    if (line == 0) line = line_of(item, "image");
    Subject s{.kind = "container", .fields = {}, .documents = {{"container", item}, {"pod", pod}, {"object", object}}, .line = line};
    name(s, object);
    s.add("name", item["name"].text()).add("list", list).add("image", item["image"].text());
    const ImageName image = split_image_name(item["image"].text());
    s.add("tag", image.tag).add("digest", image.digest);
    s.add("run_as_non_root", either(item, pod, "runAsNonRoot", "false")).add("run_as_user", either(item, pod, "runAsUser", ""));
    const JsonValue own = item["securityContext"], shared = pod["securityContext"];
    const JsonValue profile = own["seccompProfile"].exists() ? own["seccompProfile"] : shared["seccompProfile"];
    s.add("seccomp", profile["type"].text("missing"));
    s.add("escalation", either(item, {}, "allowPrivilegeEscalation", "true"));
    s.add("privileged", either(item, {}, "privileged", "false"));
    s.add("read_only_root", either(item, {}, "readOnlyRootFilesystem", "false"));
    visit_(s);
    for (const JsonValue& variable : item["env"].items()) {
      const std::string_view variable_name = variable["name"].text();
      Subject v{.kind = "variable", .fields = {}, .documents = {}, .line = line_of(variable, "name")};
      v.add("name", variable_name).add("credential", credential_variable(variable_name, variable["value"].text()) ? "yes" : "no");
      visit_(v.add("where", "Kubernetes manifest"));
    }
  }

  const SubjectVisitor& visit_;
};

}  // namespace

bool looks_like_kubernetes(std::string_view text) {
  bool version = false, kind = false;
  std::string_view line;
  while (next_line(text, line)) {
    while (line.starts_with('-') || line.starts_with(' ')) line.remove_prefix(1);
    version |= line.starts_with("apiVersion:");
    kind |= line.starts_with("kind:");
    if (version && kind) return true;
  }
  return false;
}

Status kubernetes_subjects(std::string_view text, const Limits& limits, const SubjectVisitor& visit) {
  PLIM_TRY(const std::vector<JsonDocument> documents, JsonDocument::parse_yaml_documents(text, limits));
  ManifestReader reader(visit);
  for (const JsonDocument& document : documents) reader.object(document.root(), 0);
  return Ok{};
}

}  // namespace plimsoll::detect
