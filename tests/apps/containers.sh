#!/bin/sh
# Builds and starts what docker-compose.yml describes on a docker engine of the test's own, and holds it to what the
# compose file promises. Debian 12 for the images is made here, by mmdebstrap, under the name that the Dockerfiles use.
# Says "skipped: REASON" where no engine can run. usage: containers.sh (root)
set -eu
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*" && exit 0; }
fail() { echo "FAILED: $*" && exit 1; }
say() { echo "== $*"; }

[ "$(id -u)" = 0 ] || skip "a docker engine of one's own needs root"
for program in dockerd docker docker-compose mmdebstrap curl; do
    command -v $program >/dev/null || skip "no $program here (./run containers installs it)"
done
work=$(mktemp -d /var/tmp/turnpike-containers.XXXXXX)
export DOCKER_HOST="unix://$work/docker.sock" COMPOSE_PROJECT_NAME=turnpike-test WORDPRESS_LISTEN=127.0.0.1:
dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" -H "$DOCKER_HOST" >"$work/log" 2>&1 &
engine=$!
end() {
    docker-compose down -v --timeout 5 >/dev/null 2>&1 || true
    kill $engine 2>/dev/null || true
    wait $engine 2>/dev/null || true
    umount "$work/exec/netns/default" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

eventually() { # COMMAND...: half a minute
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || return 1
        sleep 0.2
    done
}
engineIsUp() { docker info || ! kill -0 $engine; }
eventually engineIsUp || true
docker info >/dev/null 2>&1 || skip "no docker engine can run here: $(tail -n 1 "$work/log")"

say "Debian 12, as debian:12-slim"
apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 ~ /^bookworm/ && !seen[$0]++ { print "deb " $1 " " $2 " main" }' >"$work/sources"
[ -s "$work/sources" ] || echo "deb http://deb.debian.org/debian bookworm main" >"$work/sources"
apt-config dump | grep -E '^Acquire::(http|https|Retries)' >"$work/apt" || true
mmdebstrap --quiet --variant=minbase --include=ca-certificates \
    --setup-hook="mkdir -p \"\$1/etc/apt/apt.conf.d\" && cp \"$work/apt\" \"\$1/etc/apt/apt.conf.d/90machine\"" \
    bookworm "$work/root.tar" - <"$work/sources"
docker import "$work/root.tar" debian:12-slim >/dev/null
rm "$work/root.tar"
say "the images"
docker build --network host -t turnpike-mariadb docker/mariadb >"$work/build" 2>&1 ||
    { tail -n 30 "$work/build" && fail "docker/mariadb"; }
docker build --network host --build-arg "JOBS=${JOBS:-0}" -t turnpike-wordpress . >"$work/build" 2>&1 ||
    { tail -n 30 "$work/build" && fail "Dockerfile"; }

say "up"
docker-compose up -d --no-build >"$work/up" 2>&1 || { cat "$work/up" && docker-compose logs && fail "compose up"; }
web=$(docker-compose ps -q web)
stateOf() { docker inspect -f "{{$1}}" "$web"; }
isHealthy() { [ "$(stateOf .State.Health.Status)" = healthy ]; }
eventually isHealthy || fail "the web tier is not healthy: $(docker logs "$web" 2>&1 | tail -n 5)"

say "a WordPress for whom comes first"
url=http://$(docker-compose port web 8080)
curl -fsS --data 'weblog_title=Toll+house&user_name=keeper&admin_email=keeper%40example.org&language=&pw_weak=1' \
    --data 'admin_password=a+gate+a+lamp&admin_password2=a+gate+a+lamp' "$url/wp-admin/install.php?step=2" | grep 'Success!' >/dev/null || fail "the wizard"
host=${url#http://} # WordPress has the address that it was installed at
front() { curl -fsS -H "Host: $host" "$url/" | grep '<title>Toll house'; }
front >/dev/null || fail "the front page"
docker exec "$web" sh -c 'echo "<?php echo 6*7;" >/srv/wordpress/wp-content/uploads/x.php' ||
    fail "uploads cannot be written"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/wp-content/uploads/x.php")" = 403 ] ||
    fail "an upload was run or sent"
isLogged() { docker logs "$web" 2>/dev/null | grep '"GET / HTTP/1.1" 200'; }
eventually isLogged || fail "the access log is not on stdout"

say "one process tree, without root and without a capability"
[ "$(docker exec "$web" cat /proc/1/comm)" = turnpike ] || fail "process 1 is $(docker exec "$web" cat /proc/1/comm)"
for pid in $(docker top "$web" -o pid | sed 1d); do
    for line in 'Uid:.33.33.33.33' 'CapEff:.0000000000000000' 'CapBnd:.0000000000000000' 'NoNewPrivs:.1'; do
        grep -q "^$line\$" "/proc/$pid/status" || fail "$line does not hold for $(cat "/proc/$pid/cmdline")"
    done
done
docker exec "$web" touch /srv/wordpress/index.php 2>/dev/null && fail "the site's own files can be written"
docker exec "$web" sh -c '(sleep 0.5 &)'
noSleepers() { ! docker top "$web" -o pid,stat,comm | grep -E 'sleep| Z'; }
eventually noSleepers || fail "an orphan was not reaped: $(docker top "$web" -o pid,stat,comm)"

say "the right exit status"
status=0
docker run --rm turnpike-wordpress turnpike serve -c /not-there.toml >"$work/refused" 2>&1 || status=$?
grep -q '/not-there.toml' "$work/refused" || fail "a missing config is not named: $(cat "$work/refused")"
[ $status = 1 ] || fail "a missing config ends with $status"

say "unhealthy, when no worker answers"
workers=$(docker exec "$web" turnpike status | sed -n 's/^worker .*  pid \([0-9]*\)  serving.*/\1/p')
[ -n "$workers" ] || fail "no worker serves: $(docker exec "$web" turnpike status)"
tellWorkers() { docker exec "$web" sh -c "kill -$1 $(echo $workers)"; }
isUnhealthy() { [ "$(stateOf .State.Health.Status)" = unhealthy ]; }
tellWorkers STOP
eventually isUnhealthy || eventually isUnhealthy || fail "it is called healthy while its workers are stopped"
tellWorkers CONT
eventually isHealthy || fail "it is not healthy again"

say "SIGTERM drains"
form='log=keeper&pwd=wrong'
port=${url##*:}
(
    printf 'POST /wp-login.php HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Length: %s\r\n' "$port" ${#form}
    printf 'Content-Type: application/x-www-form-urlencoded\r\n\r\n'
    while ! docker logs "$web" 2>&1 | grep -q 'stopping:'; do sleep 0.2; done
    printf '%s' "$form"
    sleep 5
) | curl -sS --max-time 60 -o "$work/answer" "telnet://127.0.0.1:$port" &
asking=$!
sleep 1
docker stop -t 40 "$web" >/dev/null
wait $asking || true
grep -q '^HTTP/1.1 200' "$work/answer" || fail "the request under way was cut off: $(head -c 200 "$work/answer")"
[ "$(stateOf .State.ExitCode)" = 0 ] || fail "it ended with $(stateOf .State.ExitCode)"

say "up again: what was written is still there"
docker-compose up -d --no-build --force-recreate >/dev/null 2>&1
web=$(docker-compose ps -q web)
eventually isHealthy || fail "not healthy after a new start"
url=http://$(docker-compose port web 8080)
eventually front || fail "the site is gone"
echo "containers: all of it holds"
