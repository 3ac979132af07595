// java_archive: Maven packages in jars and their kin (war, ear, Jenkins plug-ins...), nested and shaded ones included.
//
// Input   the archive itself (SHA-1, folders) and, as entries of it, META-INF/MANIFEST.MF and
// META-INF/maven/G/A/pom.xml
//         and pom.properties; the same of an exploded archive on disk; *.pom of local repositories (for parents);
//         hostile.
// Output  for each archive its main package, at the archive's path, and one package for each other artefact packed into
//         it, at the path of its pom inside. Which one is main: the artefact whose name the file's name begins with;
//         else the manifest's; without either the file's name and version.
//         A pom of which the archive holds no trace (no folder of its group or artefact) is stray and is left out.
// Errors  Limit. A version that stays "${...}" is a gap; broken XML falls back to pom.properties, else is an error.
// Cost    SHA-1 of each archive; of big archives with several poms also their directory of entries.
// Source  JAR File Specification (manifest), Maven Archiver reference, OSGi Core 8 ch. 3 (Bundle headers).
#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/hash.h"
#include "format/zip.h"
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/headers.h"
#include "inventory/java_groups.h"
#include "inventory/metadata_license.h"
#include "inventory/pom.h"

namespace plimsoll::inventory {
namespace {

constexpr std::string_view kKept[] = {"Implementation-Title",
                                      "Implementation-Version",
                                      "Implementation-Vendor-Id",
                                      "Specification-Title",
                                      "Specification-Version",
                                      "Bundle-SymbolicName",
                                      "Bundle-Version",
                                      "Bundle-Name",
                                      "Bundle-License",
                                      "Automatic-Module-Name",
                                      "Extension-Name",
                                      "Short-Name",
                                      "Plugin-Version",
                                      "Group-Id",
                                      "HudsonVersion",
                                      "Hudson-Version",
                                      "Implementation-Group",
                                      "Name"};

// What is kept of the folders of one archive. Jars of 20,000 folders need some hundred KiB.
constexpr std::size_t kMaxFolderBytes = 4 << 20;

constexpr std::string_view kExtensions[] = {".jar", ".war", ".ear",  ".par", ".sar", ".nar", ".jpi",
                                            ".hpi", ".kar", ".lpkg", ".rar", ".aar", ".far"};

std::string_view stem_of(std::string_view path) {
  const std::string_view name = base_name(path);
  for (const std::string_view extension : kExtensions)
    if (name.ends_with(extension)) return name.substr(0, name.size() - extension.size());
  return name;
}

bool is_archive(std::string_view path) { return stem_of(path).size() != base_name(path).size(); }

// The other names are used for archives of other kinds too.
bool is_surely_java(std::string_view path) {
  return path.ends_with(".jar") || path.ends_with(".war") || path.ends_with(".ear") || path.ends_with(".hpi") ||
         path.ends_with(".jpi");
}

// "META-INF/maven/g/a/pom.xml" -> {"", "g", "a"}; the first part is what stands before META-INF.
struct PomPlace {
  std::string_view root, group, artifact;
};
PomPlace place_of(std::string_view path) {
  const std::size_t at = path.rfind("META-INF/maven/");
  if (at == std::string_view::npos) return {};
  const auto parts = split(path.substr(at + 15), '/');
  if (parts.size() != 3) return {};
  return {path.substr(0, at), parts[0], parts[1]};
}

void read_properties(std::string_view text, const FileView& file, Facts& facts) {
  std::string_view line, group, artifact, version;
  while (next_line(text, line)) {
    line = trim(line);
    if (line.starts_with('#') || line.starts_with('!')) continue;
    const std::size_t separator = line.find_first_of("=:");
    if (separator == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, separator)), value = trim(line.substr(separator + 1));
    if (key == "groupId") group = value;
    if (key == "artifactId") artifact = value;
    if (key == "version") version = value;
  }
  const PomPlace place = place_of(file.path);
  if (group.empty()) group = place.group;
  if (artifact.empty()) artifact = place.artifact;
  // Another artefact's file under this artefact's name is nobody's: it was copied there, not built.
  if (artifact != place.artifact || group.empty() || artifact.empty()) return;
  for (const std::string_view part : {group, artifact, version})
    if (part.size() > kMaxNameBytes) {
      facts.gaps.push_back(
          {"java_archive", to_utf8(file.path), cat("a coordinate of ", part.size(), " bytes was not believed")});
      return;
    }
  facts.notes.emplace_back("properties", cat(group, "\n", artifact, "\n", version));
}

// The parts of an archive's folders, each once, within kMaxFolderBytes: "org/apache/poi" -> "org/", "apache", "poi",
// "org/apache", "apache/poi". A slash at the end marks a part that stands first.
class FolderParts {
 public:
  void add(std::string_view folder) {
    std::string lowered = lower(folder);
    std::replace(lowered.begin(), lowered.end(), '\n', ' ');
    std::string_view before;
    bool first = true;
    for (const std::string_view part : split(lowered, '/')) {
      keep(first ? cat(part, "/") : std::string(part));
      if (!first) keep(cat(before, "/", part));
      before = part;
      first = false;
    }
  }
  bool full() const { return full_; }
  std::string joined() const {
    std::vector<std::string_view> sorted(parts_.begin(), parts_.end());
    std::sort(sorted.begin(), sorted.end());
    std::string out;
    for (const std::string_view part : sorted) out.append(part).push_back('\n');
    return out;
  }

 private:
  void keep(std::string part) {
    if (full_ || parts_.contains(part)) return;
    bytes_ += part.size() + 1;
    full_ = bytes_ > kMaxFolderBytes;
    if (!full_) parts_.insert(std::move(part));
  }
  std::unordered_set<std::string> parts_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

// The folders of an archive, for two questions: does it hold what a pom in it names, and what package are its classes
// in when nothing tells its group. Of a damaged archive all poms are believed: the walk names the damage.
void list_folders(format::ZipReader& zip, const FileView& file, const Limits& limits, Facts& facts) {
  std::size_t poms = 0;
  FolderParts parts;
  std::string classes;  // the folder that all classes share
  bool any_class = false, damaged = false;
  format::ZipEntry entry;
  std::string last;
  while (true) {
    const auto more = zip.next(entry);
    damaged = !more;
    if (!more || !*more) break;
    if (entry.name.size() > limits.path_bytes) continue;
    if (entry.name.starts_with("META-INF/maven/")) {
      if (entry.name.ends_with("/pom.properties") || entry.name.ends_with("/pom.xml")) ++poms;
      continue;
    }
    if (entry.name.starts_with("META-INF/versions/") || entry.directory()) continue;
    const std::string_view folder = parent_path(entry.name);
    if (folder != last && !folder.empty()) parts.add(folder);
    last = folder;
    if (!entry.name.ends_with(".class") || folder.empty()) continue;
    if (!any_class) classes = folder;
    any_class = true;
    while (!classes.empty() && folder != classes && !folder.starts_with(cat(classes, "/")))
      classes = parent_path(classes);
  }
  if (!classes.empty() && classes.size() < kMaxNameBytes) facts.notes.emplace_back("classes", to_utf8(classes));
  if (poms < 2 || damaged) return;  // one artefact alone is the archive's own: nothing to tell apart
  if (parts.full()) {
    facts.gaps.push_back({"java_archive", to_utf8(file.path),
                          cat("the names of its folders take more than ", kMaxFolderBytes,
                              " bytes: which of its poms are strays was not told, all were believed")});
    return;
  }
  facts.notes.emplace_back("folders", parts.joined());
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  const std::string_view name = base_name(file.path);
  if (name == "MANIFEST.MF") {
    PLIM_TRY(const std::string_view text, text_of(file, limits));
    const Headers headers = read_headers(text, Folding::Joined);
    for (const std::string_view key : kKept)
      if (const std::string_view value = headers.get(key); !value.empty())
        facts.notes.emplace_back(key, value.substr(0, kMaxNameBytes));
    if (facts.notes.empty()) facts.notes.emplace_back("manifest", "");
  } else if (name == "pom.properties") {
    PLIM_TRY(const std::string_view text, text_of(file, limits));
    read_properties(text, file, facts);
  } else if (name == "pom.xml" || name.ends_with(".pom")) {
    PLIM_TRY(const Pom pom, parse_pom(file.content, limits));
    facts.notes.emplace_back("pom", pom.packed());
  } else if (is_archive(file.path)) {
    auto zip = format::ZipReader::open(file.content, limits);
    if (!zip && !as_text(file.content).starts_with("PK"))
      return facts;  // no archive: the walk says so where it matters
    facts.notes.emplace_back("sha1", hash_hex(HashKind::Sha1, file.content));
    if (zip) list_folders(*zip, file, limits, facts);
  }
  return facts;
}

struct Artefact {
  std::string group, artifact, version;
  const FileFacts* properties = nullptr;
  const FileFacts* xml = nullptr;
};

struct Archive {
  const FileFacts* file = nullptr;  // the archive itself; null for an exploded one
  const FileFacts* manifest = nullptr;
  std::map<std::pair<std::string, std::string>, Artefact> artefacts;  // by the folder names below META-INF/maven
};

// "commons-io-2.11.0" -> {"commons-io", "2.11.0"}; "org.eclipse.osgi_3.18.0" too; {"rt", ""} without a version.
std::pair<std::string_view, std::string_view> split_file_name(std::string_view stem) {
  for (std::size_t i = 1; i + 1 < stem.size(); ++i) {
    if (stem[i] != '-' && stem[i] != '_') continue;
    std::size_t digit = i + 1;
    if (stem[digit] == 'v' && digit + 1 < stem.size()) ++digit;
    if (stem[digit] < '0' || stem[digit] > '9') continue;
    // "log4j-1.2-api-2.17.1": digits followed by a word that is no version part belong to the name.
    const std::string_view rest = stem.substr(i + 1);
    bool later = false;
    for (std::size_t j = 1; j + 1 < rest.size(); ++j)
      if (rest[j] == '-' && ((rest[j + 1] >= 'a' && rest[j + 1] <= 'z')) &&
          rest.find('-', j + 1) != std::string_view::npos) {
        const std::size_t next = rest.find('-', j + 1);
        const std::string_view word = rest.substr(j + 1, next - j - 1);
        static constexpr std::string_view kVersionWords[] = {"alpha",      "beta", "rc",      "m",        "ga", "final",
                                                             "release",    "jre",  "android", "snapshot", "cr", "pre",
                                                             "incubating", "b",    "build",   "sp"};
        if (next + 1 < rest.size() && rest[next + 1] >= '0' && rest[next + 1] <= '9' &&
            rest.find('.', next) != std::string_view::npos &&
            std::find(std::begin(kVersionWords), std::end(kVersionWords), word) == std::end(kVersionWords))
          later = true;
        break;
      }
    if (later) continue;
    return {stem.substr(0, i), rest};
  }
  return {stem, {}};
}

bool starts_with_name(std::string_view stem, std::string_view artifact) {
  if (artifact.empty() || stem.size() < artifact.size()) return false;
  const auto plain = [](char c) {
    return c == '_' || c == '.' ? '-' : c;
  };  // Debian writes "interceptor-3.0-spec" for "interceptor_3.0_spec"
  if (!std::equal(artifact.begin(), artifact.end(), stem.begin(), [&](char a, char b) { return plain(a) == plain(b); }))
    return false;
  const std::string_view rest = stem.substr(artifact.size());
  return rest.empty() ||
         ((rest[0] == '-' || rest[0] == '_' || rest[0] == '.') && (rest.size() == 1 || rest[1] < 'a' || rest[1] > 'z'));
}

std::string_view bundle_name(std::string_view text) { return trim(cut(text, ';').first); }

// A reverse domain name: "spring.boot.loader" is a module name and no group.
bool looks_like_group(std::string_view text) {
  static constexpr std::string_view kDomains[] = {"com",   "org",      "net",  "io",      "edu",   "gov",
                                                  "info",  "dev",      "app",  "me",      "co",    "biz",
                                                  "cloud", "software", "tech", "jakarta", "javax", "java"};
  const std::string_view first = cut(text, '.').first;
  const bool country =
      first.size() == 2 && first.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
  if (!country && std::find(std::begin(kDomains), std::end(kDomains), first) == std::end(kDomains)) return false;
  return text.find('.') != std::string_view::npos && text.find_first_of(" /:,\"'()") == std::string_view::npos;
}

// Group from a manifest: what names it outright, then the symbolic name without the artefact at its end.
std::string manifest_group(const Facts& manifest, std::string_view artifact) {
  for (const std::string_view key : {"Group-Id", "Implementation-Group", "Implementation-Vendor-Id"})
    if (const std::string_view value = trim(manifest.note(key)); looks_like_group(value)) return std::string(value);
  for (const std::string_view key : {"Bundle-SymbolicName", "Automatic-Module-Name", "Extension-Name"}) {
    const std::string_view value = bundle_name(manifest.note(key));
    if (!looks_like_group(value)) continue;
    std::string_view group = value;
    if (group.ends_with(artifact) && group.size() > artifact.size() && group[group.size() - artifact.size() - 1] == '.')
      group.remove_suffix(artifact.size() + 1);
    return std::string(group);
  }
  return {};
}

bool is_named(const Facts& manifest, std::string_view name) {
  for (const std::string_view key : {"Bundle-Name", "Bundle-SymbolicName", "Implementation-Title", "Extension-Name",
                                     "Short-Name", "Automatic-Module-Name"}) {
    const std::string_view value = bundle_name(manifest.note(key));
    if (equals_ignore_case(value, name) || equals_ignore_case(split_last(value, '.').second, name)) return true;
  }
  return false;
}

// What the folders of one archive tell of the artefacts it may hold.
class Traces {
 public:
  // `folders` is FolderParts::joined(); it must outlive this.
  explicit Traces(std::string_view folders) {
    std::string_view part;
    while (next_line(folders, part)) {
      const std::size_t slash = part.find('/');
      if (slash != std::string_view::npos && slash + 1 < part.size()) {
        pairs_.insert(part);
        continue;
      }
      if (slash == std::string_view::npos) starts_.push_back(part);
      ends_.emplace_back(part.substr(0, slash));
      std::reverse(ends_.back().begin(), ends_.back().end());
    }
    std::sort(starts_.begin(), starts_.end());
    std::sort(ends_.begin(), ends_.end());
  }
  bool any() const { return !ends_.empty(); }

  // Whether the folders show that the archive holds an artefact: the first two parts of its group, or a word of its name
  // at the end of a folder's name or the beginning of a lower folder's.
  bool of(const std::string& group, const std::string& artifact) const {
    static constexpr std::string_view kCommon[] = {"com",     "org",   "net",    "io",      "core",   "api",
                                                   "java",    "main",  "common", "commons", "client", "parent",
                                                   "project", "maven", "plugin", "apache",  "github", "googlecode"};
    const auto parts = split(group, '.');
    if (parts.size() >= 2 && pairs_.contains(lower(cat(parts[0], "/", parts[1])))) return true;
    std::string words = lower(cat(group, "-", artifact));
    std::replace_if(
        words.begin(), words.end(), [](char c) { return c == '.' || c == '_'; }, '-');
    bool asked = false;
    for (const std::string_view word : split(words, '-')) {
      if (word.size() < 2 || std::find(std::begin(kCommon), std::end(kCommon), word) != std::end(kCommon)) continue;
      asked = true;
      if (begins(starts_, word) || begins(ends_, std::string(word.rbegin(), word.rend()))) return true;
    }
    return !asked;  // "commons-io": no word of it tells anything, so it is believed
  }

 private:
  template <class Text>
  static bool begins(const std::vector<Text>& sorted, std::string_view prefix) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), prefix);
    return at != sorted.end() && at->starts_with(prefix);
  }
  std::unordered_set<std::string_view> pairs_;
  std::vector<std::string_view> starts_;
  std::vector<std::string> ends_;  // reversed
};

std::string_view first_note(const Facts& facts, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (const std::string_view value = trim(facts.note(key));
        !value.empty() && value.find("${") == std::string_view::npos)
      return value;
  return {};
}

class Resolver {
 public:
  explicit Resolver(const SquashedFacts& facts) : facts_(facts) {}

  Result<Catalogue> run() {
    for (const FileFacts& file : facts_.files) place(file);
    for (auto& [path, archive] : archives_) report(path, archive);
    return std::move(out_);
  }

 private:
  void place(const FileFacts& file) {
    if (!file.facts->note("sha1").empty()) {
      archives_[file.path].file = &file;
      return;
    }
    if (const std::string_view pom = file.facts->note("pom"); !pom.empty())
      poms_.add(std::string(file.path), Pom::unpacked(pom));
    const PomPlace where = place_of(file.path);
    std::string_view root = where.root;
    if (base_name(file.path) == "MANIFEST.MF")
      root = file.path.substr(0, file.path.size() - std::string_view("META-INF/MANIFEST.MF").size());
    else if (where.artifact.empty())
      return;  // a *.pom of a repository: a parent at most
    const bool nested = root.ends_with("!/");
    if (nested)
      root.remove_suffix(2);
    else if (archive_of(file.path).size() > 0)
      return;  // deeper in an archive than its own META-INF: data, not its description
    else if (root.ends_with('/'))
      root.remove_suffix(1);
    Archive& archive = archives_[root];
    if (base_name(file.path) == "MANIFEST.MF") {
      archive.manifest = &file;
      return;
    }
    Artefact& artefact = archive.artefacts[{std::string(where.group), std::string(where.artifact)}];
    if (const std::string_view properties = file.facts->note("properties"); !properties.empty()) {
      const auto parts = split(properties, '\n');
      artefact.properties = &file;
      artefact.group = parts[0];
      artefact.artifact = parts.size() > 1 ? parts[1] : std::string_view();
      artefact.version = parts.size() > 2 ? parts[2] : std::string_view();
    } else if (!file.facts->note("pom").empty()) {
      artefact.xml = &file;
    }
  }

  // Fills from pom.xml what pom.properties does not say.
  void complete(Artefact& artefact) {
    if (!artefact.xml) return;
    const std::string path(artefact.xml->path);
    if (artefact.artifact.empty()) artefact.artifact = poms_.artifact(path);
    if (artefact.group.empty() || artefact.group.find("${") != std::string::npos) artefact.group = poms_.group(path);
    if (artefact.version.empty() || artefact.version.find("${") != std::string::npos)
      artefact.version = poms_.version(path);
  }

  void describe(Package& package, const Artefact& artefact) {
    if (!artefact.xml) return;
    const std::string path(artefact.xml->path);
    const Pom* pom = poms_.by_path(path);
    if (!pom) return;
    for (const std::string& license : pom->licenses) add_unique(package.licenses, license);
    for (const PomDependency& dependency : poms_.dependencies(path))
      if (dependency.scope != "test" && dependency.scope != "provided" && !dependency.optional)
        add_unique(package.depends, cat(dependency.group, ":", dependency.artifact));
  }

  Package make(const Artefact& artefact, const FileFacts& where) {
    Package package;
    package.type = "maven";
    package.ns = artefact.group;
    package.name = artefact.artifact;
    package.version = artefact.version;
    package.locations = {facts_.location(where)};
    if (artefact.version.find("${") != std::string::npos) {
      out_.gaps.push_back({"java_archive", to_utf8(where.path),
                           cat("the version of ", to_utf8(artefact.artifact), " stays ", to_utf8(artefact.version),
                               ": its parent POM is not there")});
      package.version.clear();
    }
    if (artefact.group.find("${") != std::string::npos) package.ns.clear();
    describe(package, artefact);
    return package;
  }

  // The group of an artefact without a pom: what is known of its name, what the manifest says, where its classes lie
  // ("org/elasticsearch/common" -> org.elasticsearch), and at last its own name, as the oldest artefacts had it.
  static std::string group_of(const Artefact& artefact, const Facts& manifest, const Facts& archive) {
    if (const auto known = known_java_group(artefact.artifact, artefact.version); !known.empty())
      return std::string(known);
    if (std::string said = manifest_group(manifest, artefact.artifact); !said.empty()) return said;
    std::string classes(archive.note("classes"));
    std::replace(classes.begin(), classes.end(), '/', '.');
    if (looks_like_group(classes)) {
      const std::size_t second = classes.find('.', classes.find('.') + 1);
      return classes.substr(0, second);
    }
    return artefact.version.empty() ? std::string() : artefact.artifact;
  }

  void report(std::string_view path, Archive& archive) {
    std::vector<Artefact*> artefacts;
    for (auto& [key, artefact] : archive.artefacts) {
      complete(artefact);
      if (!artefact.artifact.empty()) artefacts.push_back(&artefact);
    }
    if (!archive.file) {  // exploded: its poms speak, a bare manifest does not
      for (const Artefact* artefact : artefacts)
        out_.packages.push_back(make(*artefact, artefact->properties ? *artefact->properties : *artefact->xml));
      return;
    }
    const std::string_view stem = stem_of(path);
    const auto [file_name, file_version] = split_file_name(stem);
    if (!archive.manifest && artefacts.empty() && archive.file->facts->note("classes").empty() &&
        !is_surely_java(path)) {
      return;
    }
    static const Facts kNoManifest;
    const Facts& manifest = archive.manifest ? *archive.manifest->facts : kNoManifest;

    const Artefact* main = nullptr;
    for (const Artefact* artefact : artefacts) {  // the longest name that fits: "log4j-core" before "log4j"
      if (artefact->artifact != file_name && !starts_with_name(stem, artefact->artifact)) continue;
      if (!main || artefact->artifact.size() > main->artifact.size()) main = artefact;
    }
    if (!main) {
      const std::string_view bundle = bundle_name(manifest.note("Bundle-SymbolicName"));
      for (const Artefact* artefact : artefacts) {
        const std::string full = cat(artefact->group, ".", artefact->artifact);
        if (bundle == full || bundle == artefact->artifact ||
            artefact->artifact == trim(manifest.note("Implementation-Title")))
          main = artefact;
      }
    }
    // One pom in "app.jar" is the application's, unless the manifest says that the jar is what its file is called
    // (guice.jar holds cglib's pom and says Bundle-Name: guice).
    if (!main && artefacts.size() == 1 && file_version.empty() && !is_named(manifest, stem)) main = artefacts.front();

    Package package;
    if (main) {
      package = make(*main, *archive.file);
      if (package.version.empty()) package.version = file_version;
    } else {
      Artefact guess;
      guess.artifact = file_name;
      guess.version = !file_version.empty() ? file_version
                                            : first_note(manifest, {"Implementation-Version", "Bundle-Version",
                                                                    "Plugin-Version", "Specification-Version"});
      guess.group = group_of(guess, manifest, *archive.file->facts);
      package = make(guess, *archive.file);
    }
    package.set_property("sha1", archive.file->facts->note("sha1"));
    if (package.licenses.empty())
      for (const std::string_view license : split(manifest.note("Bundle-License"), ','))
        if (const std::string_view one = trim(cut(license, ';').first); !one.empty())
          add_license(package.licenses, one);
    if (!package.name.empty()) out_.packages.push_back(std::move(package));

    const Traces traces(archive.file->facts->note("folders"));
    for (const Artefact* artefact : artefacts)
      if (artefact != main && (!traces.any() || traces.of(artefact->group, artefact->artifact)))
        out_.packages.push_back(make(*artefact, artefact->properties ? *artefact->properties : *artefact->xml));
  }

  const SquashedFacts& facts_;
  PomSet poms_;
  std::map<std::string_view, Archive> archives_;
  Catalogue out_;
};

Result<Catalogue> resolve(const SquashedFacts& facts) { return Resolver(facts).run(); }

}  // namespace

Cataloguer java_archive() {
  return {.name = "java_archive",
          .version = 3,
          .paths = {"**/*.{jar,war,ear,par,sar,nar,jpi,hpi,kar,lpkg,rar,aar,far}", "META-INF/MANIFEST.MF",
                    "**/META-INF/maven/*/*/pom.{xml,properties}", "**/*.pom"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
