// One program for every fuzz target.
//
//   plimsoll_fuzz --list                     the targets
//   plimsoll_fuzz --all TESTS_DATA           replays every target on its corpus (see corpus_of), and on mutations of it;
//                                            exit 1 when a target has no file, for then nothing was tried
//   plimsoll_fuzz TARGET FILE...             replays files
//   fuzz_MODULE_NAME (a link to the program) with libFuzzer: fuzzes that target; arguments are libFuzzer's
//
// Mutations are seeded by the target's name, so a failing run repeats exactly.
#include "fuzz_runner.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;
constexpr std::size_t kMaxInput = 1 << 20;

Input read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Input bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (bytes.size() > kMaxInput) bytes.resize(kMaxInput);
  return bytes;
}

const FuzzTarget* find(std::string_view name) {
  const auto& targets = fuzz_targets();
  const auto it = std::find_if(targets.begin(), targets.end(), [&](const FuzzTarget& t) { return t.name == name; });
  return it == targets.end() ? nullptr : &*it;
}

// tests/data/fuzz/TARGET/* (crashes and seeds), and the plugin's own fixtures tests/data/MODULE/NAME/**.
std::vector<fs::path> corpus_of(const FuzzTarget& target, const fs::path& data) {
  std::string rest(target.name.substr(5));
  const std::size_t underscore = rest.find('_');
  std::vector<fs::path> files;
  for (const fs::path& folder : {data / "fuzz" / target.name, data / rest.substr(0, underscore) / rest.substr(underscore + 1)}) {
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && entry.path().filename() != "SOURCE") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Input mutate(Input bytes, std::mt19937_64& random) {
  static constexpr std::uint8_t kOdd[] = {0, 1, 0x7f, 0x80, 0xff, '\n', '"', '/', '.'};
  const int edits = 1 + static_cast<int>(random() % 8);
  for (int i = 0; i < edits; ++i) {
    const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 5) {
      case 0: if (!bytes.empty()) bytes[at] ^= static_cast<std::uint8_t>(1u << (random() % 8)); break;
      case 1: if (!bytes.empty()) bytes[at] = kOdd[random() % std::size(kOdd)]; break;
      case 2: bytes.resize(at); break;
      case 3: bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), kOdd[random() % std::size(kOdd)]); break;
      default: {
        const std::size_t length = std::min<std::size_t>(random() % 64, bytes.size() - at);
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
      }
    }
  }
  return bytes;
}

std::size_t replay(const FuzzTarget& target, const std::vector<fs::path>& files, int mutations) {
  std::mt19937_64 random(std::hash<std::string_view>{}(target.name));
  std::size_t runs = 1;
  target.run({});
  for (const fs::path& file : files) {
    const Input input = read(file);
    target.run(input);
    const int rounds = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(mutations), (4u << 20) / (input.size() + 1) + 1));
    for (int i = 0; i < rounds; ++i, ++runs) target.run(mutate(input, random));
    ++runs;
  }
  return runs;
}

}  // namespace

#ifdef PLIMSOLL_LIBFUZZER
static const FuzzTarget* chosen = nullptr;
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  chosen = find(fs::path((*argv)[0]).filename().string());
  if (!chosen) {
    std::fprintf(stderr, "call this program by the name of a target (a link), one of:\n");
    for (const FuzzTarget& target : fuzz_targets()) std::fprintf(stderr, "  %.*s\n", static_cast<int>(target.name.size()), target.name.data());
    std::exit(2);
  }
  (void)argc;
  return 0;
}
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({data, size});
  return 0;
}
#else
int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "--list";
  if (first == "--list") {
    for (const FuzzTarget& target : fuzz_targets()) std::printf("%.*s\n", static_cast<int>(target.name.size()), target.name.data());
    return 0;
  }
  if (first == "--all" && argc == 3) {
    bool every_target_has_files = true;
    for (const FuzzTarget& target : fuzz_targets()) {
      const std::vector<fs::path> files = corpus_of(target, argv[2]);
      if (files.empty()) {
        std::fprintf(stderr, "plimsoll_fuzz: %.*s has no file: put one in tests/data/fuzz/%.*s\n", static_cast<int>(target.name.size()),
                     target.name.data(), static_cast<int>(target.name.size()), target.name.data());
        every_target_has_files = false;
      }
      std::printf("%.*s: %zu files ", static_cast<int>(target.name.size()), target.name.data(), files.size());
      std::fflush(stdout);
      std::printf("%zu runs\n", replay(target, files, 40));
    }
    return every_target_has_files ? 0 : 1;
  }
  const FuzzTarget* target = find(first);
  if (!target) {
    std::fprintf(stderr, "plimsoll_fuzz: no target %s; --list names them\n", first.c_str());
    return 2;
  }
  replay(*target, {argv + 2, argv + argc}, 0);
  return 0;
}
#endif
