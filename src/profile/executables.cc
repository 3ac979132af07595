#include "profile/executables.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::profile {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBlock = 4096, kHash = 32;
constexpr std::size_t kPiece = 64 << 10;  // hashed by all methods while it is in the cache; a multiple of kBlock
constexpr std::string_view kNote = "x";
constexpr std::array<std::string_view, 5> kKinds = {"program", "shared-object", "script", "entry-point", "plain"};

bool is_script(Bytes content) { return content.size() > 2 && content[0] == '#' && content[1] == '!'; }

// A Node package's own word of its version: whether it, too, is another than its distribution package's tells an upgrade
// by npm from tampering (detect/integrity.h).
bool is_manifest(std::string_view path) { return base_name(path) == "package.json" && path.find("/node_modules/") != std::string_view::npos; }

// Where packages of distributions install nothing.
bool no_packages(std::string_view path) {
  static constexpr std::array<std::string_view, 7> kFolders = {"usr/local/", "home/", "root/", "srv/", "app/", "tmp/", "var/www/"};
  return std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view folder) { return path.starts_with(folder); });
}

// The Merkle tree over blocks of 4 KiB, its last block padded with zeros; each level's hashes are the next one's bytes.
class MerkleTree {
 public:
  void add(Bytes bytes) {
    size_ += bytes.size();
    for (std::size_t at = 0; at < bytes.size();) {
      if (pending_.empty() && bytes.size() - at >= kBlock) {
        push(0, bytes.subspan(at, kBlock));
        at += kBlock;
        continue;
      }
      const std::size_t some = std::min(kBlock - pending_.size(), bytes.size() - at);
      pending_.append(as_text(bytes.subspan(at, some)));
      at += some;
      if (pending_.size() == kBlock) flush();
    }
  }
  std::string finish() {
    if (!pending_.empty()) {
      pending_.resize(kBlock, '\0');
      flush();
    }
    std::string root(kHash, '\0');
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      std::string& hashes = levels_[level];
      if (level + 1 == levels_.size() && hashes.size() == kHash) {
        root = hashes;
        break;
      }
      if (hashes.empty()) continue;
      hashes.resize(kBlock, '\0');
      const std::string block = std::move(hashes);
      hashes.clear();
      push(level + 1, as_bytes(block));
    }
    // struct fsverity_descriptor: version, algorithm (1: SHA-256), log2 of the block, no salt, no signature; then the size,
    // the root hash in 64 bytes, and zeros.
    std::string descriptor(256, '\0');
    descriptor[0] = 1;
    descriptor[1] = 1;
    descriptor[2] = 12;
    for (std::size_t i = 0; i < 8; ++i) descriptor[8 + i] = static_cast<char>(size_ >> (8 * i));
    std::copy(root.begin(), root.end(), descriptor.begin() + 16);
    return hash(HashKind::Sha256, as_bytes(descriptor));
  }

 private:
  void flush() {
    push(0, as_bytes(pending_));
    pending_.clear();
  }
  void push(std::size_t level, Bytes block) {
    if (levels_.size() <= level) levels_.resize(level + 1);
    hasher_.update(block);
    levels_[level] += hasher_.finish();
    if (levels_[level].size() < kBlock) return;
    // A full block of hashes goes up only once more follow: a tree may end with exactly one.
    const std::string full = std::move(levels_[level]);
    levels_[level].clear();
    push(level + 1, as_bytes(full));
  }

  Hasher hasher_{HashKind::Sha256};
  std::string pending_;
  std::vector<std::string> levels_;
  std::uint64_t size_ = 0;
};

void digest(ExecutableFacts& facts, Bytes content, bool for_packages, bool for_profile) {
  Hasher sha256(HashKind::Sha256);
  std::optional<Hasher> md5, sha1;
  std::optional<MerkleTree> tree;
  if (for_packages) {
    md5.emplace(HashKind::Md5);
    sha1.emplace(HashKind::Sha1);
  }
  if (for_profile) tree.emplace();
  for (std::size_t at = 0; at < content.size(); at += kPiece) {
    const Bytes piece = content.subspan(at, std::min(kPiece, content.size() - at));
    sha256.update(piece);
    if (md5) md5->update(piece);
    if (sha1) sha1->update(piece);
    if (tree) tree->add(piece);
  }
  facts.sha256 = sha256.finish();
  if (md5) facts.md5 = md5->finish();
  if (sha1) facts.sha1 = sha1->finish();
  if (tree) facts.verity = tree->finish();
}

void look_inside(ExecutableFacts& facts, Bytes content) {
  if (facts.kind == FileKind::Script) {
    const std::string_view text = as_text(content).substr(2, 256);
    facts.interpreter = to_utf8(trim(text.substr(0, text.find('\n'))));
    return;
  }
  if (!as_text(content).starts_with("\x7f" "ELF")) return;
  const auto program = format::read_elf(content);
  if (!program) return;
  for (const format::ElfNote& note : format::elf_notes(*program))
    if (note.owner == "GNU" && note.type == 3 && facts.build_id.empty()) facts.build_id = as_text(note.data.first(std::min<std::size_t>(note.data.size(), 64)));
  if (const auto* section = program->section(".interp")) {
    const std::string_view path = as_text(section->data).substr(0, 256);
    facts.interpreter = to_utf8(path.substr(0, path.find('\0')));
  }
}

Result<Facts> extract(const FileView& file, VerifyFiles files) {
  Facts out;
  ExecutableFacts facts{.kind = kind_of(file.path, file.content), .mode = file.mode, .size_bytes = file.content.size()};
  const bool plain = facts.kind == FileKind::Plain;
  const bool for_packages = files != VerifyFiles::None && !no_packages(file.path);
  if (plain && (!for_packages || (files != VerifyFiles::All && !is_manifest(file.path)))) return out;
  digest(facts, file.content, for_packages, !plain);
  if (!plain) look_inside(facts, file.content);
  facts.capabilities = file.capabilities;
  out.notes.emplace_back(kNote, write_executable_facts(facts));
  return out;
}

}  // namespace

std::string_view to_string(FileKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<FileKind> file_kind_from(std::string_view text) {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i] == text) return static_cast<FileKind>(i);
  return std::nullopt;
}

FileKind kind_of(std::string_view path, Bytes content) {
  const std::string_view text = as_text(content);
  if (text.starts_with("\x7f" "ELF") && content.size() >= 20) {
    const auto program = format::read_elf(content);
    // A position-independent program is a shared object that names its loader.
    if (program && program->shared_library && program->section(".interp") == nullptr) return FileKind::SharedObject;
    return FileKind::Program;
  }
  if (text.starts_with("MZ") && content.size() >= 64) return FileKind::Program;
  for (const std::string_view magic : {"\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe"})
    if (text.starts_with(magic)) return FileKind::Program;
  if (is_script(content)) return FileKind::Script;
  const std::string_view name = base_name(path);
  for (const std::string_view ending : {".jar", ".war", ".ear", ".pyz", ".phar"})
    if (name.ends_with(ending)) return FileKind::EntryPoint;
  return name == "__main__.py" ? FileKind::EntryPoint : FileKind::Plain;
}

std::string fs_verity_digest(Bytes content) {
  MerkleTree tree;
  tree.add(content);
  return tree.finish();
}

std::string write_executable_facts(const ExecutableFacts& facts) {
  std::string out;
  const auto number = [&](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  };
  const auto text = [&](std::string_view value) {
    value = value.substr(0, 255);
    number(value.size(), 1);
    out += value;
  };
  number(static_cast<std::uint64_t>(facts.kind), 1);
  number(facts.mode, 4);
  number(facts.size_bytes, 8);
  for (const std::string* value : {&facts.sha256, &facts.verity, &facts.md5, &facts.sha1, &facts.build_id, &facts.interpreter, &facts.capabilities}) text(*value);
  return out;
}

std::optional<ExecutableFacts> read_executable_facts(const Facts& facts) {
  std::string_view rest = facts.note(kNote);
  if (rest.size() < 13) return std::nullopt;
  const Bytes head = as_bytes(rest);
  if (head[0] >= kKinds.size()) return std::nullopt;
  ExecutableFacts out{.kind = static_cast<FileKind>(head[0]), .mode = load_le<std::uint32_t>(head, 1), .size_bytes = load_le<std::uint64_t>(head, 5)};
  rest.remove_prefix(13);
  for (std::string* value : {&out.sha256, &out.verity, &out.md5, &out.sha1, &out.build_id, &out.interpreter, &out.capabilities}) {
    if (rest.empty()) return std::nullopt;
    const std::size_t size = static_cast<unsigned char>(rest.front());
    if (size > rest.size() - 1) return std::nullopt;
    *value = rest.substr(1, size);
    rest.remove_prefix(1 + size);
  }
  if (out.sha256.size() != kHash || (out.kind != FileKind::Plain && out.verity.size() != kHash)) return std::nullopt;
  return out;
}

Analyser executables(VerifyFiles files) {
  static constexpr std::array<std::string_view, 3> kNames = {"executables", "executables-packages", "files-packages"};
  Analyser out{.name = std::string(kNames[static_cast<std::size_t>(files)]), .version = kVersion};
  out.paths = {"**/*.{jar,war,ear,pyz,phar}", "**/__main__.py"};
  if (files == VerifyFiles::Executables) out.paths.emplace_back("usr/{lib,share}/**/package.json");
  out.magics = {"\x7f" "ELF", "#!", "MZ", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe"};
  out.all_files = files == VerifyFiles::All;
  out.scope = Scope::Image;
  out.nested = false;
  out.extract = [files](const FileView& file, const Limits&) { return extract(file, files); };
  out.resolve = [](const SquashedFacts&) -> Result<Catalogue> { return Catalogue{}; };
  return out;
}

}  // namespace plimsoll::profile
