#!/bin/sh
# The servers of the bench: how each is started and ended, which processes are its own, which are its backends'.
# Sourced by bench.sh, which sets here, build, tools and work, and for a work: doing, path and begins.
# shellcheck disable=SC2154,SC3045 # set there; dash and bash both know ulimit -n

on_core() { # CORE COMMAND...
    core=$1
    shift
    if [ "$(nproc)" -ge 2 ]; then taskset -c "$core" "$@"; else "$@"; fi
}

# In the background, in place of a subshell, so that $! is the server itself; in a process group of its own, since
# Apache ends all of its group with itself, and Ctrl-C is for bench.sh alone. Not by setsid: each session is a group for
# the kernel's scheduler too.
launch() { # NAME COMMAND...
    name=$1
    shift
    # shellcheck disable=SC2016 # Perl's variables
    set -- perl -e 'setpgrp(0, 0); exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\n"' "$@"
    if [ "$(nproc)" -ge 2 ]; then set -- taskset -c 0 "$@"; fi
    "$@" >>"$work/$name.out" 2>&1 &
    echo $! >"$work/$name.pid"
}

pid_of() { cat "$work/$1.pid"; }
lives() { [ -f "$work/$1.pid" ] && kill -0 "$(pid_of "$1")" 2>/dev/null; }

next_port=$((20000 + $$ % 10000))
port_of() { cat "$work/$1.port"; }
take_port() { # NAME; ports in /proc/net/tcp are in hexadecimal
    [ ! -f "$work/$1.port" ] || return 0
    while grep -q "$(printf ':%04X ' $next_port)" /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
        next_port=$((next_port + 1))
    done
    echo $next_port >"$work/$1.port"
    next_port=$((next_port + 1))
}

newest() { find "$@" -name "$pattern" 2>/dev/null | sort -V | tail -n 1; }
php_fpm() { pattern='php-fpm*' newest /usr/sbin /usr/bin -perm -100; }
mod_php() { pattern='libphp*.so' newest /usr/lib/apache2/modules; }
embedded_php() { pattern=turnpike-php newest "$build/bin" "$build/plugins" -type f -perm -100; }

is_installed() { # SERVER
    case "$1" in
        floor*) ;;
        turnpike-php)
            [ -z "$(embedded_php)" ] || return 0
            echo "bench: $doing without turnpike-php: this build has no embedded PHP" >&2
            return 1
            ;;
        turnpike*) [ -x "$build/bin/turnpike" ] ;;
        nginx-*) command -v nginx >/dev/null ;;
        apache-event) command -v apache2 >/dev/null ;;
        apache-prefork) command -v apache2 >/dev/null && [ -n "$(mod_php)" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# What makes the page beside the server: fpm, responder, wrap; nothing when the server makes it or starts who does.
backend_of() { # WORK SERVER
    case "$1 $2" in
        php*-php | php*-prefork) ;;
        php* | cache*) echo fpm ;;
        fastcgi* | flat-uploads*) echo responder ;;
        cgi\ nginx*) echo wrap ;;
        proxy*) echo origin ;;
    esac
}
backend_pids() { # WORK SERVER
    backend=$(backend_of "$1" "$2")
    [ -z "$backend" ] || pid_of "$backend-$2"
    [ "$1" != php-db ] || pid_of database
}

# Whether CPU is out of sight: fcgiwrap and mod_cgid do not wait for their programs, so no parent inherits their time.
hides_programs() { # WORK SERVER
    case "$1 $2" in cgi\ nginx* | cgi\ apache*) ;; *) return 1 ;; esac
}

scheme() { case "$doing" in *tls) echo https ;; *) echo http ;; esac; }

# The same config with TLS on its port, for the work that is about it: one certificate, each server's own ciphers.
with_tls() { # SERVER
    if [ "$(scheme)" != https ]; then
        cat
        return
    fi
    case "$1" in
        turnpike*) sed -e 's|^\(listen = \["[^"]*\)"|\1 tls"|' \
            -e "s|^root = .*|&\ntls = { certificate = \"$work/tls.pem\", key = \"$work/tls.key\" }|" ;;
        nginx-*) sed -e 's|listen 127.0.0.1:[0-9]*|& ssl|' \
            -e "s|^ *server {|&\nssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key;|" ;;
        h2o) sed -e "s|^  port: [0-9]*|&\n  ssl:\n    certificate-file: $work/tls.pem\n    key-file: $work/tls.key|" ;;
    esac
}

# A config file of peers/ with its places filled in. Only root can become www-data, so others go without those lines.
fill() { # FILE NAME
    if [ "$(id -u)" = 0 ]; then cat "$here/peers/$1"; else grep -v www-data "$here/peers/$1"; fi |
        sed -e "s|@WORK@|$work|g" -e "s|@NAME@|$2|g" -e "s|@MOD_PHP@|$(mod_php)|g" \
            -e "s|@PORT@|$(cat "$work/$2.port" 2>/dev/null)|g" -e "s|@PLUGINS@|$(cd "$build" && pwd)/plugins|g"
}

prepare() {
    ulimit -n 40000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    mkdir -p "$work/site/cgi-bin"
    awk 'BEGIN { for (i = 0; i < 1024; ++i) printf "x" }' >"$work/site/1k.txt"
    awk 'BEGIN { for (i = 0; i < 102400; ++i) printf "x" }' >"$work/site/100k.txt"
    awk 'BEGIN { for (i = 0; i < 8192; ++i) printf "%1024s", "x" }' | tr ' ' x >"$work/site/8m.txt"
    echo '<?php echo "Hello, world\n";' >"$work/site/hello.php"
    # As large as the file of the work static.
    echo '<?php header("Cache-Control: max-age=3600"); echo str_pad("Hello, world\n", 1024, "x");' >"$work/site/cached.php"
    fill database.php site >"$work/site/database.php"
    cp "$build/demo/public/cgi-bin/hello" "$work/site/cgi-bin/hello"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench \
        -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
}

# The same server with one thing changed.
turnpike_config() { # SERVER
    case "$1" in
        turnpike) fill turnpike.toml turnpike ;;
        # without an access log, as the loop and all the tuned peers are
        turnpike-quiet) fill turnpike.toml "$1" | sed 's|^access_log = .*|access_format = "off"|' ;;
        turnpike-php)
            fill turnpike.toml "$1" |
                sed '/^suffix = ".php"/,/^$/ { s/^plugin = .*/plugin = "php"/; /^preset/d; /^address/d; }'
            ;;
        # likewise, and with its page cache
        turnpike-cache)
            fill turnpike.toml "$1" | sed -e 's|^access_log = .*|access_format = "off"|' \
                -e '0,/^\[\[site.route\]\]/s//[[site.hook]]\nplugin = "cache"\n\n[[site.route]]/'
            ;;
        # in front of a server of the same files; one of the two copies what it hands on
        turnpike-proxy) turnpike_proxy_config "$1" true ;;
        turnpike-copy) turnpike_proxy_config "$1" false ;;
        turnpike-sites-*) flat_sites_toml "$1" ;;
        turnpike-upload-*) flat_upload_toml "$1" ;;
    esac
}

turnpike_proxy_config() { # SERVER SPLICES
    fill turnpike.toml "$1" | sed -e 's|^access_log = .*|access_format = "off"|' -e "0,/^listen/s//splice = $2\nlisten/" \
        -e "0,/^\[\[site.route\]\]/s||[[site.route]]\nprefix = \"/\"\nplugin = \"proxy\"\ntargets = [\"unix:$work/origin-$1.sock\"]\n\n&|"
}

# A server of the same files, by sendfile: handing them on is most of the work.
origin_config() { # SERVER
    cat <<END_OF_ORIGIN
[server]
listen = ["unix:$work/origin-$1.sock"]
workers = 1
plugin_folder = "$(cd "$build" && pwd)/plugins"
runtime_folder = "$work/origin-$1"
error_log = "$work/origin-$1.error.log"
access_format = "off"
[limits]
requests_per_connection = 1000000000
[[site]]
name = "origin"
root = "$work/site"
[[site.route]]
prefix = "/"
plugin = "static"
END_OF_ORIGIN
}

# The tuned one in front of it, as its manual has it for connections that are kept.
nginx_proxy_config() {
    fill nginx-tuned.conf nginx-proxy | sed -e 's|nginx-tuned|nginx-proxy|g' \
        -e "s|^    access_log off;|&\n    upstream origin { server unix:$work/origin-nginx-proxy.sock; keepalive 16; }|" \
        -e 's|^        root .*|&\n        location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }|'
}

# The tuned one with a cache of what PHP answers.
nginx_cache_config() {
    fill nginx-tuned.conf nginx-cache | sed -e 's|nginx-tuned|nginx-cache|g' \
        -e "s|^    access_log off;|&\n    fastcgi_cache_path $work/nginx-pages levels=1:2 keys_zone=pages:16m use_temp_path=off;|" \
        -e 's|fastcgi_pass php;|&\n            fastcgi_cache pages;\n            fastcgi_cache_key $scheme$host$request_uri;|'
}

launch_server() { # SERVER
    case "$1" in
        floor) launch floor "$tools/bench_floor" "$(port_of floor)" ;;
        floor-fpm) launch "$1" "$tools/bench_php_floor" "$(port_of "$1")" "$work/fpm-$1.sock" "$work/site" "$path" 4 ;;
        floor-cgi) launch "$1" "$tools/bench_cgi_floor" "$(port_of "$1")" "$work/site$path" ;;
        floor-upload) launch "$1" "$tools/bench_relay_floor" "$(port_of "$1")" "$work/responder-$1.sock" ;;
        turnpike*)
            mkdir -p "$work/$1"
            turnpike_config "$1" | with_tls "$1" >"$work/$1.toml"
            # A connection ends after 100,000 requests, and h2load does not open another.
            case "$doing" in http2*) sed -i '/^connections_per_address/a requests_per_connection = 1000000000' "$work/$1.toml" ;; esac
            launch "$1" "$build/bin/turnpike" serve -c "$work/$1.toml"
            ;;
        nginx-*)
            fill nginx-common.conf nginx >"$work/nginx-common.conf"
            case "$1" in
                nginx-sites-*) flat_sites_nginx "$1" ;;
                nginx-upload-*) flat_upload_nginx "$1" ;;
                # It speaks one of the two on a port without TLS.
                nginx-http2) fill nginx-tuned.conf "$1" | with_tls "$1" | sed 's/ deferred;/ deferred http2;/' ;;
                nginx-cache) nginx_cache_config ;;
                nginx-proxy) nginx_proxy_config ;;
                *) fill "$1.conf" "$1" | with_tls "$1" ;;
            esac >"$work/$1.conf"
            launch "$1" nginx -e "$work/$1.error.log" -c "$work/$1.conf"
            ;;
        lighttpd)
            fill lighttpd.conf lighttpd >"$work/lighttpd.conf"
            launch lighttpd lighttpd -D -f "$work/lighttpd.conf"
            ;;
        h2o)
            fill h2o.conf h2o | with_tls h2o >"$work/h2o.conf"
            launch h2o h2o -c "$work/h2o.conf"
            ;;
        apache-*)
            for part in "$1" apache-common; do fill $part.conf "$1"; done >"$work/$1.conf"
            launch "$1" apache2 -DFOREGROUND -f "$work/$1.conf"
            ;;
        caddy)
            fill Caddyfile caddy >"$work/Caddyfile"
            launch caddy env XDG_CONFIG_HOME="$work" XDG_DATA_HOME="$work" \
                caddy run --adapter caddyfile --config "$work/Caddyfile"
            ;;
    esac
}

# A backend of each server's own, so that connections which one server keeps disturb nobody else.
launch_backend() { # BACKEND SERVER
    socket=$work/$1-$2.sock
    rm -f "$socket"
    case "$1" in
        fpm)
            fill php-fpm.conf "$2" >"$work/fpm-$2.conf"
            launch "fpm-$2" "$(php_fpm)" -F -O -y "$work/fpm-$2.conf"
            ;;
        responder)
            set -- "$1" "$2" 1 "$build/demo/programs/hello_fastcgi"
            # nginx keeps a connection to each process, so one process could not serve two clients
            [ "$doing" != flat-uploads ] || set -- "$1" "$2" 2 "$tools/bench_sink"
            launch "responder-$2" "$tools/bench_fcgi_pool" "$socket" "$3" "$4"
            ;;
        origin)
            mkdir -p "$work/origin-$2"
            origin_config "$2" >"$work/origin-$2.toml"
            launch "origin-$2" "$build/bin/turnpike" serve -c "$work/origin-$2.toml"
            ;;
        wrap) launch "wrap-$2" "$tools/bench_fcgi_pool" "$socket" 8 "$(command -v fcgiwrap)" ;;
    esac
    wait_for "$1-$2" test -S "$socket" || true
    [ "$1" != origin ] || chmod 666 "$socket" # root's own otherwise, and the servers ask as www-data
}

wait_for() { # NAME COMMAND...: until it succeeds, for 5 s, while NAME lives
    waited=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        if [ $tries -gt 50 ] || ! lives "$waited"; then return 1; fi
        sleep 0.1
    done
}

# A page that is not the expected one would be measured as a fast one.
answers() { # SERVER
    case "$doing" in http2) set -- "$1" --http2-prior-knowledge ;; esac
    # shellcheck disable=SC2086 # a word or none
    curl -skf -m 5 ${2:-} --noproxy '*' "$(scheme)://127.0.0.1:$(port_of "$1")$path" | head -c 64 | grep -aq "^$begins"
}

# With its backend; fails, having said why, when the work's page does not come.
start() { # SERVER
    take_port "$1"
    backend=$(backend_of "$doing" "$1")
    [ -z "$backend" ] || launch_backend "$backend" "$1"
    launch_server "$1"
    wait_for "$1" answers "$1" && return 0
    echo "bench: $doing without $1, which does not give the page; the last it said:" >&2
    for log in "$1.out" "$1.error.log" "$backend-$1.out"; do tail -n 5 "$work/$log" >&2 2>/dev/null || true; done
    stop_with_backend "$1"
    return 1
}

# A private one, without network, in a folder of its own.
start_database() {
    command -v mariadbd >/dev/null || { echo "bench: php-db left out: mariadbd is not installed" >&2 && return 1; }
    mkdir -p "$work/database"
    [ "$(id -u)" != 0 ] || chown www-data: "$work/database"
    for file in database.cnf database.sql; do fill $file database >"$work/$file"; done
    say "php-db: making a database"
    # Forced: it would refuse a machine whose own name cannot be looked up.
    mariadb-install-db --defaults-file="$work/database.cnf" --force --skip-test-db >"$work/database.out" 2>&1 || true
    launch database mariadbd --defaults-file="$work/database.cnf"
    wait_for database test -S "$work/database/socket" && return 0
    echo "bench: php-db left out, since mariadbd does not start; the last it said:" >&2
    tail -n 5 "$work/database.out" >&2
    stop database
    return 1
}

stop() { # NAME
    [ -f "$work/$1.pid" ] || return 0
    pid=$(pid_of "$1")
    tree=$("$tools/bench_cost" "$pid" | cut -d' ' -f6 | tr , ' ')
    kill "$pid" 2>/dev/null || true
    tries=0
    while lives "$1" && [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    # shellcheck disable=SC2086 # a list of pids
    ! lives "$1" || kill -KILL $tree 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -f "$work/$1.pid"
}
stop_with_backend() { # SERVER
    stop "$1"
    backend=$(backend_of "$doing" "$1")
    [ -z "$backend" ] || stop "$backend-$1"
}
stop_all() {
    for file in "$work"/*.pid; do
        [ ! -f "$file" ] || stop "$(basename "$file" .pid)"
    done
}
