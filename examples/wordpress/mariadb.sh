#!/bin/sh
# A private MariaDB in FOLDER, for `./run wordpress` and the tests in tests/apps: its own files, a unix socket and no
# network. For each NAME it has a database and a user of that name, with the password in FOLDER/password. It runs in the
# foreground, so that who starts it ends it by its process id; on the files of an earlier run it goes on with those.
# usage: mariadb.sh FOLDER NAME...
set -eu
[ $# -ge 2 ] || { echo "usage: mariadb.sh FOLDER NAME..." >&2 && exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
PATH=$PATH:/usr/sbin
command -v mariadbd >/dev/null ||
    { echo "mariadb.sh: there is no mariadbd: apt-get install mariadb-server" >&2 && exit 1; }

user=$(id -un)
[ "$user" != root ] || user=mysql # Debian's package has made it
chmod 755 "$folder"
[ -s "$folder/password" ] ||
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password")

# Runs at each start: it changes nothing the second time. One statement a line.
(
    umask 077
    for name in "$@"; do
        printf 'CREATE DATABASE IF NOT EXISTS `%s`;\n' "$name"
        printf "CREATE OR REPLACE USER '%s'@'localhost' IDENTIFIED BY '%s';\n" "$name" "$(cat "$folder/password")"
        printf "GRANT ALL ON \`%s\`.* TO '%s'@'localhost';\n" "$name" "$name"
    done >"$folder/init.sql"
)
cat >"$folder/my.cnf" <<END
[mariadbd]
datadir = $folder/data
socket = $folder/run/mariadb.sock
pid-file = $folder/run/mariadb.pid
init-file = $folder/init.sql
tmpdir = $folder/tmp
user = $user
skip-networking
character-set-server = utf8mb4
performance-schema = OFF
innodb-buffer-pool-size = 64M
max-allowed-packet = 64M
END
mkdir -p "$folder/data" "$folder/tmp" "$folder/run"
[ "$(id -u)" != 0 ] || chown -R "$user" "$folder/data" "$folder/tmp" "$folder/run" "$folder/init.sql"
if ! [ -d "$folder/data/mysql" ]; then
    # Forced: it would refuse a machine whose own name cannot be looked up, which a private one does not need.
    mariadb-install-db --defaults-file="$folder/my.cnf" --force --skip-test-db --user="$user" \
        --auth-root-authentication-method=socket >"$folder/install.log" 2>&1 ||
        { cat "$folder/install.log" >&2 && exit 1; }
fi
exec mariadbd --defaults-file="$folder/my.cnf"
