#!/bin/sh
# Makes FOLDER a phpMyAdmin from Debian's package that asks for user and password of the MariaDB behind SOCKET.
# usage: phpmyadmin.sh FOLDER SOCKET
set -eu
folder=$1 socket=$2
mkdir -p "$folder" "$folder.tmp"
cp -RL /usr/share/phpmyadmin/. "$folder/"
sed -i -e "s|'/etc/phpmyadmin/config.inc.php'|ROOT_PATH . 'config.inc.php'|" \
    -e "s|'/var/lib/phpmyadmin/tmp/'|'$folder.tmp/'|" "$folder/libraries/vendor_config.php"
cat >"$folder/config.inc.php" <<END
<?php
\$cfg['blowfish_secret'] = '$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')';
\$cfg['Servers'][1] = ['auth_type' => 'cookie', 'host' => 'localhost', 'socket' => '$socket'];
\$cfg['PmaNoRelation_DisableWarning'] = true;
\$cfg['SendErrorReports'] = 'never';
END
# The same for every way to run PHP; the site's body_limit goes with it.
printf 'upload_max_filesize = 64M\npost_max_size = 64M\n' >"$folder/.user.ini"
[ "$(id -u)" != 0 ] || chown -R www-data:www-data "$folder" "$folder.tmp"
