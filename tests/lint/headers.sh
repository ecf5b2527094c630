#!/bin/sh
# Every header of the core and the plugins compiles alone. usage: headers.sh [compiler]
set -eu
cd "$(dirname "$0")/../.."
compiler=${1:-c++}
failed=0
# What includes PHP's own headers is looked at where they are, as it is built there only.
php=$(php-config --includes 2>/dev/null | sed 's/-I/-isystem /g') || php=
headers() {
    find core plugins -name '*.h' -o -name '*.hpp' | LC_ALL=C sort |
        if [ -n "$php" ]; then cat; else grep -v '^plugins/php/interpreter/'; fi
}
for header in $(headers); do
    # shellcheck disable=SC2086 # options
    "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -I core -I "$(dirname "$header")" $php -x c++ -include "$header" /dev/null || {
        echo "$header does not compile alone"
        failed=1
    }
done
# The ABI is C: a plugin may be written in it.
for header in core/sdk/*.h; do
    cc -std=c11 -fsyntax-only -Wall -Wextra -Wpedantic -I core -x c -include "$header" /dev/null || {
        echo "$header does not compile as C11"
        failed=1
    }
done
[ $failed = 0 ] && echo "headers: fine"
exit $failed
