#!/bin/sh
# bookworm.sh - Debian 12 from where this machine has its packages: its mirror and its proxy, or Debian's own. Sourced by
# tests that need a root file system.

bookworm() { # TARGET [OPTION of mmdebstrap...]
    target=$1
    shift
    # shellcheck disable=SC2016 # apt-get replaces these itself
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
        awk '$2 ~ /^bookworm/ && !seen[$0]++ { print "deb " $1 " " $2 " main" }' >"$target.sources"
    [ -s "$target.sources" ] || echo "deb http://deb.debian.org/debian bookworm main" >"$target.sources"
    apt-config dump | grep -E '^Acquire::(http|https|Retries)' >"$target.apt" || true
    mmdebstrap --quiet --variant=minbase \
        --setup-hook="mkdir -p \"\$1/etc/apt/apt.conf.d\" && cp \"$target.apt\" \"\$1/etc/apt/apt.conf.d/90machine\"" \
        "$@" bookworm "$target" - <"$target.sources"
    rm "$target.sources" "$target.apt"
}
