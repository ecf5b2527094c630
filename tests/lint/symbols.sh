#!/bin/sh
# What was compiled outside core/os takes no system call from libc, and has none of its own. sdk/link is the other
# side, in programs that are no part of the server; php_inline has PHP itself inside, which no ledger sees.
# usage: symbols.sh BUILD
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
build=$1

# unit FILE: the folder below core/, or the plugin's name.
unit() {
    case "$1" in
        */plugins/*) basename "$1" .so ;;
        *) echo "${1#*/core/}" | cut -d/ -f1 ;;
    esac
}
parts() {
    find "$build/core" -name 'libturnpike_*.a' ! -path '*/core/os/*' ! -name libturnpike_sdk_link.a
    find "$build/core/cli" -name '*.o'
    find "$build/plugins" -maxdepth 1 -name '*.so' ! -name probe.so ! -name guard.so \
        ! -name trailing.so ! -name holding.so ! -name teller.so ! -name php_inline.so
}
[ "$(parts | wc -l)" -ge 12 ] || { echo "symbols: $build is not built" && exit 1; }

names=$(printf '#include <asm/unistd.h>\n' | "${CC:-cc}" -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/\1/p')
[ "$(echo "$names" | wc -l)" -ge 200 ] || { echo "symbols: no list of system calls" && exit 1; }
{
    echo "$names"
    parts | while read -r file; do
        name=$(unit "$file")
        { nm -u "$file" || nm -D -u "$file"; } 2>/dev/null | awk -v unit="$name" '$1 == "U" { print unit, $2 }'
        case "$file" in *.so) nm -D -u "$file" | awk -v unit="$name" '$1 == "U" { print unit, $2 }' ;; esac
        objdump -d --no-show-raw-insn "$file" |
            awk -v unit="$name" '$NF == "syscall" || $NF == "sysenter" || $2 == "svc" { print unit, "syscall" }'
    done | sort -u
} | awk -f "$folder/symbols.awk" && echo "symbols: fine"
