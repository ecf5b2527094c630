# The installed tree: the server and its plugins, a config to begin with, and the SDK as a CMake package. Every
# path is found from the program's own, so the tree works below any prefix.
include(CMakePackageConfigHelpers)

# The loader refuses folders that a group may write to, whatever the umask of the one who installs.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Turnpike)
set(plugin_folder ${TURNPIKE_PLUGIN_FOLDER})
set(program ${CMAKE_INSTALL_BINDIR}/turnpike)

install(DIRECTORY core/sdk/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/turnpike/sdk
    FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(TARGETS turnpike_sdk turnpike_sdk_support turnpike_sdk_http turnpike_sdk_gateway turnpike_sdk_fastcgi
    turnpike_sdk_link EXPORT TurnpikeTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT TurnpikeTargets NAMESPACE Turnpike:: DESTINATION ${package})
configure_package_config_file(cmake/TurnpikeConfig.cmake.in ${PROJECT_BINARY_DIR}/TurnpikeConfig.cmake
    INSTALL_DESTINATION ${package} PATH_VARS plugin_folder program)
# As long as the major version of the ABI is the same, a later SDK serves.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TurnpikeConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TurnpikeConfig.cmake ${PROJECT_BINARY_DIR}/TurnpikeConfigVersion.cmake
    cmake/TurnpikePlugin.cmake DESTINATION ${package})

# The first site: its config names the page relative to itself.
file(RELATIVE_PATH site_root ${CMAKE_INSTALL_FULL_SYSCONFDIR}/turnpike ${CMAKE_INSTALL_FULL_DATADIR}/turnpike/html)
configure_file(config/turnpike.toml.in ${PROJECT_BINARY_DIR}/turnpike.toml @ONLY)
# One that is there is the administrator's, and stays as it is.
install(CODE "set(first \"${PROJECT_BINARY_DIR}/turnpike.toml\")\nset(folder \"${TURNPIKE_CONFIG_FOLDER}\")")
install(CODE [[
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}")
    if(EXISTS "$ENV{DESTDIR}${folder}/turnpike.toml")
        message(STATUS "Kept: $ENV{DESTDIR}${folder}/turnpike.toml")
    else()
        file(INSTALL "${first}" DESTINATION "${folder}")
    endif()
]])
install(DIRECTORY config/html DESTINATION ${CMAKE_INSTALL_DATADIR}/turnpike)

install(DIRECTORY examples/hello examples/plain_c DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 FILES_MATCHING PATTERN "*.5")
