# Tests, fuzz targets and the checks on the tree itself.
find_package(GTest REQUIRED)
find_package(Python3 COMPONENTS Interpreter REQUIRED)

# plimsoll_test(NAME LABEL unit|e2e|kernel|slow SOURCES ... LIBS ...): one GoogleTest program.
function(plimsoll_test name)
  cmake_parse_arguments(T "" "LABEL" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE ${T_LIBS} GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  target_compile_definitions(${name} PRIVATE PLIMSOLL_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT 300)
endfunction()

# A *_fuzz.cc under src/MODULE/ named x_fuzz.cc defines `void fuzz_MODULE_x(plimsoll::Bytes)`, or, for a plugin folder,
# plugins_fuzz.cc defines `void fuzz_MODULE_plugins(std::string_view plugin, Bytes)` and its names come from that folder.
# All targets are one program. It picks its target by the name it is called by or by the first argument; without
# libFuzzer it replays files (tests/data/fuzz/TARGET/*), so the targets are built and run in every preset.
function(plimsoll_fuzz_runner)
  get_property(sources GLOBAL PROPERTY PLIMSOLL_FUZZ_SOURCES)
  get_property(libs GLOBAL PROPERTY PLIMSOLL_FUZZ_LIBS)
  if(NOT sources)
    return()
  endif()
  set(declarations "")
  set(rows "")
  set(names "")
  foreach(source IN LISTS sources)
    file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/src ${source})
    string(REGEX MATCH "^[a-z]+" module ${relative})
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" stem ${stem})
    if(stem STREQUAL "plugins")
      string(APPEND declarations "void fuzz_${module}_plugins(std::string_view plugin, plimsoll::Bytes input);\n")
      get_filename_component(folder ${source} DIRECTORY)
      file(GLOB plugins CONFIGURE_DEPENDS ${folder}/*.cc)
      list(FILTER plugins EXCLUDE REGEX "_(test|fuzz)\\.cc$")
      foreach(plugin IN LISTS plugins)
        get_filename_component(plugin ${plugin} NAME_WE)
        string(APPEND rows "    {\"fuzz_${module}_${plugin}\", [](plimsoll::Bytes b) { fuzz_${module}_plugins(\"${plugin}\", b); }},\n")
        list(APPEND names fuzz_${module}_${plugin})
      endforeach()
    else()
      string(APPEND declarations "void fuzz_${module}_${stem}(plimsoll::Bytes input);\n")
      string(APPEND rows "    {\"fuzz_${module}_${stem}\", fuzz_${module}_${stem}},\n")
      list(APPEND names fuzz_${module}_${stem})
    endif()
  endforeach()
  set(table ${CMAKE_BINARY_DIR}/generated/fuzz_table.cc)
  file(CONFIGURE OUTPUT ${table} @ONLY CONTENT
"// Written by CMake from the *_fuzz.cc files.
#include \"fuzz_runner.h\"

${declarations}
const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> table = {
${rows}  };
  return table;
}
")
  add_executable(plimsoll_fuzz ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_runner.cc ${table} ${sources})
  target_include_directories(plimsoll_fuzz PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz)
  target_link_libraries(plimsoll_fuzz PRIVATE ${libs} Threads::Threads)
  if(PLIMSOLL_FUZZ)
    target_compile_definitions(plimsoll_fuzz PRIVATE PLIMSOLL_LIBFUZZER)
    target_link_options(plimsoll_fuzz PRIVATE -fsanitize=fuzzer)
  else()
    # One replay run for all targets: each reads its own corpus, its plugin's fixtures and mutations of both.
    add_test(NAME fuzz_replay COMMAND plimsoll_fuzz --all ${CMAKE_SOURCE_DIR}/tests/data)
    set_tests_properties(fuzz_replay PROPERTIES LABELS unit TIMEOUT 600)
  endif()
endfunction()

# Each tests/e2e/*.test, a text file of commands and what they print, is one test (tests/e2e/run.py); those in
# tests/e2e/slow are labelled so.
function(plimsoll_e2e_tests)
  if(NOT TARGET plimsoll)
    return()
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/*.test ${CMAKE_SOURCE_DIR}/tests/e2e/slow/*.test)
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    set(label e2e)
    if(file MATCHES "/slow/")
      set(label slow)
    endif()
    add_test(NAME e2e_${stem} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/run.py ${file} --tool $<TARGET_FILE:plimsoll>)
    set_tests_properties(e2e_${stem} PROPERTIES LABELS ${label} TIMEOUT 400 SKIP_RETURN_CODE 77)
  endforeach()
  # Matching against the records' own algorithm, where PLIMSOLL_FEEDS names a folder of OSV records.
  add_test(NAME match_differential COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/differential/match/osv.py --tool $<TARGET_FILE:plimsoll>)
  # Real rpm databases against another reader's list, where its references were fetched.
  add_test(NAME rpmdb_differential COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/differential/rpmdb/rpmdb.py --tool $<TARGET_FILE:plimsoll>)
  set_tests_properties(rpmdb_differential PROPERTIES LABELS slow TIMEOUT 300 SKIP_RETURN_CODE 77)
  # Signatures and rules through clamscan and yara, where they are installed.
  add_test(NAME malware_reference COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/differential/malware/reference.py --tool $<TARGET_FILE:plimsoll>)
  set_tests_properties(malware_reference PROPERTIES LABELS slow TIMEOUT 300 SKIP_RETURN_CODE 77)
  set_tests_properties(match_differential PROPERTIES LABELS slow TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

function(plimsoll_tree_tests)
  add_test(NAME layers COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/tree/layers.py ${CMAKE_SOURCE_DIR})
  set_tests_properties(layers PROPERTIES LABELS unit)
endfunction()
