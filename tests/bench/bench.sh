#!/bin/sh
# Turnpike beside other servers on this machine: server side on one core, load on another, rounds interleaved, medians
# reported. usage: bench.sh [--rounds N] [--seconds N] [WORK...]; works: those of works() below, idle (memory of idle
# connections), and, run only when asked for, proxy, load, which compares Turnpike's load generator with others, splice, and
# those of flat.sh.
# Servers that are not installed are left out. Needs two cores; with one, all numbers are lower and the table says so.
# Access logs: turnpike, turnpike-php and nginx-default write one, as by default; turnpike-quiet and all others do not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
tools=$build/bench
rounds=5
seconds=3
idle_connections=10000

# Each work: path, connections, how the body begins, who takes part. `floor`, `floor-...` are bare loops, which parse nothing.
works() {
    files="turnpike turnpike-quiet nginx-default nginx-tuned lighttpd h2o apache-event caddy"
    fastcgi="turnpike nginx-default nginx-tuned lighttpd h2o apache-event caddy"
    cat <<END_OF_WORKS
static       /1k.txt         64  x      floor $files
static-100k  /100k.txt       16  x      $files
static-close /1k.txt         64  x      $files
http2        /1k.txt         16  x      turnpike turnpike-quiet nginx-http2 h2o
http2-tls    /1k.txt         16  x      turnpike turnpike-quiet nginx-http2 h2o
tls          /1k.txt         64  x      turnpike turnpike-quiet nginx-default nginx-tuned h2o
fastcgi      /fastcgi        16  Hello  $fastcgi
php          /hello.php      16  Hello  floor-fpm $fastcgi turnpike-php apache-prefork
php-db       /database.php   16  word   floor-fpm $fastcgi turnpike-php apache-prefork
cgi          /cgi-bin/hello  8   Hello  floor-cgi turnpike nginx-tuned lighttpd apache-event
cache        /cached.php     16  Hello  turnpike-cache nginx-cache turnpike-quiet nginx-tuned
proxy        /8m.txt         4   x      turnpike-proxy turnpike-copy nginx-proxy
END_OF_WORKS
}
asked_for="idle load splice flat-connections flat-sites flat-answers flat-uploads"
usage="usage: bench.sh [--rounds N] [--seconds N] [$(works | awk '{ printf "%s|", $1 }')$(echo "$asked_for" | tr ' ' '|')]..."

chosen=
while [ $# -gt 0 ]; do
    case "$1" in
        --rounds | --seconds)
            case "${2:-}" in '' | *[!0-9]*) echo "$usage" >&2 && exit 2 ;; esac
            [ "$1" = --rounds ] && rounds=$2 || seconds=$2
            shift
            ;;
        *)
            { works | cut -d' ' -f1 && echo "$asked_for" | tr ' ' '\n'; } | grep -qxF -- "$1" || { echo "$usage" >&2 && exit 2; }
            chosen="$chosen $1"
            ;;
    esac
    shift
done
chosen=${chosen:-$(works | cut -d' ' -f1 | grep -vx proxy) idle}

PATH=$PATH:/usr/sbin:/sbin
. "$here/servers.sh"
. "$here/generators.sh"
. "$here/asking.sh"
. "$here/flat.sh"
. "$here/splice.sh"
for tool in wrk curl taskset openssl; do
    command -v $tool >/dev/null || { echo "bench: $tool is not installed" >&2 && exit 1; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/turnpike-bench.XXXXXX")
chmod 755 "$work"
trap 'trap "" INT TERM HUP; stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

say() { [ ! -t 2 ] || printf '\r%-60s\r' "$1" >&2; }

# HTTP/2, with prior knowledge or by ALPN, 16 requests at once on each connection. h2load counts no percentiles: those of its log.
generate_http2() { # SECONDS [COMMAND...]
    time=$1
    shift
    rm -f "$work/h2load.log"
    on_core 1 "$@" h2load -t1 -c "$connections" -m 16 -D "$time" --log-file="$work/h2load.log" "$url" \
        >"$work/h2load.out" 2>&1 || return 0
    cut -f3 "$work/h2load.log" | sort -n | awk -v us="$((time * 1000000))" '
        NR == FNR && /^requests:/ { gsub(",", ""); done = $6; bad = $10 + $12 + $14 }
        NR != FNR { v[++n] = $1 }
        END { if (n > 1) print done, us, v[int((n + 1) / 2)], v[int(n * 0.99)], bad }' "$work/h2load.out" -
}

# By Turnpike's own, which needs less for an answer than the servers do. wrk and h2load need more (wrk reads each record by two
# calls), so that their core is full first and all servers of the table come out alike.
generate_tls() { # SECONDS [COMMAND...]
    time=$1
    shift
    # It says by its status that its core was full; the report has how much of the server's was.
    { on_core 1 "$@" "$build/bin/turnpike" load --json --warm-up 0 -d "${time}s" -c "$connections" "$url" 2>/dev/null || true; } |
        awk -v times=latency -f "$here/load.awk" | awk '{ print $1, $2, $3, $4, 0 }' # one that fails ends it
}

# Prints "requests microseconds p50 p99 failures" for one run of the generator; a COMMAND may watch the run.
generate() { # SERVER SECONDS [COMMAND...]
    url=$(scheme)://127.0.0.1:$(port_of "$1")$path
    time=$2
    shift 2
    case "$doing" in
        http2*)
            generate_http2 "$time" "$@"
            return
            ;;
        tls)
            generate_tls "$time" "$@"
            return
            ;;
    esac
    set -- "$@" wrk -t1 -c "$connections" -d "${time}s" --latency -s "$here/report.lua"
    [ "$doing" != static-close ] || set -- "$@" -H "Connection: close"
    on_core 1 "$@" "$url" 2>&1 | sed -n 's/^RESULT //p'
}

# shellcheck disable=SC2046 # lists of pids
cost_of() { on_core 1 "$tools/bench_cost" "$(pid_of "$1")" $(backend_pids "$doing" "$1"); }

# One line into results: work, server, then the numbers of this round.
measure() { # SERVER
    generate "$1" 1 >/dev/null
    before=$(cost_of "$1")
    result=$(generate "$1" "$seconds")
    after=$(cost_of "$1")
    [ -n "$result" ] || { echo "bench: $1 gave no result for $doing" >&2 && return; }
    if hides_programs "$doing" "$1"; then
        cpu="- -"
    else
        cpu=$(echo "$before $after" | awk '{ print $7 - $1, $10 - $4 }')
    fi
    echo "time $doing $1 $result $cpu $((round + 1))" >>"$work/results"
}

# Syscalls of one more run, for itself since counting slows it, and memory after it. Only this server runs then, so
# that it does not share the pages of its libraries with the others: PSS would halve them.
count() { # SERVER
    generate "$1" 1 >/dev/null
    requests=0 calls=0
    if [ -n "$can_count" ]; then
        : >"$work/perf"
        requests=$(generate "$1" "$seconds" perf stat -x, -o "$work/perf" -e raw_syscalls:sys_enter \
            -p "$(cost_of "$1" | cut -d' ' -f6)" -- | cut -d' ' -f1)
        calls=$(awk -F, '$3 ~ /sys_enter/ { print $1 + 0 }' "$work/perf")
    fi
    cost_of "$1" | awk -v line="count $doing $1 ${requests:-0} ${calls:-0}" '{ print line, $3, $5 }' >>"$work/results"
}

can_count=
if perf stat -e raw_syscalls:sys_enter -- true >/dev/null 2>&1; then can_count=yes; fi

reversed() { # WORD...
    backwards=
    for word in "$@"; do backwards="$word $backwards"; done
    echo "$backwards"
}

compete() { # WORK PATH CONNECTIONS BEGINNING SERVER...
    doing=$1 path=$2 connections=$3 begins=$4
    shift 4
    running=
    for server in "$@"; do
        is_installed "$server" || continue
        say "$doing: starting $server"
        if start "$server"; then running="$running $server"; fi
    done
    round=0
    while [ $round -lt "$rounds" ]; do
        for server in $running; do
            say "$doing: round $((round + 1)) of $rounds, $server"
            measure "$server"
        done
        running=$(reversed $running) # who comes first or last in a round is so in every other one
        round=$((round + 1))
    done
    for server in $running; do stop_with_backend "$server"; done
    for server in $running; do
        say "$doing: counting, $server"
        if start "$server"; then count "$server"; fi
        stop_with_backend "$server"
    done
    say ""
}

private_kib() { cost_of "$1" | cut -d' ' -f2; }

# Private memory per idle keep-alive connection, kernel buffers left out.
idle() { # SERVER...
    # shellcheck disable=SC2034 # read by start
    doing=idle path=/1k.txt connections=64 begins=x
    for server in "$@"; do
        is_installed "$server" && start "$server" || continue
        say "idle: $server"
        generate "$server" 1 >/dev/null
        before=$(private_kib "$server")
        if open_asker "$server" $idle_connections 0 $path; then
            echo "idle $server $before $(private_kib "$server") $idle_connections" >>"$work/results"
        fi
        close_asker
        stop_with_backend "$server"
    done
    say ""
}

report() {
    [ -s "$work/results" ] || return 0
    works | awk '{ print "work", $1 }' |
        awk -v cores="$(nproc)" -v can_count="$can_count" -f "$here/median.awk" -f "$here/report.awk" - "$work/results"
}

prepare
for each in $chosen; do
    case "$each" in
        idle) idle turnpike nginx-default ;;
        load) generators ;;
        splice) splice ;;
        flat-*) flat "$each" ;;
        *)
            [ "$each" != php-db ] || start_database || continue
            # shellcheck disable=SC2046 # a line of words
            compete $(works | grep "^$each ")
            [ "$each" != php-db ] || stop database
            ;;
    esac
done
report
flat_report
