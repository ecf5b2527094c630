#!/bin/sh
# Makes FOLDER a MediaWiki from Debian's package that waits for its wizard. FOLDER.settings is what its owner adds to the
# wizard's LocalSettings.php: addresses are /wiki/TITLE.
# usage: mediawiki.sh FOLDER
set -eu
folder=$1
mkdir -p "$folder"
# What the package keeps elsewhere comes too; its link to a configuration leads nowhere yet.
tar -C /usr/share/mediawiki --exclude=./LocalSettings.php -chf - . | tar -C "$folder" -xf -
mkdir -p "$folder/cache"
cat >"$folder.settings" <<'END'
$wgArticlePath = "/wiki/$1";
$wgCacheDirectory = "$IP/cache";
if (isset($_SERVER['TURNPIKE_PURGE_SOCKET'])) {
    require_once "$IP/purge.php";
    $wgUseCdn = true;
    $wgEventRelayerConfig['cdn-url-purges'] = ['class' => TurnpikeRelayer::class];
}
END
[ "$(id -u)" != 0 ] || chown -R www-data:www-data "$folder"
