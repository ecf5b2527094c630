#!/bin/sh
# Turnpike beside other servers on this machine: server side on one core, load on another, rounds interleaved, medians
# reported. usage: bench.sh [--rounds N] [--seconds N] [SCENARIO...]; scenarios: static php cgi fastcgi idle, and
# load, which compares Turnpike's load generator with others and is run only when asked for.
# Servers that are not installed are left out. Needs two cores; with one, all numbers are lower and the table says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
tools=$build/bench
rounds=5
seconds=3
idle_connections=10000

scenarios=
while [ $# -gt 0 ]; do
    case "$1" in
        --rounds) rounds=$2 && shift ;;
        --seconds) seconds=$2 && shift ;;
        static | php | cgi | fastcgi | idle | load) scenarios="$scenarios $1" ;;
        *) echo "usage: bench.sh [--rounds N] [--seconds N] [static|php|cgi|fastcgi|idle|load]..." >&2 && exit 2 ;;
    esac
    shift
done
scenarios=${scenarios:-static php cgi fastcgi idle}

PATH=$PATH:/usr/sbin:/sbin
. "$here/servers.sh"
. "$here/generators.sh"
command -v wrk >/dev/null || { echo "bench: wrk is not installed" >&2 && exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/turnpike-bench.XXXXXX")
chmod 755 "$work"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say() { [ ! -t 2 ] || printf '\r%-60s\r' "$1" >&2; }

# Prints "requests microseconds p50 p99 failures" for one run of the generator.
generate() { # PORT PATH CONNECTIONS SECONDS
    on_core 1 wrk -t1 -c "$3" -d "${4}s" --latency -s "$here/report.lua" "http://127.0.0.1:$1$2" 2>&1 |
        sed -n 's/^RESULT //p'
}

cpu_ns() {
    # shellcheck disable=SC2086 # a list of pids
    if [ -n "$1" ]; then "$tools/bench_cost" $1 | cut -d' ' -f1; else echo 0; fi
}

# One line into results.tsv: scenario, server, then numbers of this round.
measure() { # SCENARIO SERVER PATH CONNECTIONS
    port=$(port_of "$2")
    engine=$(pid_of "$2")
    backend=$(backend_of "$1" "$2")
    generate "$port" "$3" "$4" 1 >/dev/null
    engine_before=$(cpu_ns "$engine")
    backend_before=$(cpu_ns "$backend")
    result=$(generate "$port" "$3" "$4" "$seconds")
    engine_after=$(cpu_ns "$engine")
    backend_after=$(cpu_ns "$backend")
    [ -n "$result" ] || { echo "bench: $2 gave no result for $1" >&2 && return; }
    printf '%s %s %s %s %s %s\n' "$1" "$2" "$result" "$((engine_after - engine_before))" \
        "$((backend_after - backend_before))" "${backend:+b}" >>"$work/results"
}

scenario() { # NAME PATH CONNECTIONS SERVER...
    name=$1 path=$2 connections=$3
    shift 3
    round=0
    while [ $round -lt "$rounds" ]; do
        for server in "$@"; do
            is_running "$server" || continue
            say "$name: round $((round + 1)) of $rounds, $server"
            measure "$name" "$server" "$path" "$connections"
        done
        round=$((round + 1))
    done
    say ""
}

private_kib() { "$tools/bench_cost" "$(pid_of "$1")" | cut -d' ' -f2; }

# Private memory per idle keep-alive connection, kernel buffers left out.
idle() { # SERVER...
    for server in "$@"; do
        is_running "$server" || continue
        restart "$server"
        generate "$(port_of "$server")" /1k.txt 64 1 >/dev/null
        before=$(private_kib "$server")
        mkfifo "$work/hold.in" "$work/hold.out"
        "$tools/bench_hold" "$(port_of "$server")" $idle_connections /1k.txt <"$work/hold.in" >"$work/hold.out" &
        exec 3>"$work/hold.in" 4<"$work/hold.out"
        if read -r _ <&4; then
            echo "idle $server $before $(private_kib "$server") $idle_connections" >>"$work/idle"
        fi
        exec 3>&- 4<&-
        wait $! || true
        rm "$work/hold.in" "$work/hold.out"
    done
}

prepare_site
start_all
for each in $scenarios; do
    case "$each" in
        static) scenario static /1k.txt 64 floor turnpike turnpike-quiet nginx-default nginx-tuned lighttpd ;;
        php) scenario php /hello.php 16 turnpike nginx-tuned nginx-default ;;
        cgi) scenario cgi /cgi-bin/hello 8 turnpike lighttpd ;;
        fastcgi) scenario fastcgi /fastcgi 16 turnpike nginx-tuned nginx-default lighttpd ;;
        idle) idle turnpike nginx-default ;;
        load) generators ;;
    esac
done
report
