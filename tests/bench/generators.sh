#!/bin/sh
# Turnpike's load generator beside wrk (closed loop) and h2load (open loop) on one server: rounds interleaved, the order
# turned round each time, the median of the rounds' ratios against 3 %. Sourced by bench.sh, which sets here, build,
# work, rounds and seconds.
# shellcheck disable=SC2154 # set there

# Runs a generator on core 1 and prints its output, then "CPU seconds" that it used (both of the children's clocks).
timed() { # COMMAND...
    (
        on_core 1 "$@" 2>&1 || true # a run that was refused has numbers all the same
        times >"$work/times" # not into a pipe: its process would have no children
        awk 'NR == 2 { split($1 $2, t, /[ms]/); print "CPU " t[1] * 60 + t[2] + t[3] * 60 + t[4] }' "$work/times"
    )
}

# Each prints "requests-per-second p50-in-us generator-us-per-request".
by_wrk() { # PATH CONNECTIONS
    timed wrk -t1 -c "$2" -d "${seconds}s" --latency -s "$here/report.lua" "http://127.0.0.1:$port$1" |
        awk '$1 == "RESULT" { requests = $2; time = $3; p50 = $4; failures = $6 }
            $1 == "CPU" && requests && !failures { print requests * 1e6 / time, p50, $2 * 1e6 / requests }'
}
by_turnpike() { # TIMES PATH CONNECTIONS [OPTION...]
    times_of=$1 path=$2 connections=$3
    shift 3
    timed "$build/bin/turnpike" load --json --warm-up 0 -d "${seconds}s" -c "$connections" "$@" \
        "http://127.0.0.1:$port$path" | awk -v times="$times_of" -f "$here/load.awk" |
        awk '{ print $1 * 1e6 / $2, $3, $5 * 1e6 / $1 }'
}
# One of its clients begins each millisecond and asks every 10 ms, so that ten ask a thousand times a second, evenly.
# The median is taken from its log of every request: h2load itself prints none.
by_h2load() { # PATH CLIENTS
    rm -f "$work/h2load.log"
    timed h2load --h1 -c "$2" -r 1 --rate-period=1ms --rps=100 -n $((100 * $2 * seconds)) \
        --log-file="$work/h2load.log" "http://127.0.0.1:$port$1" >"$work/h2load.out"
    p50=$(cut -f3 "$work/h2load.log" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
    awk -v p50="$p50" '$1 == "finished" { rps = $4 + 0 }
        $1 == "status" { requests = $3 + 0 }
        $1 == "CPU" && requests { print rps, p50, $2 * 1e6 / requests }' "$work/h2load.out"
}

one_of() { # WHICH CASE PATH CONNECTIONS
    case "$1-$2" in
        other-closed*) by_wrk "$3" "$4" ;;
        own-closed*) by_turnpike latency "$3" "$4" ;;
        other-open*) by_h2load "$3" "$4" ;;
        own-open*) by_turnpike service "$3" "$4" --rate $((100 * $4)) ;;
    esac
}

compare() { # CASE PATH CONNECTIONS
    round=0
    while [ $round -lt "$rounds" ]; do
        say "load: $1, round $((round + 1)) of $rounds"
        order="own other"
        [ $((round % 2)) = 0 ] || order="other own"
        for which in $order; do one_of "$which" "$@" >"$work/$which"; done
        if [ -s "$work/own" ] && [ -s "$work/other" ]; then
            echo "$1 $(cat "$work/own") $(cat "$work/other")" >>"$work/generators"
        else
            echo "bench: no result for $1 in round $((round + 1))" >&2
        fi
        round=$((round + 1))
    done
    say ""
}

# Both sides mean the same time: from a request's first byte sent. generators.awk says which cases cannot be judged.
generators() {
    command -v h2load >/dev/null || { echo "bench: h2load is not installed (nghttp2-client)" >&2 && exit 1; }
    # shellcheck disable=SC2034 # read by start
    doing=php path=/hello.php begins=Hello
    start turnpike || exit 1
    port=$(port_of turnpike)
    compare closed-static-64 /1k.txt 64
    compare closed-static-1 /1k.txt 1
    compare closed-php-8 /hello.php 8
    compare closed-cgi-8 /cgi-bin/hello 8
    compare open-static-1000/s /1k.txt 10
    compare open-cgi-100/s /cgi-bin/hello 1
    awk -f "$here/median.awk" -f "$here/generators.awk" "$work/generators"
    stop_with_backend turnpike
}
