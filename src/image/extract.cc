#include "image/extract.h"

#include <algorithm>
#include <array>

#include "base/path.h"
#include "base/text.h"
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
  return text.starts_with(kLocalMagic) || text.starts_with(kEmptyMagic) || archive_extension(lower_extension(path));
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

void Extractor::analyse(const FileView& file, std::string_view inner, std::span<const std::uint16_t> wanted,
                        std::vector<FoundFacts>& out) const {
  if (!wanted.empty()) ++analysed_;
  for (const std::uint16_t index : wanted) {
    const Analyser& analyser = analysers_[index];
    Result<Facts> facts = analyser.extract(file, limits_);
    if (!facts) {
      out.push_back(found_gap(inner, {analyser.name, std::string(file.path), facts.error().message()}));
    } else if (!facts->empty()) {
      FoundFacts found{std::string(inner), index, {}};
      write_facts(found.blob, *facts);
      out.push_back(std::move(found));
    }
  }
}

void Extractor::run(const FileView& file, std::span<const std::uint16_t> wanted, bool open_archive,
                    std::vector<FoundFacts>& out) const {
  analyse(file, {}, wanted, out);
  if (!open_archive || file.content.empty()) return;
  Descent descent{file.path, limits_.archive_bytes, Wanted(matcher_.analysers()), out};
  open_zip(file, 1, descent);
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
  matcher_.by_mode(entry.mode, true, wanted);
  const std::string extension = lower_extension(walk.path);
  bool archive = archive_extension(extension);
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
    if (archive && !bytes.empty()) open_zip(view, depth + 1, descent);
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
