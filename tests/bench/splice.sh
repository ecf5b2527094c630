#!/bin/sh
# What splice() would save who hands bodies on. Sourced by bench.sh, which sets here, tools, work and rounds.
# shellcheck disable=SC2154 # set there

# Both ways in each round, so that it has a ratio of its own.
splice() {
    for source in unix tcp pipe; do
        for part in 32 64 256; do
            round=0
            while [ $round -lt "$rounds" ]; do
                say "splice: $source, $part KiB, round $((round + 1)) of $rounds"
                copied=$("$tools/bench_splice" $source copy 1000 $part)
                spliced=$("$tools/bench_splice" $source splice 1000 $part)
                echo "$source $part $copied $spliced" >>"$work/splice"
                round=$((round + 1))
            done
        done
    done
    say ""
    awk -f "$here/median.awk" -f "$here/splice.awk" "$work/splice"
}
