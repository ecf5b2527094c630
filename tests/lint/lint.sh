#!/bin/sh
# Everything that can be judged without running the product. usage: lint.sh BUILD_FOLDER [--fast]
# --fast leaves clang-tidy out.
set -eu
cd "$(dirname "$0")/../.."
build=$1
failed=0
sources() { git ls-files '*.h' '*.hpp' '*.cpp' '*.c'; }
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
tidy() {
    # Only what the build compiles has flags to check with.
    git ls-files 'core/*.cpp' 'plugins/*.cpp' 'examples/*.cpp' | while read -r file; do
        if grep -qF "/$file\"" "$build/compile_commands.json"; then echo "$file"; fi
    done | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" 2>/dev/null
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
[ "${2:-}" = --fast ] || step "clang-tidy" tidy
if [ $failed = 0 ]; then echo "lint: clean"; else echo "lint: see above"; fi
exit $failed
