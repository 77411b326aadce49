# What we build on, all from Debian's packages (docs/decisions/0001-dependencies.md says why each).

find_package(Threads REQUIRED)

if(BDDLOCK_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(Boost_USE_STATIC_LIBS ON)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)

find_path(CARES_INCLUDE_DIR ares.h REQUIRED)
find_library(CARES_LIBRARY NAMES cares REQUIRED)
add_library(cares_lib INTERFACE)
target_include_directories(cares_lib SYSTEM INTERFACE ${CARES_INCLUDE_DIR})
target_link_libraries(cares_lib INTERFACE ${CARES_LIBRARY})

if(BDDLOCK_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
