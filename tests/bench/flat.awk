# The works of flat.sh: one table each, and what was to stay flat with what came out. Input:
# "start SERVER SIZE ms";
# "WORK SERVER SIZE requests us server_ns backend_ns pss_kib peak_kib" for each round.
function bytes(size) { return size == "1k" ? 1024 : size == "100k" ? 102400 : size == "10m" ? 10485760 : 1073741824 }
function median_of(what, key,    i, list) {
    for (i = 1; i <= rounds[key]; ++i) list[i] = value[what, key, i]
    return median(list, rounds[key])
}
# What the server costs at `size` over what it costs at `base`: the median of the rounds' own ratios. `per`: of so many.
function growth(work, server, size, base, per,    a, b, i, n, list) {
    a = work SUBSEP server SUBSEP size
    b = work SUBSEP server SUBSEP base
    n = rounds[a] < rounds[b] ? rounds[a] : rounds[b]
    if (!n) return 0
    for (i = 1; i <= n; ++i) list[i] = value["server", a, i] / value["server", b, i] / (per ? per : 1)
    return median(list, n)
}
function mib(kib) { return sprintf("%.1f", kib / 1024) }
function row(work, server, size, base,    key, bodies, rps) {
    key = work SUBSEP server SUBSEP size
    bodies = work ~ /answers|uploads/
    rps = median_of("rps", key)
    printf "%-24s %12s %9s %10.2f %9.2f", server, size, sprintf(rps < 100 ? "%.1f" : "%.0f", rps), \
        median_of("server", key), growth(work, server, size, base)
    if (bodies) printf " %11.2f %10s", median_of("server", key) * 1048576 / bytes(size), \
        (work ~ /uploads/ ? sprintf("%.2f", median_of("backend", key)) : "-")
    printf " %8s", mib(bodies ? peak[key] : pss[key])
    if ((server, size) in started) printf " %9.0f", started[server, size]
    print ""
}
function table(work,    i, j, base) {
    base = work ~ /connections/ ? 100 : work ~ /sites/ ? 1 : "1k"
    print work
    printf "%-24s %12s %9s %10s %9s", "server", "size", "req/s", "server us", "x" base
    if (work ~ /answers|uploads/) printf " %11s %10s %8s\n", "us per MiB", "backend us", "peak MiB"
    else printf " %8s%s\n", "PSS MiB", (work ~ /sites/ ? "  start ms" : "")
    for (i = 1; i <= servers[work]; ++i)
        for (j = 1; j <= sizes[work]; ++j)
            if ((work, order[work, i], size_at[work, j]) in rounds) row(work, order[work, i], size_at[work, j], base)
    print ""
}
function judge_connections(    own, loop) {
    own = growth("flat-connections", "turnpike-quiet", 10000, 100)
    loop = growth("flat-connections", "floor", 10000, 100)
    if (!own || !loop) return
    goal("connections: growth of CPU per request from 100 to 10,000, times the bare loop's", own / loop, "<=", 1.10)
    remark("connections: that growth itself", own)
    remark("connections: the same of the bare loop, in which only the kernel's part can grow", loop)
    remark("connections: CPU per request at 1, times the bare loop's: both sleep before each request", \
        median_of("server", "flat-connections" SUBSEP "turnpike-quiet" SUBSEP 1) / \
        median_of("server", "flat-connections" SUBSEP "floor" SUBSEP 1))
    goal("connections: KiB of PSS for each more, from 100 to 10,000", (pss["flat-connections", "turnpike-quiet", 10000] - \
        pss["flat-connections", "turnpike-quiet", 100]) / 9900, "<=", 2)
}
function judge_sites(    own) {
    own = growth("flat-sites", "turnpike-sites", 10000, 1)
    if (!own) return
    goal("sites: CPU per request of one of 10,000, times that of the only one", \
        growth("flat-sites", "turnpike-sites", "one-of-10000", 1), "<=", 1.10)
    goal("sites: growth of CPU per request from 1 to 100, all asked in turn", \
        growth("flat-sites", "turnpike-sites", 100, 1), "<=", 1.10)
    goal("sites: 10,000 asked in turn, times 10,000 files of one site asked in turn", \
        growth("flat-sites", "turnpike-sites", 10000, "10000-files"), "<=", 1.20)
    remark("sites: growth of CPU per request from 1 to 10,000, the files' part included", own)
    remark("sites: the same of nginx", growth("flat-sites", "nginx-sites", 10000, 1))
}
function judge_relay(    own, bare) {
    own = "flat-uploads" SUBSEP "turnpike-upload-streamed" SUBSEP "1g"
    bare = "flat-uploads" SUBSEP "floor-upload" SUBSEP "1g"
    if (!(own in rounds) || !(bare in rounds)) return
    remark("uploads: CPU of 1 GiB streamed, times the bare relay's", median_of("server", own) / median_of("server", bare))
    remark("uploads: growth of the bare relay's CPU per MiB from 10 MiB to 1 GiB", \
        growth("flat-uploads", "floor-upload", "1g", "10m", 102.4))
}
# A body costs by its length: what must not grow is the cost of a MiB, and the memory.
function judge_bodies(work, server,    per_mib) {
    per_mib = growth(work, server, "1g", "10m", 102.4)
    if (!per_mib) return
    goal(work " " server ": growth of CPU per MiB from 10 MiB to 1 GiB", per_mib, "<=", 1.20)
    goal(work " " server ": MiB of memory at 1 GiB above that at 1 KiB", (peak[work, server, "1g"] - \
        peak[work, server, "1k"]) / 1024, "<=", 1)
}

$1 == "start" { started[$2, $3] = $4; next }
$4 > 0 {
    key = $1 SUBSEP $2 SUBSEP $3
    if (!(($1, $2) in known)) { known[$1, $2]; order[$1, ++servers[$1]] = $2 }
    if (!(($1, $3) in sized)) { sized[$1, $3]; size_at[$1, ++sizes[$1]] = $3 }
    if (!($1 in sizes_of)) { sizes_of[$1]; works[++work_count] = $1 }
    n = ++rounds[key]
    value["rps", key, n] = $4 * 1e6 / $5
    value["server", key, n] = $6 / $4 / 1000
    value["backend", key, n] = $7 / $4 / 1000
    # Rounds go from small to large, and what a server has got it may keep: only the first round is without that.
    if (n == 1) pss[key] = $8
    if ($9 > peak[key]) peak[key] = $9
}
END {
    for (i = 1; i <= work_count; ++i) table(works[i])
    judge_connections()
    judge_sites()
    judge_bodies("flat-answers", "turnpike-quiet")
    judge_bodies("flat-uploads", "turnpike-upload-streamed")
    judge_bodies("flat-uploads", "turnpike-upload-spooled")
    judge_relay()
}
