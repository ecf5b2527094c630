#!/bin/sh
# Every header of the core and the plugins compiles alone. usage: headers.sh [compiler]
set -eu
cd "$(dirname "$0")/../.."
compiler=${1:-c++}
failed=0
for header in $(find core plugins -name '*.h' -o -name '*.hpp' | LC_ALL=C sort); do
    "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -I core -I "$(dirname "$header")" -x c++ -include "$header" /dev/null || {
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
