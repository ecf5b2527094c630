# Warnings, hardening and sanitizers for every target of the project.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # gcc 12 warns of `"text" + string` in its own header (GCC bug 105329, fixed in 13).
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(TURNPIKE_SANITIZE)
    add_compile_options(-fsanitize=${TURNPIKE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
    add_link_options(-fsanitize=${TURNPIKE_SANITIZE})
else()
    add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
    add_link_options(LINKER:-z,relro,-z,now)
    if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
        add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    endif()
endif()
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-D_GLIBCXX_ASSERTIONS>)
if(TURNPIKE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# One library per folder of core/, linked to nothing but what it names: the layers cannot be crossed.
function(turnpike_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(turnpike_${name} STATIC ${ARG_SOURCES})
    target_include_directories(turnpike_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
    target_link_libraries(turnpike_${name} PUBLIC ${ARG_LINKS})
endfunction()

# A plugin: one .so that includes the SDK and its own folder. -fno-gnu-unique and hidden visibility let
# dlclose() really unload it.
function(turnpike_plugin name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(turnpike_plugin_${name} MODULE ${ARG_SOURCES})
    set_target_properties(turnpike_plugin_${name} PROPERTIES
        OUTPUT_NAME ${name} PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
    target_link_libraries(turnpike_plugin_${name} PRIVATE turnpike_sdk ${ARG_LINKS})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(turnpike_plugin_${name} PRIVATE -fno-gnu-unique)
    endif()
    install(TARGETS turnpike_plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/turnpike/plugins)
endfunction()
