// The main path: one target in, one report out. See docs/ARCHITECTURE.md; the steps are in scan.cc, in order.
//
//   scan::Request request{.image = {.target = "oci:build/app"}, .database = "advisories.db", .at = system_now()};
//   PLIM_TRY(Report report, scan::scan(request));
//
// Errors   the target, the database or a layer cannot be had whole: no report. What a report could not read stands in
//          its gaps. Deterministic: the same digest, database, options and `at` give the same report, apart from
//          ToolInfo::started_at and duration_ms.
// Threads  one call uses request.threads threads; calls are independent.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/report.h"
#include "oci/open.h"

namespace plimsoll::scan {

enum class Part { Inventory, Vulnerabilities };
std::optional<Part> part_from(std::string_view name);

struct Progress {
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::uint32_t layers_done = 0, layers_total = 0;
};

struct Request {
  oci::ImageRequest image;  // the target, of whatever kind, and how it is reached
  std::set<Part> parts = {Part::Inventory, Part::Vulnerabilities};
  std::string database;               // advisory database file; needed for Part::Vulnerabilities
  std::vector<std::string> overlays;  // the organisation's own, stacked over it
  std::optional<std::chrono::days> max_database_age;
  Time at{};                          // the time the report speaks of
  std::string cache_directory;        // of layer facts; empty: no cache
  std::vector<std::string> known_bases;  // files that list base images (image/base_image.h)
  std::string classifiers;            // folder of classifier rules beside the program's own (inventory/classifiers.h)
  Limits limits;
  unsigned threads = 0;               // 0: one per processor
  std::function<void(const Progress&)> progress;
  std::function<void(std::string_view)> log;
};

Result<Report> scan(const Request& request);

}  // namespace plimsoll::scan
