#!/bin/sh
# The works that show whether Turnpike's cost stays flat: with many connections, with many sites, with large bodies. The
# sizes of a work are interleaved as the servers are, so that each round has a ratio of its own. Sourced by bench.sh.
# shellcheck disable=SC2034,SC2154 # read and set there

# Each work: its sizes, who takes part. 10,000 sites are 10,000 files too, which no cache of the processor holds: what
# one of these sites costs alone, and what as many files of one site cost, tells the two apart.
flat_works() {
    cat <<END_OF_WORKS
flat-connections 1,100,1000,10000   floor turnpike-quiet nginx-tuned lighttpd h2o
flat-sites       1,100,10000,one-of-10000,10000-files  turnpike-sites nginx-sites
flat-answers     1k,100k,10m,1g     turnpike-quiet nginx-tuned lighttpd h2o
flat-uploads     1k,100k,10m,1g     floor-upload turnpike-upload-streamed turnpike-upload-spooled nginx-upload-streamed nginx-upload-spooled
END_OF_WORKS
}

bytes_of() { # SIZE
    case "$1" in 1k) echo 1024 ;; 100k) echo 102400 ;; 10m) echo 10485760 ;; 1g) echo 1073741824 ;; esac
}

# How a size is asked for: CONNECTIONS SECONDS PATH [HOSTS [UPLOAD_BYTES]].
flat_question() { # WORK SIZE
    case "$1" in
        flat-connections) echo "$2 $seconds /1k.txt" ;;
        flat-sites)
            case "$2" in
                one-of-*) echo "64 $seconds /1k.txt 1" ;;
                10000-files) echo "64 $seconds /s#/1k.txt 10000" ;;
                *) echo "64 $seconds /1k.txt $2" ;;
            esac
            ;;
        flat-answers) echo "2 $seconds /$2.txt" ;;
        flat-uploads) echo "2 $seconds /fastcgi 1 $(bytes_of "$2")" ;;
    esac
}

# Each number of sites is a server of its own; of other works one server is asked all sizes.
flat_server() { # WORK ROW SIZE
    case "$1" in flat-sites) echo "$2-${3#one-of-}" ;; *) echo "$2" ;; esac
}

# The most memory of server and backends, looked at twenty times a second for as long as $work/asking is there.
sample_peak() { # SERVER
    while [ -e "$work/asking" ]; do
        cost_of "$1"
        sleep 0.05
    done | awk '$3 + $5 > most { most = $3 + $5 } END { print most + 0 }'
}

# One line into the file `flat`: work, row, size, requests, microseconds, CPU of server and backends in ns, PSS of both after it
# and at its peak.
flat_measure() { # WORK ROW SIZE
    server=$(flat_server "$@")
    # shellcheck disable=SC2046 # a list of words
    if open_asker "$server" $(flat_question "$1" "$3"); then
        # Bodies in the page cache need memory that a virtual machine may have to get from its host first: not counted.
        case "$1" in flat-answers | flat-uploads) run_asker >/dev/null || true ;; esac
        before=$(cost_of "$server")
        : >"$work/asking"
        peak=
        case "$1" in
            flat-answers | flat-uploads)
                sample_peak "$server" 3>&- 4<&- >"$work/peak" &
                peak=$!
                ;;
        esac
        result=$(run_asker) || true
        rm "$work/asking"
        [ -z "$peak" ] || wait "$peak"
        after=$(cost_of "$server")
        [ -z "$peak" ] || peak=$(cat "$work/peak")
        [ -z "$result" ] || echo "$before $after" | awk -v line="$* $result" -v peak="$peak" \
            '{ print line, $7 - $1, $10 - $4, $9 + $11, peak + 0 }' >>"$work/flat"
    fi
    close_asker
}

# One file, one folder each; the hard links do not share what a server keeps of a path.
make_sites() {
    [ -e "$work/sites" ] || perl -e 'my ($from, $to) = @ARGV; mkdir $to;
        for (0 .. 9999) { mkdir "$to/s$_"; link $from, "$to/s$_/1k.txt" or die "$to: $!\n" }' "$work/site/1k.txt" "$work/sites"
}
make_bodies() { # sparse: a file that was read once costs the same as any other that is in memory
    for size in 1k 100k 10m 1g; do
        [ -e "$work/site/$size.txt" ] || truncate -s "$(bytes_of $size)" "$work/site/$size.txt"
    done
}

# "host root" of each site of a server.
sites_of() { # SERVER
    case "$1" in
        *-files) echo "s0.bench $work/sites" ;;
        *) awk -v sites="${1##*-}" -v at="$work/sites/s" 'BEGIN { for (i = 0; i < sites; ++i) print "s" i ".bench", at i }' ;;
    esac
}
flat_sites_toml() { # SERVER
    fill turnpike.toml "$1" | sed -e '/^\[\[site\]\]/,$d' -e 's|^access_log = .*|access_format = "off"|'
    sites_of "$1" | awk '{
        printf "[[site]]\nhosts = [\"%s\"%s]\nroot = \"%s\"\n", $1, NR == 1 ? ", \"*\"" : "", $2
        print "[[site.route]]\nplugin = \"static\"" }'
}
flat_sites_nginx() { # SERVER
    fill nginx-tuned.conf nginx-tuned | sed -e '/^    upstream/d' -e '/^    server {/,$d' -e "s|nginx-tuned|$1|"
    # nginx says itself that it needs this for so many names.
    echo "server_names_hash_max_size 65536;"
    sites_of "$1" | awk -v port="$(port_of "$1")" \
        '{ printf "server { listen 127.0.0.1:%d; server_name %s; root %s; }\n", port, $1, $2 } END { print "}" }'
}

# Bodies of 1 GiB are more than the defaults allow.
flat_upload_toml() { # SERVER
    fill turnpike.toml "$1" | sed -e 's|^access_log = .*|access_format = "off"|' \
        -e 's|^\[limits\]|&\nspool_total = "8GiB"\nspool_per_address = "8GiB"|' -e 's|^root = .*|&\nbody_limit = "2GiB"|' |
        sed '/^prefix = "\/fastcgi"/,/^children/ s|^children.*|children = 2|' |
        case "$1" in *-streamed) sed 's|^prefix = "/fastcgi"|&\nstream_body = true|' ;; *) cat ;; esac
}
flat_upload_nginx() { # SERVER
    buffering=on
    case "$1" in *-streamed) buffering=off ;; esac
    fill nginx-tuned.conf "$1" | sed -e "s|nginx-tuned|$1|g" \
        -e "s|^ *location /fastcgi {|&\nclient_max_body_size 0;\nfastcgi_request_buffering $buffering;|"
}

# A row takes part when its server, or all of its servers, give the page. Of those of flat-sites the time from the start
# to the first page is kept.
start_row() { # WORK ROW SIZE...
    work_name=$1 row=$2 begun=" "
    shift 2
    for size in "$@"; do
        server=$(flat_server "$work_name" "$row" "$size")
        case "$begun" in *" $server "*) continue ;; esac
        begun="$begun$server "
        say "$work_name: starting $server"
        [ "$size" != 10000-files ] || path=/s0/1k.txt
        from=$(date +%s%3N)
        start "$server" || return 1
        [ "$work_name" != flat-sites ] || echo "start $row $size $(($(date +%s%3N) - from))" >>"$work/flat"
    done
}

flat() { # WORK
    doing=$1 begins=x
    # shellcheck disable=SC2046 # a line of words
    set -- $(flat_works | grep "^$1 ")
    sizes=$(echo "$2" | tr , ' ')
    shift 2
    case "$doing" in
        flat-sites) make_sites ;;
        flat-answers) make_bodies ;;
        flat-uploads) begins=Taken ;;
    esac
    rows=
    for row in "$@"; do
        path=/1k.txt
        [ "$doing" != flat-uploads ] || path=/fastcgi
        # shellcheck disable=SC2086 # a list of words
        if is_installed "$row" && start_row "$doing" "$row" $sizes; then rows="$rows $row"; fi
    done
    round=0
    while [ $round -lt "$rounds" ]; do
        order=$rows
        [ $((round % 2)) = 0 ] || order=$(echo "$rows" | awk '{ for (i = NF; i; --i) print $i }')
        for size in $sizes; do
            for row in $order; do
                say "$doing: round $((round + 1)) of $rounds, $size, $row"
                flat_measure "$doing" "$row" "$size"
            done
        done
        round=$((round + 1))
    done
    stop_all
    say ""
}

flat_report() {
    [ ! -s "$work/flat" ] || awk -f "$here/median.awk" -f "$here/flat.awk" "$work/flat"
}
