#!/bin/sh
# Everything that can be judged without running the product. usage: lint.sh BUILD_FOLDER [--fast]
# --fast leaves clang-tidy out.
set -eu
cd "$(dirname "$0")/../.."
build=$1
failed=0
units() { git ls-files '*.cpp' '*.c'; }
sources() { git ls-files '*.h' '*.hpp' && units; }
step() {
    printf '== %s\n' "$1" >&2
    shift
    "$@" || failed=1
}

formatted() {
    sources | xargs clang-format --dry-run 2>&1 |
        awk -F: '/clang-format-violations/ { ++places[$1] }
            END { for (file in places) { print file ": clang-format would change " places[file] " places"; bad = 1 }; exit bad }'
}
short_files() {
    sources | xargs wc -l | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines, the limit is 500"; bad = 1 }
        END { exit bad }'
}
commands() { units | sh tests/lint/commands.sh "$build"; }
tidy() {
    units | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" 2>"$build/clang-tidy.log" && return
    grep -v 'warnings\{0,1\} generated' "$build/clang-tidy.log" >&2
    return 1
}
shells() {
    git ls-files -s | awk '$1 == "100755" || $4 ~ /\.sh$/ { print $4 }' |
        while read -r file; do if head -1 "$file" | grep -q '^#!/bin/sh'; then echo "$file"; fi; done |
        xargs shellcheck -x -S warning
}

step "format" formatted
step "length of files" short_files
step "layers" sh tests/lint/layers.sh
step "headers compile alone" sh tests/lint/headers.sh
step "shell scripts" shells
if [ "${2:-}" != --fast ]; then
    step "every file has a command" commands
    step "clang-tidy" tidy
fi
if [ $failed = 0 ]; then echo "lint: clean"; else echo "lint: see above"; fi
exit $failed
