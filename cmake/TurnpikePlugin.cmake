# turnpike_add_plugin(NAME SOURCES a.cpp b.c ... [LINKS Turnpike::support ...] [NO_INSTALL])
#
# Builds NAME.so, in C++20 or C11. Everything in it is hidden but its entry, and -fno-gnu-unique keeps the C++
# library's statics from pinning it, so that dlclose() really unloads it. What is missing fails the link and not
# the start of the server. `cmake --install` puts it where the server looks for plugins.
function(turnpike_add_plugin name)
    cmake_parse_arguments(ARG "NO_INSTALL" "" "SOURCES;LINKS" ${ARGN})
    if(NOT ARG_SOURCES)
        message(FATAL_ERROR "turnpike_add_plugin(${name}): no SOURCES")
    endif()
    add_library(turnpike_plugin_${name} MODULE ${ARG_SOURCES})
    set_target_properties(turnpike_plugin_${name} PROPERTIES
        OUTPUT_NAME ${name} PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
        C_STANDARD 11 CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
        C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_link_libraries(turnpike_plugin_${name} PRIVATE Turnpike::sdk ${ARG_LINKS})
    target_compile_options(turnpike_plugin_${name} PRIVATE
        $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
    # Of static libraries that were linked in, nothing is exported either.
    target_link_options(turnpike_plugin_${name} PRIVATE LINKER:--exclude-libs,ALL)
    # A sanitizer's functions come from the program that loads the plugin.
    if(NOT "${TURNPIKE_SANITIZE} ${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize|address|thread")
        target_link_options(turnpike_plugin_${name} PRIVATE LINKER:--no-undefined)
    endif()
    if(TURNPIKE_PLUGIN_FOLDER AND NOT ARG_NO_INSTALL)
        install(TARGETS turnpike_plugin_${name} LIBRARY DESTINATION ${TURNPIKE_PLUGIN_FOLDER})
    endif()
endfunction()
