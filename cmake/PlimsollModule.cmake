# plimsoll_module(NAME DEPS a b [LIBS x y]): a module is a folder under src.
#
# Every *.cc is its library plimsoll_NAME, except *_test.cc (its test program NAME_test, labelled `unit`),
# *_fuzz.cc (fuzz targets, see PlimsollTests.cmake) and main.cc (left to the module). Files are found by
# name, so adding one needs no list to be edited.
function(plimsoll_module name)
  cmake_parse_arguments(M "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(SORT sources)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|/main)\\.cc$")

  if(NOT sources)  # a module of headers alone
    add_library(plimsoll_${name} INTERFACE)
    target_include_directories(plimsoll_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    return()
  endif()
  add_library(plimsoll_${name} STATIC ${sources})
  target_include_directories(plimsoll_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  foreach(dep IN LISTS M_DEPS)
    target_link_libraries(plimsoll_${name} PUBLIC plimsoll_${dep})
  endforeach()
  target_link_libraries(plimsoll_${name} PRIVATE ${M_LIBS})

  if(fuzzers)
    set_property(GLOBAL APPEND PROPERTY PLIMSOLL_FUZZ_SOURCES ${fuzzers})
    set_property(GLOBAL APPEND PROPERTY PLIMSOLL_FUZZ_LIBS plimsoll_${name})
  endif()
  if(tests)
    plimsoll_test(${name}_test LABEL unit SOURCES ${tests} LIBS plimsoll_${name})
  endif()
endfunction()

# plimsoll_plugins(MODULE FOLDER TYPE FUNCTION HEADER): the table of a plugin folder.
#
# Each FOLDER/x.cc defines `TYPE x()` in namespace plimsoll::MODULE; this writes FUNCTION(), which returns
# them all, sorted by file name, and links it into plimsoll_MODULE. Order is visible, nothing registers itself.
function(plimsoll_plugins module folder type function header)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  list(FILTER files EXCLUDE REGEX "_(test|fuzz)\\.cc$")
  list(SORT files)
  if(NOT files)
    return()  # no plugin yet, so no type either
  endif()
  set(declarations "")
  set(calls "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declarations "${type} ${stem}();\n")
    string(APPEND calls "      ${stem}(),\n")
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/${module}_${folder}.cc)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"// Written by CMake from the files of src/${module}/${folder}.
#include \"${header}\"

namespace plimsoll::${module} {
${declarations}
const std::vector<${type}>& ${function}() {
  static const std::vector<${type}> all_plugins = {  // no plugin can have this name: functions are named like files
${calls}  };
  return all_plugins;
}
}  // namespace plimsoll::${module}
")
  target_sources(plimsoll_${module} PRIVATE ${out})
endfunction()

# plimsoll_read_layers(OUT): the module names of cmake/layers.txt, lowest row first.
function(plimsoll_read_layers out)
  file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/layers.txt rows REGEX "^[^#]")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/layers.txt)
  list(REVERSE rows)
  set(names "")
  foreach(row IN LISTS rows)
    string(REGEX MATCHALL "[a-z]+" row_names "${row}")
    list(APPEND names ${row_names})
  endforeach()
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# plimsoll_embed(MODULE FUNCTION PATTERN...): files under rules/ (globs) as data inside the program.
#
# Defines `const std::vector<std::pair<std::string_view, std::string_view>>& FUNCTION()` in namespace plimsoll::MODULE:
# path inside rules/ and text of each, sorted. The module declares it where it reads them.
function(plimsoll_embed module function)
  set(files "")
  foreach(pattern IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rules/${pattern})
    list(APPEND files ${found})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/${module}_${function}.cc)
  find_package(Python3 COMPONENTS Interpreter REQUIRED)
  add_custom_command(OUTPUT ${out} DEPENDS ${CMAKE_SOURCE_DIR}/tools/embed ${files}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/embed ${out} plimsoll::${module} ${function} ${CMAKE_SOURCE_DIR}/rules ${files})
  target_sources(plimsoll_${module} PRIVATE ${out})
endfunction()
