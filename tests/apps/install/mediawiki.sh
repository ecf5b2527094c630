#!/bin/sh
# Makes FOLDER a MediaWiki from Debian's package, installed by MediaWiki's own command line. Addresses are /wiki/TITLE.
# usage: mediawiki.sh FOLDER URL DATABASE PASSWORD SOCKET
set -eu
folder=$1 url=$2 database=$3 password=$4 socket=$5
mkdir -p "$folder"
# What the package keeps elsewhere comes too; its link to a configuration leads nowhere yet.
tar -C /usr/share/mediawiki --exclude=./LocalSettings.php -chf - . | tar -C "$folder" -xf -
mkdir -p "$folder/cache"
cd "$folder"
php maintenance/install.php --dbserver "localhost:$socket" --dbname "$database" --dbuser "$database" \
    --dbpass "$password" --installdbuser "$database" --installdbpass "$password" --scriptpath "" --server "$url" \
    --pass "a gate, a lamp, a bell" --skins Vector,MonoBook "Toll house" Keeper
cat >>LocalSettings.php <<'END'
$wgArticlePath = "/wiki/$1";
$wgCacheDirectory = "$IP/cache";
END
[ "$(id -u)" != 0 ] || chown -R www-data:www-data "$folder"
