#include "image/extract.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/digests.h"
#include "base/memory_source.h"
#include "base/path.h"
#include "base/text.h"
#include "format/inflate.h"
#include "format/source_chunks.h"
#include "format/zip.h"

namespace plimsoll::image {
namespace {

using format::ZipEntry;
using format::ZipReader;

constexpr std::uint64_t kEntryInMemory = 8ull << 20;  // bigger entries spill where the budget is tight
constexpr std::string_view kLocalMagic("PK\3\4", 4), kEmptyMagic("PK\5\6", 4);

template <std::size_t N>
bool one_of(std::string_view extension, const std::array<std::string_view, N>& sorted) {
  return std::binary_search(sorted.begin(), sorted.end(), extension);
}

std::string lower_extension(std::string_view path) {
  const std::string_view base = base_name(path);
  const std::size_t dot = base.rfind('.');
  return dot == std::string_view::npos || base.size() - dot > 12 ? std::string{} : lower(base.substr(dot + 1));
}

// Names under which the zip family goes. Of these a file that cannot be opened is a gap.
bool archive_extension(std::string_view extension) {
  static constexpr std::array<std::string_view, 21> kNames = {
      "aar", "ear", "egg", "esa", "hpi", "jar", "jmod", "jpi", "kar", "lpkg", "nar",
      "nupkg", "par", "pex", "pyz", "sar", "vsix", "war", "whl", "xpi", "zip"};
  return one_of(extension, kNames);
}

constexpr std::size_t kUstarAt = 257, kUstarNeed = 262;  // "ustar" in a tar's first header
constexpr std::string_view kGzipMagic = "\x1f\x8b";

bool tar_name(std::string_view path) {
  if (path.empty() || (path.back() | 0x20) < 'r') return false;  // asked of every file: most end in another letter
  const std::string name = lower(base_name(path));
  return name.ends_with(".tar") || name.ends_with(".tgz") || name.ends_with(".tar.gz");
}

// A layer in an OCI layout or `docker save` archive: its name is a digest.
bool packed_blob(std::string_view path, std::string_view head) {
  return head.starts_with(kGzipMagic) && path.find("blobs/sha256/") != std::string_view::npos;
}

bool is_ustar(std::string_view head) { return head.size() >= kUstarNeed && head.substr(kUstarAt, 5) == "ustar"; }

// Bytes at hand, as one chunk.
class ViewChunk : public format::ChunkSource {
 public:
  explicit ViewChunk(Bytes bytes) : bytes_(bytes) {}
  Result<Bytes> next_chunk() override {
    const Bytes out = bytes_;
    bytes_ = {};
    return out;
  }

 private:
  Bytes bytes_;
};

// Names whose content is text, bytecode or media: their first bytes are no magic that anyone asks for, and archives are
// full of them. Looking at one costs the set-up of an inflater.
bool plain_extension(std::string_view extension) {
  static constexpr std::array<std::string_view, 60> kNames = {
      "c", "cc", "class", "clj", "conf", "config", "cpp", "cs", "css", "csv", "dtd", "eot", "ftl", "gif", "groovy", "h",
      "hpp", "htm", "html", "ico", "ini", "java", "jpeg", "jpg", "js", "json", "jsp", "kotlin_metadata",
      "kotlin_module", "kt", "less", "list", "map", "md", "mf", "mo", "pom", "png", "po", "properties", "proto", "py",
      "pyc", "pyi", "rst", "scala", "schema", "scss", "sf", "sql", "svg", "tld", "ts", "ttf", "txt", "woff", "woff2",
      "xml", "xsd", "yml"};
  static const auto kSorted = [] {
    auto copy = kNames;
    std::sort(copy.begin(), copy.end());
    return copy;
  }();
  return one_of(extension, kSorted);
}

}  // namespace

bool may_be_archive(std::string_view path, Bytes head) {
  const std::string_view text = as_text(head);
  return text.starts_with(kLocalMagic) || text.starts_with(kEmptyMagic) || archive_extension(lower_extension(path)) ||
         tar_name(path) || packed_blob(path, text);
}

FoundFacts found_gap(std::string_view inner, Gap gap) {
  Facts facts;
  facts.gaps.push_back(std::move(gap));
  FoundFacts out{std::string(inner), UINT16_MAX, {}};
  write_facts(out.blob, facts);
  return out;
}

// One descent into an outermost file: what its nested archives share.
struct Extractor::Descent {
  std::string_view outer;
  std::uint64_t bytes_left;
  Wanted wanted;
  std::vector<FoundFacts>& out;

  std::string_view inner(std::string_view path) const {
    return path.size() > outer.size() + 2 ? path.substr(outer.size() + 2) : std::string_view{};
  }
  void gap(std::string_view part, std::string_view path, std::string_view why) {
    out.push_back(found_gap(inner(path), {std::string(part), std::string(path), std::string(why)}));
  }
};

// Where a walk over one zip stands.
class ZipWalk {
 public:
  // Entries that only their first bytes could have made wanted, and that do not show them.
  struct Unseen {
    std::uint64_t count = 0;
    std::string first, why;
  };
  ZipReader& zip;
  const ZipEntry& entry;
  const std::string& path;  // of the entry
  Unseen& unseen;
};

void Extractor::analyse(const FileView& given, std::string_view inner, std::span<const std::uint16_t> wanted,
                        std::vector<FoundFacts>& out) const {
  if (!wanted.empty()) ++analysed_;
  ContentDigests digests(given.content);
  FileView file = given;
  file.digests = &digests;
  for (const std::uint16_t index : wanted) {
    const Analyser& analyser = analysers_[index];
    Result<Facts> facts = analyser.extract(file, limits_);
    if (!facts) {
      out.push_back(found_gap(inner, {analyser.name, std::string(file.path), facts.error().message()}));
    } else if (!facts->empty()) {
      FoundFacts found{std::string(inner), index, {}};
      write_facts(found.blob, *facts);
      found.has_findings = !facts->findings.empty();
      out.push_back(std::move(found));
    }
  }
}

// Whoever found something wants to know whether the file is as a public package ships it: hashed for them alone.
void add_content_digests(Bytes content, std::vector<FoundFacts>& out) {
  std::vector<std::uint16_t> finders;
  for (const FoundFacts& found : out)
    if (found.has_findings && std::find(finders.begin(), finders.end(), found.analyser) == finders.end()) finders.push_back(found.analyser);
  if (finders.empty()) return;
  const Digests digests = all_digests(content, {.md5_and_sha1 = true, .verity = false});
  Facts facts;
  facts.notes.emplace_back(kContentDigests, cat(digests.md5, digests.sha1, digests.sha256));
  for (const std::uint16_t index : finders) {
    FoundFacts found{{}, index, {}};
    write_facts(found.blob, facts);
    out.push_back(std::move(found));
  }
}

void Extractor::run(const FileView& file, std::span<const std::uint16_t> wanted, bool open_archive,
                    std::vector<FoundFacts>& out) const {
  analyse(file, {}, wanted, out);
  if (file.content.empty()) return;
  if (open_archive) {
    Descent descent{file.path, limits_.archive_bytes, Wanted(matcher_.analysers()), out};
    open_nested(file, 1, descent);
  }
  add_content_digests(file.content, out);
}

void Extractor::open_nested(const FileView& file, std::uint32_t depth, Descent& descent) const {
  const std::string_view text = as_text(file.content);
  const bool zip = text.starts_with(kLocalMagic) || text.starts_with(kEmptyMagic) || archive_extension(lower_extension(file.path));
  if (!zip && (tar_name(file.path) || packed_blob(file.path, text) || is_ustar(text))) return open_tar(file, depth, descent);
  open_zip(file, depth, descent);
}

void Extractor::open_tar(const FileView& file, std::uint32_t depth, Descent& descent) const {
  ViewChunk plain(file.content);
  std::unique_ptr<format::SourceChunks<>> inflated;
  if (as_text(file.content).starts_with(kGzipMagic)) {
    Limits limits = limits_;
    limits.layer_bytes = descent.bytes_left;
    inflated = std::make_unique<format::SourceChunks<>>(format::gunzip(std::make_unique<MemorySource>(file.content), limits));
  }
  Limits limits = limits_;
  limits.layer_entries = limits_.archive_entries;
  format::TarReader reader(inflated ? static_cast<format::ChunkSource&>(*inflated) : plain, limits);
  format::TarEntry entry;
  std::string path;
  std::uint64_t charged = 0;
  while (true) {
    const Result<bool> more = reader.next(entry);
    if (!more) return descent.gap("archive", file.path, more.error().message());
    if (inflated) {  // what nested archives inflate comes from the same purse
      const std::uint64_t fresh = inflated->bytes() - charged;
      charged = inflated->bytes();
      if (fresh > descent.bytes_left)
        return descent.gap("archive", file.path, cat("more than ", limits_.archive_bytes, " bytes inflated from one archive"));
      descent.bytes_left -= fresh;
    }
    if (!*more) break;
    if (entry.kind != format::TarKind::File) continue;
    const std::string name = normalise_path(entry.name);
    if (entry.name_too_long || name.size() + file.path.size() > limits_.path_bytes) {
      descent.gap("archive", file.path, cat("an entry's name is longer than ", limits_.path_bytes, " bytes"));
      continue;
    }
    path = cat(file.path, "!/", name);
    if (const Status status = open_tar_entry(reader, entry, path, depth, descent); !status)
      return descent.gap("archive", file.path, status.error().message());
  }
  // To the end of the stream, where gzip's checksum stands; what follows a tar's end is nobody's.
  if (const Result<bool> rest = reader.after_end(); !rest) descent.gap("archive", file.path, rest.error().message());
}

Status Extractor::open_tar_entry(format::TarReader& reader, const format::TarEntry& entry, const std::string& path,
                                 std::uint32_t depth, Descent& descent) const {
  Wanted& wanted = descent.wanted;
  wanted.clear();
  matcher_.by_path(path, wanted);
  matcher_.by_any(path, wanted);
  matcher_.by_mode(entry.mode, true, wanted);
  // The first bytes tell the rest; they may lie over the border of two chunks.
  const std::size_t need = std::min<std::uint64_t>(entry.size, std::max<std::size_t>(matcher_.magic_bytes(), kUstarNeed));
  PLIM_TRY(Bytes rest, reader.content());
  std::string head;
  if (rest.size() < need) {
    while (head.size() < need) {
      head.append(as_text(rest));
      if (head.size() >= need) break;
      PLIM_TRY(rest, reader.content());
    }
    rest = {};
  }
  const Bytes front = head.empty() ? rest : as_bytes(head);
  matcher_.by_magic(front, true, wanted);
  bool archive = entry.size > 0 && (may_be_archive(path, front) || is_ustar(as_text(front)));
  if (archive && depth >= limits_.archive_depth) {
    descent.gap("archive", path, cat("archives nested deeper than ", limits_.archive_depth));
    archive = false;
  }
  if (wanted.empty() && !archive) return Ok{};
  if (entry.sparse || entry.size > limits_.spilled_file_bytes) {
    descent.gap("archive", path, entry.sparse ? std::string("sparse file in an archive is not analysed") : cat("entry of ", entry.size, " bytes"));
    return Ok{};
  }
  // The wanted set is used up before a nested archive is entered, which uses the same one.
  const auto show = [&](Bytes bytes) {
    const FileView view{.path = path, .content = bytes, .mode = entry.mode};
    analyse(view, descent.inner(path), wanted.list(), descent.out);
    if (archive && !bytes.empty()) open_nested(view, depth + 1, descent);
  };
  if (head.empty() && rest.size() == entry.size) {
    show(rest);
    return Ok{};
  }
  Result<Content> content = Content::make(entry.size, std::min(limits_.file_bytes, kEntryInMemory), budget_);
  Status status = content ? content->write(0, as_bytes(head)) : Status(content.error());
  std::uint64_t at = head.size();
  while (status) {
    status = content->write(at, rest);
    at += rest.size();
    if (at == entry.size) break;
    PLIM_TRY(rest, reader.content());
  }
  Result<Bytes> bytes = status ? content->bytes() : Result<Bytes>(status.error());
  if (!bytes) {
    descent.gap("archive", path, bytes.error().message());
    return Ok{};
  }
  const Trimmer::Watch watch(trimmer_, *content);
  show(*bytes);
  return Ok{};
}

void Extractor::open_zip(const FileView& file, std::uint32_t depth, Descent& descent) const {
  Result<ZipReader> opened = ZipReader::open(file.content, limits_);
  if (!opened) return descent.gap("archive", file.path, opened.error().message());
  ZipReader zip = std::move(opened).value();
  ZipEntry entry;
  std::string path;
  ZipWalk::Unseen unseen;
  while (true) {
    const Result<bool> more = zip.next(entry);
    if (!more) return descent.gap("archive", file.path, more.error().message());
    if (!*more) break;
    if (entry.directory()) continue;
    std::string name(entry.name);
    if (name.find('\\') != std::string::npos && name.find('/') == std::string::npos)  // some Windows writers
      std::replace(name.begin(), name.end(), '\\', '/');
    name = normalise_path(name);
    if (name.size() + file.path.size() > limits_.path_bytes) {
      descent.gap("archive", file.path, cat("an entry's name is longer than ", limits_.path_bytes, " bytes"));
      continue;
    }
    path = cat(file.path, "!/", name);
    ZipWalk walk{zip, entry, path, unseen};
    open_entry(walk, depth, descent);
  }
  if (unseen.count == 1) descent.gap("archive", unseen.first, unseen.why);
  if (unseen.count > 1)
    descent.gap("archive", file.path,
                cat("what ", unseen.count, " entries are was not seen, the first ", to_utf8(std::string_view(unseen.first).substr(file.path.size() + 2)), ": ", unseen.why));
  if (zip.overlapping()) descent.gap("archive", file.path, "zip: entries overlap");
}

void Extractor::open_entry(ZipWalk& walk, std::uint32_t depth, Descent& descent) const {
  const ZipEntry& entry = walk.entry;
  Wanted& wanted = descent.wanted;
  wanted.clear();
  matcher_.by_path(walk.path, wanted);
  matcher_.by_any(walk.path, wanted);
  matcher_.by_mode(entry.mode, true, wanted);
  const std::string extension = lower_extension(walk.path);
  bool archive = archive_extension(extension) || tar_name(walk.path);
  const bool stored = entry.method == 0;
  if (!archive && (stored || (matcher_.wants_nested_magic() && entry.size >= 64 && !plain_extension(extension)))) {
    const auto head = walk.zip.head(entry, std::max<std::size_t>(matcher_.magic_bytes(), 4));
    // Of an entry wanted by its name the reading below tells.
    if (!head && wanted.empty() && walk.unseen.count++ == 0) {
      walk.unseen.first = walk.path;
      walk.unseen.why = head.error().message();
    }
    if (head) {
      matcher_.by_magic(as_bytes(*head), true, wanted);
      archive = head->starts_with(kLocalMagic);
    }
  }
  if (wanted.empty() && !archive) return;
  if (archive && depth >= limits_.archive_depth) {
    descent.gap("archive", walk.path, cat("archives nested deeper than ", limits_.archive_depth));
    archive = false;
    if (wanted.empty()) return;
  }
  if (entry.size > limits_.spilled_file_bytes)
    return descent.gap("archive", walk.path, cat("entry of ", entry.size, " bytes"));
  if (!stored && entry.size > descent.bytes_left)
    return descent.gap("archive", walk.path, cat("more than ", limits_.archive_bytes, " bytes inflated from one archive"));

  // The wanted set is used up before a nested archive is entered, which uses the same one.
  const auto show = [&](Bytes bytes) {
    const FileView view{.path = walk.path, .content = bytes, .mode = entry.mode};
    analyse(view, descent.inner(walk.path), wanted.list(), descent.out);
    if (archive && !bytes.empty()) open_nested(view, depth + 1, descent);
  };
  if (stored && !entry.encrypted()) {
    const Result<Bytes> bytes = walk.zip.stored(entry);
    if (!bytes) return descent.gap("archive", walk.path, bytes.error().message());
    return show(*bytes);
  }
  descent.bytes_left -= entry.size;
  if (entry.size <= std::min(limits_.file_bytes, std::uint64_t{64} << 10)) {
    const Result<std::string> content = walk.zip.read(entry);
    if (!content) return descent.gap("archive", walk.path, content.error().message());
    return show(as_bytes(*content));
  }
  Result<Content> content = Content::make(entry.size, std::min(limits_.file_bytes, kEntryInMemory), budget_);
  if (!content) return descent.gap("archive", walk.path, content.error().message());
  std::uint64_t at = 0;
  const Status status = walk.zip.stream(entry, [&](Bytes piece) -> Status {
    PLIM_CHECK(content->write(at, piece));
    at += piece.size();
    return Ok{};
  });
  if (!status) return descent.gap("archive", walk.path, status.error().message());
  const Result<Bytes> bytes = content->bytes();
  if (!bytes) return descent.gap("archive", walk.path, bytes.error().message());
  const Trimmer::Watch watch(trimmer_, *content);
  show(*bytes);
}

}  // namespace plimsoll::image
