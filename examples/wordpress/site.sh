#!/bin/sh
# Makes FOLDER a WordPress of its own from Debian's package: the package keeps parts of it elsewhere, behind links that
# lead out of the site's root, which Turnpike does not follow. FOLDER becomes the property of whom PHP runs as.
# usage: site.sh FOLDER [DATABASE PASSWORD SOCKET]; without a database WordPress's own wizard asks for it.
set -eu
[ $# -eq 1 ] || [ $# -eq 4 ] || { echo "usage: site.sh FOLDER [DATABASE PASSWORD SOCKET]" >&2 && exit 2; }
folder=$1
source=/usr/share/wordpress
[ -e $source/wp-settings.php ] || { echo "site.sh: there is no $source: apt-get install wordpress" >&2 && exit 1; }

mkdir -p "$folder"
cp -RL $source/. "$folder/"
cp -RL /var/lib/wordpress/wp-content/. "$folder/wp-content/"
rm -f "$folder/wp-config.php" "$folder/.htaccess"
mkdir -p "$folder/wp-content/uploads" "$folder/wp-content/mu-plugins"
# WordPress offers addresses without "index.php" only on servers that it knows by name, unless it is told.
cat >"$folder/wp-content/mu-plugins/rewrite.php" <<'END'
<?php
add_filter('got_url_rewrite', '__return_true');
END

if [ $# -eq 4 ]; then
    umask 027 # the password is nobody else's
    secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
    {
        echo '<?php'
        echo "define('DB_NAME', '$2');"
        echo "define('DB_USER', '$2');"
        echo "define('DB_PASSWORD', '$3');"
        echo "define('DB_HOST', 'localhost:$4');"
        echo "define('DB_CHARSET', 'utf8mb4');"
        for name in AUTH SECURE_AUTH LOGGED_IN NONCE; do
            echo "define('${name}_KEY', '$(secret)');"
            echo "define('${name}_SALT', '$(secret)');"
        done
        echo '$table_prefix = "wp_";'
        echo "define('FS_METHOD', 'direct');"
        echo "if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');"
        echo "require_once ABSPATH . 'wp-settings.php';"
    } >"$folder/wp-config.php"
fi
[ "$(id -u)" != 0 ] || chown -R www-data:www-data "$folder"
