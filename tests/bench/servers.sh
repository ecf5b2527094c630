#!/bin/sh
# The servers of the bench: how each is started, which processes are its own, which are its backends'. Sourced by
# bench.sh, which sets here, build, tools and work.
# shellcheck disable=SC2154,SC3045 # set there; dash and bash both know ulimit -n

on_core() { # CORE COMMAND...
    core=$1
    shift
    if [ "$(nproc)" -ge 2 ]; then taskset -c "$core" "$@"; else "$@"; fi
}

# In the background, in place of a subshell, so that $! is the server itself.
launch() { # NAME COMMAND...
    name=$1
    shift
    if [ "$(nproc)" -ge 2 ]; then set -- taskset -c 0 "$@"; fi
    "$@" >>"$work/$name.out" 2>&1 &
    echo $! >"$work/$name.pid"
}

pid_of() { cat "$work/$1.pid"; }
port_of() { cat "$work/$1.port"; }
is_running() { [ -f "$work/$1.pid" ] && [ -f "$work/$1.port" ] && kill -0 "$(pid_of "$1")" 2>/dev/null; }

# The processes that make a page beside the server itself; nothing when they are the server's own children.
backend_of() { # SCENARIO SERVER
    case "$1" in
        php) [ ! -f "$work/fpm.pid" ] || pid_of fpm ;;
        fastcgi) pid_of "fcgi-$2" ;;
    esac
}

next_port=$((20000 + $$ % 20000))
free_port() {
    # Ports in /proc/net/tcp are in hexadecimal.
    while grep -q "$(printf ':%04X ' $next_port)" /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
        next_port=$((next_port + 1))
    done
    echo $next_port
}
take_port() { # NAME
    free_port >"$work/$1.port"
    next_port=$(($(port_of "$1") + 1))
}

# A config file of peers/ with its places filled in.
fill() { # FILE NAME
    user=
    [ "$(id -u)" != 0 ] || case "$1" in
        *.toml) user='user = "www-data"' ;;
        *) user='user = www-data' ;;
    esac
    port=0
    [ ! -f "$work/$2.port" ] || port=$(port_of "$2")
    sed -e "s|@WORK@|$work|g" -e "s|@PEERS@|$work|g" -e "s|@NAME@|$2|g" -e "s|@PORT@|$port|g" -e "s|@USER@|$user|g" \
        -e "s|@PLUGINS@|$(cd "$build" && pwd)/plugins|g" "$here/peers/$1"
}

prepare_site() {
    mkdir -p "$work/site/cgi-bin" "$work/turnpike" "$work/turnpike-quiet"
    awk 'BEGIN { for (i = 0; i < 1024; ++i) printf "x" }' >"$work/site/1k.txt"
    echo '<?php echo "Hello, world\n";' >"$work/site/hello.php"
    cp "$build/demo/public/cgi-bin/hello" "$work/site/cgi-bin/hello"
    fill nginx-common.conf nginx >"$work/nginx-common.conf"
}

start_floor() { launch floor "$tools/bench_floor" "$(port_of floor)"; }
start_turnpike() { launch "$1" "$build/bin/turnpike" serve -c "$work/$1.toml"; }
start_lighttpd() { launch lighttpd lighttpd -D -f "$work/lighttpd.conf"; }
start_nginx() { launch "$1" nginx -e "$work/$1.error.log" -c "$work/$1.conf"; }

start_backends() {
    for name in turnpike nginx-default nginx-tuned lighttpd; do
        [ -x "$build/demo/programs/hello_fastcgi" ] || continue
        launch "fcgi-$name" "$tools/bench_fcgi_pool" "$work/fcgi-$name.sock" 4 "$build/demo/programs/hello_fastcgi"
    done
    fpm=$(find /usr/sbin /usr/bin -name 'php-fpm*' -perm -100 2>/dev/null | sort -V | tail -n 1)
    [ -n "$fpm" ] || return 0
    {
        fill php-fpm.conf fpm
        for name in turnpike nginx-default nginx-tuned; do fill php-fpm-pool.conf $name; done
    } >"$work/php-fpm.conf"
    launch fpm "$fpm" -F -O -y "$work/php-fpm.conf"
}

start_server() {
    case "$1" in
        nginx-*) start_nginx "$1" ;;
        turnpike*) start_turnpike "$1" ;;
        *) "start_$1" ;;
    esac
    wait_ready "$1"
}

wait_ready() {
    tries=0
    until grep -q "$(printf ':%04X 00000000:0000 0A' "$(port_of "$1")")" /proc/net/tcp; do
        tries=$((tries + 1))
        if [ $tries -gt 50 ] || ! kill -0 "$(pid_of "$1")" 2>/dev/null; then
            echo "bench: $1 did not start:" >&2
            tail -n 5 "$work/$1.out" "$work/$1.error.log" >&2 2>/dev/null || true
            rm -f "$work/$1.pid"
            return 0
        fi
        sleep 0.1
    done
}

start_all() {
    ulimit -n 40000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    start_backends
    for name in floor turnpike turnpike-quiet nginx-default nginx-tuned lighttpd; do
        take_port $name
        case $name in
            floor) ;;
            turnpike)
                [ -x "$build/bin/turnpike" ] || continue
                fill turnpike.toml turnpike >"$work/turnpike.toml"
                ;;
            turnpike-quiet) # the same without an access log, as the loop, lighttpd and the tuned nginx are
                [ -x "$build/bin/turnpike" ] || continue
                fill turnpike.toml turnpike-quiet |
                    sed 's|^access_log = .*|access_format = "off"|' >"$work/turnpike-quiet.toml"
                ;;
            nginx-*)
                command -v nginx >/dev/null || continue
                fill $name.conf $name >"$work/$name.conf"
                ;;
            lighttpd)
                command -v lighttpd >/dev/null || continue
                fill lighttpd.conf lighttpd >"$work/lighttpd.conf"
                ;;
        esac
        start_server $name
    done
}

stop() {
    kill "$(pid_of "$1")" 2>/dev/null || true
    wait "$(pid_of "$1")" 2>/dev/null || true
    rm -f "$work/$1.pid"
}
restart() {
    stop "$1"
    start_server "$1"
}
stop_all() {
    for file in "$work"/*.pid; do
        case "$file" in
            *nginx-*.pid | *turnpike.pid | *turnpike-quiet.pid | *lighttpd.pid | *floor.pid | *fpm.pid | *fcgi-*.pid) stop "$(basename "$file" .pid)" ;;
        esac
    done
}

report() {
    touch "$work/results" "$work/idle"
    [ -s "$work/results" ] || [ -s "$work/idle" ] || return 0
    sort "$work/results" | awk -v cores="$(nproc)" -f "$here/report.awk" - "$work/idle"
}
