// A cataloguer: one ecosystem's files -> packages. One file under cataloguers/ that defines `Cataloguer NAME()`.
//
// NAME is also its name in reports, its fixtures tests/data/inventory/NAME/CASE/{input/,expected.json} (run by the
// golden runner) and its fuzz target fuzz_inventory_NAME. The parts and their contracts are in model/facts.h.
#pragma once
#include <vector>

#include "base/path.h"
#include "base/text.h"
#include "model/analyser.h"

namespace plimsoll::inventory {

using Cataloguer = Analyser;

// All of them, sorted by name (written by CMake). "os" among them resolves first.
const std::vector<Cataloguer>& cataloguers();

}  // namespace plimsoll::inventory
