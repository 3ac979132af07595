// What it costs to parse a version and to compare two parsed ones, for each scheme.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "version/scheme.h"

namespace plimsoll::version {
namespace {

// Versions that look like their ecosystem's, and differ late, so that comparing reads all of them.
std::vector<std::string> samples(std::string_view scheme) {
  const std::string tail = scheme == "deb"     ? "-2+deb12u"
                           : scheme == "rpm"   ? "-3.el9_4."
                           : scheme == "apk"   ? "-r"
                           : scheme == "maven" ? ".RELEASE-"
                           : scheme == "go"    ? "-0.20230516145632-8ccac152c65"
                                               : "-rc.";
  const std::string head = scheme == "go" ? "v1.24." : "1.24.";
  std::vector<std::string> out;
  for (int i = 0; i < 1024; ++i) out.push_back(head + std::to_string(i / 8) + tail + std::to_string(i % 8));
  return out;
}

void parse_one(benchmark::State& state, const Scheme& scheme) {
  const auto texts = samples(scheme.name);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(scheme.parse(texts[i++ % texts.size()]));
}

void compare_parsed(benchmark::State& state, const Scheme& scheme) {
  std::vector<Version> versions;
  for (const auto& text : samples(scheme.name)) versions.push_back(scheme.parse(text));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(compare(versions[i % versions.size()], versions[(i + 1) % versions.size()]));
    ++i;
  }
}

}  // namespace
}  // namespace plimsoll::version

int main(int argc, char** argv) {
  using namespace plimsoll::version;
  for (const auto& scheme : schemes()) {
    const std::string name(scheme.name);
    benchmark::RegisterBenchmark((name + "/parse").c_str(), [&](benchmark::State& state) { parse_one(state, scheme); });
    benchmark::RegisterBenchmark((name + "/compare").c_str(),
                                 [&](benchmark::State& state) { compare_parsed(state, scheme); });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
