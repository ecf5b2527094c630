#!/bin/sh
# Runs every fuzz target for SECONDS, one after the other, on a copy of its corpus: what they find stays in
# build/fuzz/found/. usage: fuzz.sh SECONDS
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
found=build/fuzz/found
failed=
for program in build/fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$program" _fuzz)
    mkdir -p "$found/$name"
    printf '== %s for %s s\n' "$name" "$seconds"
    log=$found/$name.log
    if "$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$found/crash-$name-" "$found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        grep -E 'number_of_executed_units|new_units_added' "$log"
    else
        tail -40 "$log"
        failed="$failed $name"
    fi
done
[ -z "$failed" ] || { echo "fuzz: failed:$failed"; exit 1; }
echo "fuzz: no target failed"
