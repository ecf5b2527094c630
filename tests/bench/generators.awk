# Turnpike's generator against another one, from lines of "case own-rps own-p50 own-cpu other-rps other-p50 other-cpu", one
# a round: the median of each column, and the median of the rounds' ratios with PASS where it is within 3 %.
# "Own part" is what of the p50, or of the time between two answers where that is less, is the generator's own work. That
# work differs by a tenth between generators (last column): wrk turns to epoll three times for each request and stamps it
# after it has read all answers that have come; h2load's clock runs while it waits for a socket to be writable that always
# is (10 us here). So where it is more than three tenths of what they report, they cannot agree within 3 %: such a case is
# shown, but not judged.
function column(name, field,    i, list) {
    for (i = 1; i <= rounds[name]; ++i) list[i] = value[name, i, field]
    return median(list, rounds[name])
}
function ratio(name, field,    i, list) {
    for (i = 1; i <= rounds[name]; ++i) list[i] = value[name, i, field] / value[name, i, field + 3]
    return median(list, rounds[name])
}
function judged(r, is_fair,    off) {
    off = r > 1 ? r - 1 : 1 - r
    if (!is_fair) return sprintf("%.3f     ", r)
    if (off > 0.03) failed = 1
    return sprintf("%.3f %s", r, off > 0.03 ? "FAIL" : "PASS")
}
function own_part(name, field,    between) {
    between = 1e6 / column(name, field)
    if (column(name, field + 1) < between) between = column(name, field + 1)
    return column(name, field + 2) / between
}
function print_case(name,    is_fair) {
    is_fair = own_part(name, 2) <= 0.3 && own_part(name, 5) <= 0.3
    printf "%-18s %-8s %9.1f %9.1f %7.0f %%\n", name, name ~ /^closed/ ? "wrk" : "h2load", column(name, 5), column(name, 6), \
        own_part(name, 5) * 100
    printf "%-18s %-8s %9.1f %9.1f %7.0f %%   %s  %s  %.2f\n", "", "turnpike", column(name, 2), column(name, 3), \
        own_part(name, 2) * 100, judged(ratio(name, 2), is_fair), judged(ratio(name, 3), is_fair), ratio(name, 4)
}
{
    n = ++rounds[$1]
    if (n == 1) order[++count] = $1
    for (i = 2; i <= 7; ++i) value[$1, n, i] = $i
}
END {
    printf "%-18s %-8s %9s %9s %9s   %-10s  %-10s  %s\n", "", "", "", "", "own", "ratio of", "ratio of", "ratio of"
    printf "%-18s %-8s %9s %9s %9s   %-10s  %-10s  %s\n", "case", "by", "req/s", "p50 us", "part", "req/s", "p50", "its CPU"
    for (i = 1; i <= count; ++i) print_case(order[i])
    print failed ? "FAIL: a median ratio is more than 3 % from 1" : "PASS: every median ratio that can be judged is within 3 % of 1"
    exit failed
}
