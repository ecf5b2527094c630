#!/bin/sh
# Runs tests of build/release on Debian 12's own kernel, in a virtual machine that needs no KVM. There cgroup v2 has all
# controllers, which many a build machine keeps for v1 or for itself: limits of a cgroup are held to what they promise;
# and there is the module by which the kernel encrypts (server.ktls). No test of either may be skipped. The root file
# system is made here, by mmdebstrap, and lies in the machine's memory. Says "skipped: REASON" where that cannot be made.
# usage: vm.sh [PROGRAM...]   (root; programs below build/release/tests. Of the environment: GTEST_FILTER; KERNEL, more
# words for the kernel's command line; and SECONDS_AT_MOST, after which the machine is ended)
set -eu
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*" && exit 0; }
fail() { echo "FAILED: $*" && exit 1; }
say() { echo "== $*"; }
. tests/support/bookworm.sh

[ "$(id -u)" = 0 ] || skip "a root file system with its owners needs root"
for program in qemu-system-x86_64 mmdebstrap; do
    command -v $program >/dev/null || skip "no $program here (apt-get install qemu-system-x86 mmdebstrap)"
done
# With ktls, TLS must be what it is without, but for clients that change their keys.
[ $# -gt 0 ] || set -- e2e_limits_test e2e_tls_kernel_test e2e_tls_client_test e2e_tls_handshake_test e2e_tls_http2_test \
    e2e_tls_session_test e2e_tls_traffic_test
filter=${GTEST_FILTER:--*ChangesItsKeys:*AsksForKeysAndReadsNothing}
tests=
for name in "$@"; do
    test=$(find build/release/tests -name "$name" -type f -perm -u+x)
    [ -x "$test" ] || fail "no program $name below build/release/tests (./run build)"
    tests="$tests $test"
done

work=$(mktemp -d /var/tmp/turnpike-vm.XXXXXX)
root=$work/root
machine=
end() {
    [ -z "$machine" ] || kill "$machine" 2>/dev/null || true
    [ -z "$machine" ] || wait "$machine" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

say "Debian 12"
# What the Dockerfile installs to run the server, and what tests start.
packages="libphp-embed libpocojson80 libpocodatasqlite80 libpcre2-8-0 libnghttp2-14 libssl3 libargon2-1 libbrotli1"
packages="$packages libzstd1 ca-certificates php-fpm php-sqlite3 openssl cpio curl iproute2 kmod nghttp2-client"
# The kernel's image, and of its modules those that encrypt.
cat >"$work/kernel" <<'END'
set -e
cd /tmp
apt-get -qq download "$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: //p')"
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -O --wildcards './boot/vmlinuz-*' >/vmlinuz
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -C / --wildcards './lib/modules/*/modules.*' \
    './lib/modules/*/kernel/crypto/*' './lib/modules/*/kernel/arch/x86/crypto/*' './lib/modules/*/kernel/lib/*' \
    './lib/modules/*/kernel/net/tls/*'
depmod "$(ls /lib/modules)"
rm linux-image-*.deb
END
bookworm "$root" --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --include="$packages" \
    --customize-hook="chroot \"\$1\" sh <\"$work/kernel\""
mv "$root/vmlinuz" "$work/"

say "the tests in it"
# Where it lies here: programs know the path of what they were built with.
here=$(pwd)
mkdir -p "$root$here"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$root$here"
# shellcheck disable=SC2086 # a list of paths
tar -c build/release/bin build/release/libexec build/release/plugins $tests | tar -x -C "$root$here"
for test in $tests; do echo "$here/$test"; done >"$root/tests"
echo "$filter" >"$root/filter"
# Process 1. It stays in the root group, the only one that may hold processes and pass controllers on.
cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 GTEST_COLOR=no TURNPIKE_TEST_KTLS=1
GTEST_FILTER=$(cat /filter) && export GTEST_FILTER
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /tmp /run; do mount -t tmpfs -o mode=1777 tmpfs $place; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for controller in memory pids; do echo +$controller >/sys/fs/cgroup/cgroup.subtree_control; done
ip link set lo up
modprobe tls
# Sockets with little room and packets as of a network card: what does not fit them must come later.
echo 4096 16384 32768 >/proc/sys/net/ipv4/tcp_wmem
ip link set lo mtu 1500
cd /tmp
status=0
uname -rv
while read -r test; do "$test" </dev/null || status=$?; done </tests
echo "status $status"
sleep 2 # the console is behind
echo b >/proc/sysrq-trigger
END
chmod 755 "$root/init"
chroot "$root" sh -c 'find . -xdev | cpio --quiet -o -H newc' >"$work/initrd"
rm -rf --one-file-system "$root"

say "on Debian's kernel"
# All is emulated, which takes some ten times as long. The init's reboot ends the machine.
timeout "${SECONDS_AT_MOST:-1200}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 3G -nodefaults \
    -display none -no-reboot -serial "file:$work/console" -kernel "$work/vmlinuz" -initrd "$work/initrd" \
    -append "console=ttyS0 loglevel=3 panic=-1 ${KERNEL:-}" &
machine=$!
status=0
wait $machine || status=$?
machine=
tr -d '\r' <"$work/console" >"$work/output"
cat "$work/output"
[ $status = 0 ] || fail "the machine ended with $status (124: it took too long)"
grep -q '^status 0$' "$work/output" || fail "$*"
[ "$(grep -c '^\[  PASSED  \] [1-9]' "$work/output")" = $# ] || fail "not all of $* ran a test"
! grep -qE '^\[  SKIPPED \].*(Group|TlsKernel)' "$work/output" || fail "a test of groups or of ktls was skipped"
echo "vm: all of it holds"
