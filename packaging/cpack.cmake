# `cmake --build build/release --target package` makes a .deb of the release binary, with the systemd unit,
# a system user, the settings below /etc/bdd-lock, the man page and the completion of shells. Only in the
# release preset, since another binary would need the libraries of the machine that built it.
if(NOT BDDLOCK_STATIC)
  return()
endif()

set(packaging ${CMAKE_CURRENT_LIST_DIR})
set(packaged ${CMAKE_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${packaged})

# Debian's form of a change log needs a time: that of the last commit.
find_program(GIT_PROGRAM git)
if(GIT_PROGRAM)
  execute_process(COMMAND ${GIT_PROGRAM} log -1 --format=%cD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  OUTPUT_VARIABLE package_date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT package_date)
  set(package_date "Thu, 01 Jan 2026 00:00:00 +0000")
endif()
set(package_contact "bdd-lock-table authors <bdd-lock@localhost>")
configure_file(${packaging}/changelog.in ${packaged}/changelog @ONLY)

# gzipped(SOURCE NAME): compresses into packaged/NAME.gz, without the time that gzip would store.
function(gzipped source name)
  execute_process(COMMAND gzip -9nc ${source} OUTPUT_FILE ${packaged}/${name}.gz COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
gzipped(${packaging}/bdd-lock.1 bdd-lock.1)
gzipped(${packaged}/changelog changelog)

# The scripts with which shells complete command lines are what the binary prints.
foreach(shell bash zsh fish)
  set(script ${packaged}/completion.${shell})
  add_custom_command(OUTPUT ${script} DEPENDS bdd-lock VERBATIM
                     COMMAND sh -c "'$<TARGET_FILE:bdd-lock>' completion ${shell} >'${script}'")
  list(APPEND completions ${script})
endforeach()
add_custom_target(completions ALL DEPENDS ${completions})

install(TARGETS bdd-lock RUNTIME DESTINATION bin)
install(FILES ${packaged}/completion.bash DESTINATION share/bash-completion/completions RENAME bdd-lock)
install(FILES ${packaged}/completion.zsh DESTINATION share/zsh/vendor-completions RENAME _bdd-lock)
install(FILES ${packaged}/completion.fish DESTINATION share/fish/vendor_completions.d RENAME bdd-lock.fish)
install(FILES ${packaged}/bdd-lock.1.gz DESTINATION share/man/man1)
install(FILES ${packaged}/changelog.gz ${packaging}/copyright DESTINATION share/doc/bdd-lock)
install(FILES ${packaging}/lintian-overrides DESTINATION share/lintian/overrides RENAME bdd-lock)
install(FILES ${packaging}/bdd-lock.sysusers DESTINATION lib/sysusers.d RENAME bdd-lock.conf)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/systemd/bdd-lock.service DESTINATION lib/systemd/system)
install(FILES ${packaging}/bdd-lock.conf DESTINATION /etc/bdd-lock)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bdd-lock)
set(CPACK_PACKAGE_VENDOR "bdd-lock-table authors")
set(CPACK_PACKAGE_CONTACT ${package_contact})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES OFF) # the linker has done it
# CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS would be masked by the umask of whoever makes the package.
set(CPACK_PRE_BUILD_SCRIPTS ${packaging}/permissions.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "lends existing test stacks to CI jobs, one job at a time")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "A service with a table of the stacks that a team has, for CI jobs that run
BDD tests against a whole stack: claim, deploy, test, release. Server and
command-line client are one static binary, and the table is one file.")
# The first suits containers without systemd; where systemd is, it has the program itself.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd-sysusers | systemd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm
                                       ${packaging}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
