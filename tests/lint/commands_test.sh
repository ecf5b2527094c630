#!/bin/sh
# commands.sh finds what has no command: a file of no target, one whose name is another's end, and one that is named only in a command.
set -eu
checker=$(cd "$(dirname "$0")" && pwd)/commands.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failed=0
echo 'CMAKE_HOME_DIRECTORY:INTERNAL=/tree' >CMakeCache.txt
cat >compile_commands.json <<'JSON'
[
{
  "directory": "/tree/build",
  "command": "c++ -c /tree/core/unnamed.cpp",
  "file": "/tree/core/a.cpp"
},
{
  "directory": "/tree/build",
  "command": "cc -c /tree/tests/b.c",
  "file": "/tree/tests/b.c"
}
]
JSON

# expect WHAT_IT_NAMES FILE ...
expect() {
    named=$1
    shift
    got=$(printf '%s\n' "$@" | sh "$checker" . | cut -d : -f 1 | xargs)
    [ "$got" = "$named" ] || { echo "FAILED: of $* it names '$got', must be '$named'" && failed=1; }
}

expect '' core/a.cpp tests/b.c
expect 'core/new.cpp' core/a.cpp core/new.cpp tests/b.c
expect 'a.cpp tests/core/a.cpp' a.cpp core/a.cpp tests/core/a.cpp
expect 'core/unnamed.cpp' core/unnamed.cpp
if echo core/new.cpp | sh "$checker" . >/dev/null; then echo "FAILED: what has no command must fail" && failed=1; fi
echo core/a.cpp | sh "$checker" . || failed=1
rm compile_commands.json
if echo core/a.cpp | sh "$checker" . 2>/dev/null; then echo "FAILED: no list must fail" && failed=1; fi
exit $failed
