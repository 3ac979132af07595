// Subjects of files: their attributes, accounts, settings.
// Source  passwd(5), shadow(5), crypt(5), sshd_config(5), sudoers(5), sources.list(5); linux/capability.h for the
//         attribute: revision and effective flag, then pairs of permitted and inheritable words, little-endian.
#include <array>

#include "base/bytes.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/subjects.h"

namespace plimsoll::detect {
namespace {

constexpr std::array<std::string_view, 41> kCapabilities = {
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service",
    "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin",
    "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override",
    "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore"};

std::string octal(std::uint32_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

std::string_view yes_no(bool value) { return value ? "yes" : "no"; }

// What crypt(5) calls the field: nothing to type, nobody can, a method that falls in hours, or a sound one.
std::string_view password_kind(std::string_view field) {
  if (field.empty()) return "empty";
  if (field == "x") return "shadowed";
  if (field.front() == '*' || field.front() == '!') return "locked";
  if (field.starts_with("$1$") || field.front() != '$') return "weak hash";
  return "hash";
}

}  // namespace

std::vector<Account> read_accounts(std::string_view passwd) {
  std::vector<Account> out;
  std::string_view line;
  while (out.size() < 10'000 && next_line(passwd, line)) {
    const auto fields = split(line, ':');
    if (fields.size() >= 3 && !fields[0].empty()) out.push_back({std::string(fields[0]), std::string(fields[2])});
  }
  return out;
}

std::vector<std::string> capability_names(std::string_view attribute) {
  std::vector<std::string> out;
  const Bytes bytes = as_bytes(attribute);
  if (bytes.size() < 12) return out;
  const std::uint32_t revision = bytes[3];
  std::uint64_t permitted = load_le<std::uint32_t>(bytes, 4) | load_le<std::uint32_t>(bytes, 8);
  if (revision >= 2 && bytes.size() >= 20)
    permitted |= std::uint64_t{load_le<std::uint32_t>(bytes, 12) | load_le<std::uint32_t>(bytes, 16)} << 32;
  for (std::size_t i = 0; i < 64; ++i)
    if ((permitted >> i) & 1) out.push_back(i < kCapabilities.size() ? std::string(kCapabilities[i]) : cat("capability ", i));
  return out;
}

Subject file_subject(const FileView& file) {
  Subject s{.kind = "file", .fields = {}, .documents = {}};
  s.add("path", to_utf8(file.path)).add("name", to_utf8(base_name(file.path))).add("directory", yes_no(file.directory));
  s.add("mode", octal(file.mode)).add("uid", cat(file.uid)).add("gid", cat(file.gid));
  s.add("setuid", yes_no(!file.directory && (file.mode & 04000) != 0)).add("setgid", yes_no(!file.directory && (file.mode & 02000) != 0));
  s.add("executable", yes_no(!file.directory && (file.mode & 0111) != 0));
  s.add("world_writable", yes_no((file.mode & 02) != 0)).add("sticky", yes_no((file.mode & 01000) != 0));
  for (const std::string& name : capability_names(file.capabilities)) s.add("capability", name);
  return s;
}

void account_subjects(std::string_view path, std::string_view text, const SubjectVisitor& visit) {
  const bool shadow = base_name(path).starts_with("shadow");
  std::string_view line;
  std::uint32_t number = 0;
  while (number < 100'000 && next_line(text, line)) {
    ++number;
    if (trim(line).empty() || line.starts_with('#') || line.starts_with('+') || line.starts_with('-')) continue;
    const auto fields = split(line, ':');
    if (fields.size() < 2 || fields[0].empty()) continue;
    Subject s{.kind = "account", .fields = {}, .documents = {}, .line = number};
    s.add("name", to_utf8(fields[0])).add("password", password_kind(fields[1])).add("file", shadow ? "shadow" : "passwd");
    if (!shadow && fields.size() >= 7) s.add("uid", fields[2]).add("shell", to_utf8(fields[6]));
    visit(s);
  }
}

void setting_subjects(std::string_view path, std::string_view text, const SubjectVisitor& visit) {
  const bool sshd = path.find("sshd") != std::string_view::npos;
  const std::string_view file = sshd ? "sshd_config" : path.find("sudoers") != std::string_view::npos ? "sudoers" : "apt";
  std::string_view line;
  std::uint32_t number = 0;
  while (number < 100'000 && next_line(text, line)) {
    ++number;
    const std::string_view plain = trim(line);
    if (plain.empty() || plain.starts_with('#')) continue;
    if (sshd && equals_ignore_case(plain.substr(0, 6), "match ")) return;  // what follows holds for some only
    const std::size_t end = std::min(plain.find_first_of(" \t="), plain.size());
    Subject s{.kind = "setting", .fields = {}, .documents = {}, .line = number};
    s.add("file", file).add("key", to_utf8(plain.substr(0, end)));
    visit(s.add("value", to_utf8(trim(plain.substr(std::min(end + 1, plain.size()))))).add("line", to_utf8(plain)));
  }
}

}  // namespace plimsoll::detect
