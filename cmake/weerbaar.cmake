set(WEERBAAR_ROOT ${CMAKE_CURRENT_LIST_DIR}/..)

# weerbaar_module(FOLDER ...): a folder under src becomes a static library with its tests, fuzzers and benchmarks.
#
#   weerbaar_module(trail/format
#     SOURCES sha256.cpp …          the library weerbaar_trail_format
#     TESTS sha256_test.cpp …       one GoogleTest program, trail_format_test
#     CRASH_TESTS x_crash_test.cpp … one more, trail_format_crash_test: it takes minutes, and runs beside the others
#     FUZZERS note_fuzz.cpp …       one program a file; libFuzzer with -DWEERBAAR_FUZZ=ON, else a smoke run as a test
#     BENCHMARKS sha256_bench.cpp … one Google Benchmark program, trail_format_bench; the test suite runs it tiny
#     LINKS weerbaar_base …)
#
# Sources are listed, never globbed, so that a file that nobody builds is seen.

add_library(weerbaar_flags INTERFACE)
target_include_directories(weerbaar_flags INTERFACE ${WEERBAAR_ROOT}/src)
target_compile_options(
  weerbaar_flags
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
            -Woverloaded-virtual -Wimplicit-fallthrough -Wnull-dereference -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports impossible overflows and dereferences inside libstdc++ when it inlines deeply.
  target_compile_options(weerbaar_flags INTERFACE -Wno-null-dereference -Wno-stringop-overflow -Wno-array-bounds
                                                  -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-reference)
endif()
# Seconds after which a test is taken to hang. Sanitizers make a program several times slower.
set(WEERBAAR_TEST_SECONDS 900)
set(WEERBAAR_SMOKE_SECONDS 120)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(WEERBAAR_TEST_SECONDS 3600)
  set(WEERBAAR_SMOKE_SECONDS 900)
endif()
set(WEERBAAR_SMOKE_DRIVER ${WEERBAAR_ROOT}/tests/fuzz/smoke_driver.cpp)

# Sources that sort stably: clang warns of what libstdc++ 12 itself uses for it.
function(weerbaar_sorts_stably)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -Wno-deprecated-declarations)
  endif()
endfunction()

function(weerbaar_tests test program library sources links)
  if(sources)
    add_executable(${program} ${sources})
    target_link_libraries(${program} PRIVATE ${library} ${links} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${program} PRIVATE WEERBAAR_SOURCE_DIR="${WEERBAAR_ROOT}")
    # Nearly half of a build is tests, and a quarter of that is optimising what runs once.
    target_compile_options(${program} PRIVATE $<$<CONFIG:Release>:-O1>)
    add_test(NAME ${test} COMMAND ${program})
    set_tests_properties(${test} PROPERTIES TIMEOUT ${WEERBAAR_TEST_SECONDS})
  endif()
endfunction()

function(weerbaar_module folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;CRASH_TESTS;FUZZERS;BENCHMARKS;LINKS;TEST_LINKS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  set(library weerbaar_${name})
  add_library(${library} STATIC ${ARG_SOURCES})
  target_link_libraries(${library} PUBLIC weerbaar_flags ${ARG_LINKS})

  weerbaar_tests(${name} ${name}_test ${library} "${ARG_TESTS}" "${ARG_TEST_LINKS}")
  weerbaar_tests(${name}_crash ${name}_crash_test ${library} "${ARG_CRASH_TESTS}" "${ARG_TEST_LINKS}")

  foreach(source IN LISTS ARG_FUZZERS)
    cmake_path(GET source STEM fuzzer)
    set(fuzzer ${name}_${fuzzer})
    if(WEERBAAR_FUZZ)
      add_executable(${fuzzer} ${source})
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    else()
      add_executable(${fuzzer} ${source} ${WEERBAAR_SMOKE_DRIVER})
      add_test(NAME ${fuzzer} COMMAND ${fuzzer} ${WEERBAAR_ROOT}/tests/fuzz/corpus/${fuzzer})
      set_tests_properties(${fuzzer} PROPERTIES LABELS fuzz TIMEOUT ${WEERBAAR_SMOKE_SECONDS})
    endif()
    target_link_libraries(${fuzzer} PRIVATE ${library} ${ARG_TEST_LINKS})
    set_property(GLOBAL APPEND PROPERTY WEERBAAR_FUZZERS ${fuzzer})
  endforeach()

  if(ARG_BENCHMARKS AND NOT WEERBAAR_FUZZ)
    add_executable(${name}_bench ${ARG_BENCHMARKS})
    target_link_libraries(${name}_bench PRIVATE ${library} ${ARG_TEST_LINKS} benchmark::benchmark_main)
    add_test(NAME ${name}_bench COMMAND ${name}_bench --benchmark_min_time=0.001)
    set_tests_properties(${name}_bench PROPERTIES LABELS bench TIMEOUT ${WEERBAAR_SMOKE_SECONDS})
  endif()
endfunction()
