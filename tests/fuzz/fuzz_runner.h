// The table of fuzz targets, written by CMake from the *_fuzz.cc files (cmake/PlimsollTests.cmake).
#pragma once
#include <string_view>
#include <vector>

#include "base/bytes.h"

struct FuzzTarget {
  std::string_view name;  // fuzz_MODULE_NAME
  void (*run)(plimsoll::Bytes input);
};
const std::vector<FuzzTarget>& fuzz_targets();
