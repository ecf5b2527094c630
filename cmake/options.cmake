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

# Programs that tests start under limits of their own: a sanitizer would need more memory than they are given.
function(turnpike_unsanitized)
    if(TURNPIKE_SANITIZE)
        foreach(target ${ARGN})
            target_compile_options(${target} PRIVATE -fno-sanitize=all)
            target_link_options(${target} PRIVATE -fno-sanitize=all)
        endforeach()
    endif()
endfunction()

# A release of the program is optimised across the folders that a request passes. The objects hold ordinary code as
# well, so that tests link them in no time.
set(TURNPIKE_LTO OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT TURNPIKE_SANITIZE)
    set(TURNPIKE_LTO ON)
endif()
function(turnpike_hot)
    if(TURNPIKE_LTO)
        foreach(target ${ARGN})
            target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
        endforeach()
    endif()
endfunction()

# One library per folder of core/, linked to nothing but what it names: the layers cannot be crossed.
function(turnpike_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(turnpike_${name} STATIC ${ARG_SOURCES})
    target_include_directories(turnpike_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
    target_link_libraries(turnpike_${name} PUBLIC ${ARG_LINKS})
endfunction()

# A plugin of this tree, built the way that the SDK offers to everybody, where the server of the build finds it.
function(turnpike_plugin name)
    turnpike_add_plugin(${name} ${ARGN})
    set_target_properties(turnpike_plugin_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
endfunction()
