#!/bin/sh
# layers.awk finds what it is there to find: each case is a file that must be refused, or must not.
set -eu
awk_file=$(cd "$(dirname "$0")" && pwd)/layers.awk
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failed=0

# expect ok|bad PATH LINE
expect() {
    mkdir -p "$(dirname "$2")"
    printf '%s\n' "$3" >"$2"
    if awk -f "$awk_file" "$2" >out; then got=ok; else got=bad; fi
    if [ "$got" != "$1" ]; then
        echo "FAILED: $2 with '$3' is $got, must be $1"
        failed=1
    fi
    rm "$2"
}

expect bad core/http/a.h '#include "net/loop.hpp" and "server/worker.h"'"$(printf '\n#include "server/worker.h"')"
expect ok core/server/a.h '#include "http/request_head.h"'
expect bad core/net/a.h '#include "http/request_head.h"'
expect bad core/sdk/a.h '#include "base/result.h"'
expect bad core/base/a.h '#include "ledger/ledger.h"'
expect ok core/ledger/a.h '#include "sdk/plugin.h"'
expect ok core/os/a.cpp '    return ::read(fd, to, size);'
expect bad core/net/a.cpp '    return ::read(fd, to, size);'
expect ok core/net/a.cpp '    return os::read(fd, to, size);'
expect ok core/net/a.cpp '    // ::read() would block'
expect bad plugins/cgi/a.cpp '#include "server/worker.h"'
expect ok plugins/cgi/a.cpp '#include "sdk/plugin.h"'
expect bad plugins/cgi/a.cpp '#include <sys/epoll.h>'
expect ok plugins/cgi/a.cpp '#include <sys/stat.h>'
expect bad plugins/cgi/a.cpp '  int fd = ::open(path, 0);'
expect ok plugins/php/interpreter/a.cpp '#include <sys/wait.h>'
expect bad plugins/php/interpreter/a.cpp '#include "server/worker.h"'
exit $failed
