#!/bin/sh
# Serves the demo site from the release build, prints the toll of its pages and stays up until Ctrl-C; with --once it
# ends after the table. Called by `./run demo`, which has built everything.
set -eu
cd "$(dirname "$0")/../.."
once=
case "${1:-}" in
    '') ;;
    --once) once=yes ;;
    *) echo "usage: ./run demo [--once]" >&2 && exit 2 ;;
esac

# Started as root, Turnpike works as www-data, which may not be able to read this checkout, and it loads no plugin from
# a folder that somebody else owns: a copy of what it needs goes where both is right. The guestbook lives there too.
if [ "$(id -u)" = 0 ]; then
    stage=/var/lib/turnpike-demo
    mkdir -p "$stage/config" "$stage/build/release/demo"
    cp config/demo.toml "$stage/config/"
    cp -R build/release/bin build/release/plugins "$stage/build/release/"
    cp -R build/release/demo/public build/release/demo/lib build/release/demo/programs "$stage/build/release/demo/"
    chown -R root:root "$stage/config" "$stage/build/release/bin" "$stage/build/release/plugins" \
        "$stage/build/release/demo/public" "$stage/build/release/demo/lib" "$stage/build/release/demo/programs"
    chmod -R u=rwX,go=rX "$stage/config" "$stage/build/release/bin" "$stage/build/release/plugins" \
        "$stage/build/release/demo/public" "$stage/build/release/demo/lib" "$stage/build/release/demo/programs"
    chmod 755 "$stage" "$stage/build" "$stage/build/release" "$stage/build/release/demo"
    mkdir -p "$stage/build/release/demo/data" "$stage/build/release/demo/log"
    chown -R www-data:www-data "$stage/build/release/demo/data" "$stage/build/release/demo/log"
    cd "$stage"
else
    mkdir -p build/release/demo/data build/release/demo/log
fi
chmod 700 build/release/demo/data

turnpike=build/release/bin/turnpike
config=config/demo.toml
if ! [ -x build/release/plugins/turnpike-php ]; then
    echo "demo: built without libphp: PHP comes from PHP-FPM, over a socket" >&2
    sed 's/^plugin = "php"$/plugin = "fastcgi"\npreset = "php-fpm"/' "$config" >build/release/demo/demo.toml
    config=build/release/demo/demo.toml
    sed -i 's|"\.\./build/release/demo/|"|' "$config"
fi
log=build/release/demo/log

"$turnpike" serve -c "$config" &
server=$!
stop() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}
trap 'stop' EXIT
trap 'echo >&2; exit 0' INT TERM

tries=0
until "$turnpike" status -c "$config" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "demo: the server did not start" >&2
        tail -n 20 "$log/error.log" >&2 2>/dev/null || true
        exit 1
    fi
    sleep 0.1
done

"$turnpike" toll -c "$config" --ready 10 static=/ plugin=/hello fastcgi-c=/fastcgi php-sqlite=/guestbook.php \
    cgi-c=/cgi-bin/hello cgi-shell=/cgi-bin/environment.sh
[ -z "$once" ] || exit 0

echo
echo "The site: http://127.0.0.1:8080/  (logs in $PWD/$log; Ctrl-C ends it)"
wait "$server"
