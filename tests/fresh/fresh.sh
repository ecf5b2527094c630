#!/bin/sh
# Proves that a newcomer's commands work: a bare Debian 12 root (mmdebstrap's minbase), a clone of what is committed
# here, and in it `./run demo --once` and `./run test`, each twice: the second call must install and build nothing.
# usage: fresh.sh [--keep]   (root; --keep leaves the root folder for a look)
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
keep=
case "${1:-}" in
    '') ;;
    --keep) keep=yes ;;
    *) echo "usage: ./run fresh [--keep]" >&2 && exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "fresh: needs root for chroot" >&2 && exit 1; }

root=$(mktemp -d "${TMPDIR:-/var/tmp}/turnpike-fresh.XXXXXX")
end() {
    for place in dev/shm dev proc; do umount -l "$root/$place" 2>/dev/null || true; done
    if [ -n "$keep" ]; then echo "fresh: the root stays in $root" >&2; else rm -rf --one-file-system "$root"; fi
}
trap end EXIT
trap 'exit 130' INT TERM
say() { printf '== %s\n' "$*" >&2; }
. "$here/tests/support/bookworm.sh"

say "a bare Debian 12 in $root"
bookworm "$root" --include=ca-certificates
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
mkdir -p "$root/src"
git clone --quiet --no-hardlinks "$here" "$root/src/turnpike"

inside() { # COMMAND
    say "$1"
    chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        sh -c "cd /src/turnpike && $1"
}
# A second call may neither install nor build.
again() { # COMMAND
    inside "$1" >"$root/again.log" 2>&1 || { cat "$root/again.log" >&2 && exit 1; }
    if grep -E '^== installing|Building C|Linking C' "$root/again.log" >&2; then
        echo "fresh: the second \"$1\" installed or built something" >&2
        exit 1
    fi
    tail -n 1 "$root/again.log"
}

inside "./run demo --once"
again "./run demo --once"
inside "./run test"
again "./run test"
say "both commands work in a bare Debian 12"
