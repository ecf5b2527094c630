#!/bin/sh
# Serves a new WordPress on a MariaDB of its own from the release build, until Ctrl-C; with --once it ends when the
# wizard was answered. Called by `./run wordpress`, which has built and installed what it needs. All of it is in one
# folder that goes with it, and nothing that runs on this machine already is touched.
set -eu
cd "$(dirname "$0")/../.."
here=$PWD
once=
case "${1:-}" in
    '') ;;
    --once) once=yes ;;
    *) echo "usage: ./run wordpress [--once]" >&2 && exit 2 ;;
esac

# In /var/lib where the caller is root: MariaDB and Turnpike's workers are other users then, and must get there.
if [ "$(id -u)" = 0 ]; then
    stage=$(mktemp -d /var/lib/turnpike-wordpress.XXXXXX)
else
    stage=$(mktemp -d "${TMPDIR:-/tmp}/turnpike-wordpress.XXXXXX")
fi
chmod 755 "$stage"
database='' server=''
stop() {
    for process in $server $database; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf --one-file-system "$stage"
}
trap stop EXIT
trap 'echo >&2; exit 0' INT TERM

waitFor() { # PID WHAT COMMAND...: until the command succeeds
    process=$1 what=$2 tries=0
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$process" 2>/dev/null; then
            echo "wordpress: $what did not start" >&2
            tail -n 20 "$stage"/*.log >&2 || true
            exit 1
        fi
        sleep 0.2
    done
}

# A session of its own, so that Ctrl-C at the terminal reaches this script, which ends the others in order.
setsid sh examples/wordpress/mariadb.sh "$stage/database" wordpress >"$stage/mariadb.log" 2>&1 &
database=$!
waitFor $database MariaDB grep -q 'ready for connections' "$stage/mariadb.log"
sh examples/wordpress/site.sh "$stage/site" wordpress "$(cat "$stage/database/password")" \
    "$stage/database/run/mariadb.sock"

# Turnpike loads no plugin from a folder that somebody else owns: root needs a copy of its own.
mkdir "$stage/turnpike"
cp -R "$here/build/release/bin" "$here/build/release/plugins" "$stage/turnpike/"
[ "$(id -u)" != 0 ] || chown -R root:root "$stage/turnpike"
chmod -R u=rwX,go=rX "$stage/turnpike"
sed "s|/srv/www/wordpress|$stage/site|" examples/wordpress/wordpress.toml >"$stage/wordpress.toml"
{
    echo '[server]'
    echo "listen = [\"${WORDPRESS_LISTEN:-127.0.0.1:8080}\"]"
    printf 'error_log = "%s/error.log"\naccess_log = "%s/access.log"\n' "$stage" "$stage"
    printf 'runtime_folder = "%s/run"\nspool_folder = "%s/spool"\n' "$stage" "$stage"
    sed '1,/^\[\[site\]\]/{/^\[\[site\]\]/!d}' "$stage/wordpress.toml"
} >"$stage/turnpike.toml"
if ! [ -x "$stage/turnpike/plugins/turnpike-php" ]; then
    echo "wordpress: built without libphp: PHP comes from PHP-FPM, over a socket" >&2
    sed -i 's/^plugin = "php"$/plugin = "fastcgi"\npreset = "php-fpm"/' "$stage/turnpike.toml"
fi
turnpike=$stage/turnpike/bin/turnpike
setsid "$turnpike" serve -c "$stage/turnpike.toml" >"$stage/turnpike.log" 2>&1 &
server=$!
waitFor $server Turnpike "$turnpike" status -c "$stage/turnpike.toml"

cat <<END

WordPress: http://${WORDPRESS_LISTEN:-127.0.0.1:8080}/

    Its wizard asks for the site's title and for a name and password that you choose; log in with them at /wp-admin/.
    MariaDB:  database and user "wordpress", password $(cat "$stage/database/password"),
              socket $stage/database/run/mariadb.sock
    Config:   $stage/turnpike.toml
    Logs:     $stage/*.log

Ctrl-C ends it and removes everything.
END
if [ -n "$once" ]; then
    "$turnpike" toll -c "$stage/turnpike.toml" --ready 10 wizard=/wp-admin/install.php
    exit 0
fi
wait "$server"
echo "wordpress: the server has ended:" >&2
tail -n 20 "$stage/turnpike.log" "$stage/error.log" >&2
exit 1
