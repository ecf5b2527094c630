#!/bin/sh
# Of the files on stdin, prints those that no target of BUILD_FOLDER compiles, and fails if there are any: clang-tidy
# would guess their flags from some other file. usage: commands.sh BUILD_FOLDER <FILES
set -eu
root=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt")
awk -F '"' -v root="$root/" '
    FNR == NR { if ($2 == "file") { compiled[$4] = 1 } next }
    !((root $0) in compiled) { print $0 ": no target compiles it, so clang-tidy has no flags for it"; bad = 1 }
    END { exit bad }' "$1/compile_commands.json" -
