#!/bin/sh
# Builds and starts what docker-compose.yml describes on a docker engine of the test's own, and holds it to what the
# compose file promises. Debian 12 for the images is made here, by mmdebstrap, under the name that the Dockerfiles use.
# Says "skipped: REASON" where no engine can run. usage: containers.sh (root)
set -eu
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*" && exit 0; }
fail() { echo "FAILED: $*" && exit 1; }
say() { echo "== $*"; }
. tests/support/bookworm.sh

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
refused() { # REASON COMMAND...: it ends with 1 and tells why; an engine that cannot even start it is no refusal
    reason=$1 && shift
    status=0
    "$@" >"$work/refused" 2>&1 || status=$?
    [ $status = 1 ] && grep -q "$reason" "$work/refused"
}
isConfinedNow() { # CONTAINER UID: all of its processes, or "unconfined" tells of one that is not
    none=0000000000000000
    promised="Uid: $2 $2 $2 $2 CapPrm: $none CapEff: $none CapBnd: $none NoNewPrivs: 1 "
    pids=$(docker top "$1" -o pid) || return 1
    for pid in ${pids#PID}; do
        rights=$(grep -E '^(Uid|CapPrm|CapEff|CapBnd|NoNewPrivs):' "/proc/$pid/status" | tr '\t\n' '  ')
        [ -n "$rights" ] || continue # it has ended
        [ "$rights" = "$promised" ] && continue
        echo "$(tr '\0' ' ' <"/proc/$pid/cmdline") has $rights" >"$work/unconfined"
        return 1
    done
}
# "Eventually": a health check that the engine is about to start is still the engine's, with all of its rights.
isConfined() { # CONTAINER PROCESS USER
    process=$(docker exec "$1" cat /proc/1/comm)
    [ "$process" = "$2" ] || fail "process 1 is $process, not $2"
    eventually isConfinedNow "$1" "$(docker exec "$1" id -u "$3")" || fail "not confined: $(cat "$work/unconfined")"
    # Even root, who owns this folder, could not: it is the file system that refuses.
    refused 'Read-only file system' docker exec -u 0 "$1" touch /usr/new ||
        fail "the root file system of $2 can be written: $(cat "$work/refused")"
}
answers() { # STATUS PATH: of a file that is there; without one WordPress would answer 404, too
    docker exec "$web" test -f "/srv/wordpress$2" || fail "there is no $2 to be asked for"
    status=$(curl -s -o /dev/null -w '%{http_code}' "$url$2")
    [ "$status" = "$1" ] || fail "$2 is answered with $status, not $1"
}
engineIsUp() { docker info || ! kill -0 $engine; }
eventually engineIsUp || true
docker info >/dev/null 2>&1 || skip "no docker engine can run here: $(tail -n 1 "$work/log")"

say "Debian 12, as debian:12-slim"
bookworm "$work/root.tar" --include=ca-certificates
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
isLogged() { docker logs "$web" 2>/dev/null | grep '"GET / HTTP/1.1" 200'; }
eventually isLogged || fail "the access log is not on stdout"

say "what was uploaded is sent and never run, what tells too much is closed"
uploads=/srv/wordpress/wp-content/uploads
docker exec -w $uploads "$web" sh -c "mkdir 2023 && echo '<?php echo 6*7;' | tee x.txt x.phtml 2023/x.php >x.php" ||
    fail "uploads cannot be written"
answers 200 /wp-content/uploads/x.txt
for path in wp-content/uploads/x.php wp-content/uploads/x.phtml wp-content/uploads/2023/x.php wp-includes/version.php \
    wp-admin/includes/file.php; do
    answers 403 "/$path"
done
for path in wp-config.php readme.html wp-admin/install-helper.php wp-includes/sodium_compat/composer.json; do
    answers 404 "/$path"
done

say "each container: one user, no root, no capability, nothing of the image can be written"
isConfined "$web" turnpike www-data
isConfined "$(docker-compose ps -q database)" mariadbd mysql
refused 'Permission denied' docker exec "$web" touch /srv/wordpress/index.php ||
    fail "the site's own files are its PHP's to write: $(cat "$work/refused")"

say "orphans are reaped"
docker exec "$web" sh -c '(sleep 0.5 &)'
noSleepers() { processes=$(docker top "$web" -o pid,stat,comm) && ! echo "$processes" | grep -E 'sleep| Z'; }
eventually noSleepers || fail "an orphan was not reaped: $(docker top "$web" -o pid,stat,comm)"

say "the right exit status"
refused /not-there.toml docker run --rm turnpike-wordpress turnpike serve -c /not-there.toml ||
    fail "a missing config ends with $status: $(cat "$work/refused")"

say "unhealthy, when no worker answers"
workers=$(docker exec "$web" turnpike status | sed -n 's/^worker .*  pid \([0-9]*\)  serving.*/\1/p' | tr '\n' ' ')
[ -n "$workers" ] || fail "no worker serves: $(docker exec "$web" turnpike status)"
tellWorkers() { docker exec "$web" sh -c "kill -$1 $workers"; }
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
