#!/bin/sh
# symbols.awk finds what it is there to find: each case is a symbol that must be refused, or must not.
set -eu
awk_file=$(cd "$(dirname "$0")" && pwd)/symbols.awk
failed=0

# expect ok|bad UNIT SYMBOL
expect() {
    if printf 'read\nopenat\nclone3\ntime\nnanosleep\nstat\n%s %s\n' "$2" "$3" | awk -f "$awk_file" >/dev/null; then
        got=ok
    else
        got=bad
    fi
    [ "$got" = "$1" ] || { echo "FAILED: $2 with $3 is $got, must be $1" && failed=1; }
}

expect bad server read
expect bad server __read_chk
expect bad http openat64
expect bad cgi stat@GLIBC_2.33
expect bad server getentropy@GLIBC_2.25
expect bad net syscall
expect bad server nanosleep
expect ok measure nanosleep
expect bad server dlopen
expect ok plugin dlopen
expect bad cgi _ZNSt13basic_filebufIcSt11char_traitsIcEE4openEPKcSt13_Ios_Openmode
expect ok static _ZNSt13basic_filebufIcSt11char_traitsIcEE4openEPKcSt13_Ios_Openmode
expect bad config _ZNSt10filesystem6statusERKNS_7__cxx114pathE
expect ok config _ZNSt10filesystem7__cxx114path14_M_split_cmptsEv
expect bad process _ZNSt6thread20hardware_concurrencyEv
expect bad process _ZN4Poco4FileC1ERKSs
expect ok process _ZN4Poco4JSON6ParserC1Ev
expect ok server clock_gettime
expect ok server time
expect ok server memcpy
expect ok server _ZN8turnpike2os4readEiPvmNS_6ledger5ClassE
exit $failed
