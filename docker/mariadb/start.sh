#!/bin/sh
# Makes the files at the first start, then becomes the server: one process.
set -eu
secret=/run/secrets/wordpress/password
if ! [ -s $secret ]; then
    (umask 027 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >$secret.new)
    chgrp www-data $secret.new
    mv $secret.new $secret
fi
[ -d /var/lib/mysql/mysql ] ||
    mariadb-install-db --datadir=/var/lib/mysql --skip-test-db --auth-root-authentication-method=socket >/dev/null
# Runs at each start and changes nothing the second time. The user `mysql`, without a right, is for the health check.
umask 077
cat >/tmp/init.sql <<END
CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4;
CREATE OR REPLACE USER 'wordpress'@'%' IDENTIFIED BY '$(cat $secret)';
GRANT ALL ON wordpress.* TO 'wordpress'@'%';
CREATE OR REPLACE USER 'mysql'@'localhost' IDENTIFIED VIA unix_socket;
END
exec mariadbd --datadir=/var/lib/mysql --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid \
    --init-file=/tmp/init.sql --bind-address=0.0.0.0 --skip-name-resolve --performance-schema=OFF
