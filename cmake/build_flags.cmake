# Flags of every target, as the interface library bddlock_flags, and the two ways this project makes targets.

add_library(bddlock_flags INTERFACE)
target_compile_options(bddlock_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch
                                               $<$<BOOL:${BDDLOCK_WERROR}>:-Werror>)
target_include_directories(bddlock_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(BDDLOCK_SANITIZE)
  target_compile_options(bddlock_flags INTERFACE -fsanitize=${BDDLOCK_SANITIZE}
                                                 -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bddlock_flags INTERFACE -fsanitize=${BDDLOCK_SANITIZE})
  # The compiler tidies its memory less often and takes up to half a GB more: such a file is compiled in a
  # tenth less time.
  target_compile_options(bddlock_flags INTERFACE --param=ggc-min-heapsize=524288)
  # GCC 12 warns wrongly inside the standard library's headers once it instruments them.
  target_compile_options(bddlock_flags INTERFACE -Wno-maybe-uninitialized)
  if(BDDLOCK_SANITIZE STREQUAL "thread")
    # Boost.Asio uses atomic_thread_fence, which TSan does not model; no such fence guards data of ours.
    target_compile_options(bddlock_flags INTERFACE -Wno-tsan)
  endif()
endif()

if(BDDLOCK_STATIC)
  # With --gc-sections where the binary is linked: what of its libraries nobody calls is left out.
  target_compile_options(bddlock_flags INTERFACE -ffunction-sections -fdata-sections)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# bddlock_library(NAME SOURCES... [LINK libraries...]): a static library of one folder of src.
function(bddlock_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(bddlock_${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(bddlock_${name} PUBLIC bddlock_flags ${ARG_LINK})
endfunction()

# All test programs and what they need, without the binary.
add_custom_target(bddlock_tests)

# bddlock_small(NAME): a library that waits for people and networks; in the release its code is made
# small and not fast (with g++ 12 half the size).
function(bddlock_small name)
  target_compile_options(bddlock_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

# bddlock_whole_test(NAME SOURCES... [LINK libraries...]): a GoogleTest program that ctest knows as one
# test, since all of its tests share a server that takes seconds to start.
function(bddlock_whole_test name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE bddlock_flags ${ARG_LINK} GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE BDDLOCK_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_dependencies(bddlock_tests ${name})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 COST 100)
endfunction()

# bddlock_test(NAME SOURCES... [LONG] [LINK libraries...]): a GoogleTest program; ctest knows each of its
# tests. Those that take long begin first, so that at the end no processor waits for the last one.
function(bddlock_test name)
  cmake_parse_arguments(ARG "LONG" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE bddlock_flags ${ARG_LINK} GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  add_dependencies(bddlock_tests ${name})
  set(cost 0)
  if(ARG_LONG)
    set(cost 100)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 900 COST ${cost})
endfunction()
