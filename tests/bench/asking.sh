#!/bin/sh
# A bench_ask in the background that is spoken to over descriptors 3 and 4; one at a time. Sourced by bench.sh, which
# sets tools and work.
# shellcheck disable=SC2154 # set there

# When it returns, every connection is open and has been asked on, and so has every host. A failure is said by the asker;
# close_asker all the same.
open_asker() { # SERVER CONNECTIONS SECONDS PATH [HOSTS [UPLOAD_BYTES]]
    port=$(port_of "$1")
    shift
    mkfifo "$work/ask.in" "$work/ask.out"
    on_core 1 "$tools/bench_ask" "$port" "$@" <"$work/ask.in" >"$work/ask.out" &
    asker=$!
    exec 3>"$work/ask.in" 4<"$work/ask.out"
    rm "$work/ask.in" "$work/ask.out"
    read -r _ <&4
}
# Prints "requests microseconds".
run_asker() {
    echo >&3
    read -r answered <&4 && echo "$answered"
}
close_asker() {
    exec 3>&- 4<&-
    wait "$asker" || true
}
