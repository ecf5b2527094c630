#!/bin/sh
# The layers hold: nobody includes upwards, plugins see only the SDK, only core/os calls the kernel.
set -eu
cd "$(dirname "$0")/../.."
find core plugins -name '*.h' -o -name '*.hpp' -o -name '*.cpp' -o -name '*.c' | LC_ALL=C sort |
    xargs awk -f tests/lint/layers.awk && echo "layers: fine"
