# Medians of bench.sh's rounds, one table for each work, and the goals with what came out. A request that failed does
# not count. Input, in any order:
# "work NAME", in the order of the tables;
# "time WORK SERVER requests us p50_us p99_us failures server_ns backend_ns ROUND" for each round, "-" for what is not known;
# "count WORK SERVER requests syscalls server_pss_kib backend_pss_kib";
# "idle SERVER kib_before kib_after connections".
function column(key, what,    i, list) {
    for (i = 1; i <= rounds[key]; ++i) list[i] = value[key, what, i]
    return median(list, rounds[key])
}
function has(key) { return key in rounds }
function rps(key) { return column(key, "rps") }
function cpu(key) { return column(key, "server") + column(key, "backend") }
function is_peer(server) { return server !~ /^turnpike|^floor/ }

# How two servers compare: the median over the rounds of both, each of which has both in a moment of the machine.
function times(own, other, what,    i, n, list) {
    for (i = 1; i <= last_round; ++i)
        if (of_round[other, what, i] > 0 && (own, what, i) in of_round)
            list[++n] = of_round[own, what, i] / of_round[other, what, i]
    return n > 0 ? median(list, n) : 0
}
# How much of its core the server had in use: with less than all of it, the generator was what limited the rate.
function busy(key) { return rps(key) * column(key, "server") / 1e6 }

# The key of the peer that is best in a work: the most requests per second, or the least CPU. "": there is none.
function best(work, what,    i, key, part, found) {
    for (i = 1; i <= keys; ++i) {
        key = order[i]
        split(key, part, " ")
        if (part[1] != work || !is_peer(part[2])) continue
        if (!found || (what == "rps" ? rps(key) > rps(found) : cpu(key) < cpu(found))) found = key
    }
    return found
}
function name(key,    part) { split(key, part, " "); return part[2] }

# Requests per second of `own` over those of a peer.
function against(own, peer, limit) {
    if (has(own) && has(peer)) goal(own ": requests/s, times " name(peer), times(own, peer, "rps"), ">=", limit)
}
# What a server that parses nothing would have in place of `own`.
function room(work, floor, peer,    own) {
    own = work " " floor
    if (has(own) && has(work " " peer)) remark(work ": what is left room for, the bare loop's own ratio", rps(own) / rps(work " " peer))
}
function under(own, ms) { if (has(own)) goal(own ": p99 in ms", column(own, "p99"), "<", ms) }
# A goal, or without a relation only what it is.
function against_best(own, relation, limit,    work, top) {
    work = substr(own, 1, index(own, " ") - 1)
    top = best(work, "rps")
    if (!has(own) || !top) return
    if (relation) goal(own ": requests/s, times the best other, " name(top), times(own, top, "rps"), relation, limit)
    else remark(own ": requests/s, times the best other, " name(top), times(own, top, "rps"))
}
function cpu_against_best(own, relation, limit,    work, top, text) {
    work = substr(own, 1, index(own, " ") - 1)
    top = best(work, "cpu")
    if (!has(own) || !top) return
    text = own ": CPU per request, times the cheapest other, " name(top)
    if (relation) goal(text, times(own, top, "cpu"), relation, limit)
    else remark(text, times(own, top, "cpu"))
}

function us(cost) { return cost > 0 ? sprintf("%.2f", cost) : "-" }
function row(key) {
    printf "%-15s %9.0f %17s %8.3f %8.2f %9s %10s %9s %8s %8s\n", name(key), rps(key), \
        sprintf("%.0f-%.0f", lowest[key], highest[key]), column(key, "p50"), column(key, "p99"), \
        us(column(key, "server")), us(column(key, "backend")), \
        (requests[key] ? sprintf("%.2f", syscalls[key] / requests[key]) : "-"), \
        (key in pss ? sprintf("%.1f", pss[key] / 1024) : "-"), failures[key]
}
function table(work,    i, part, shown) {
    for (i = 1; i <= keys; ++i) {
        split(order[i], part, " ")
        if (part[1] != work) continue
        if (!shown++) {
            print work
            printf "%-15s %9s %17s %8s %8s %9s %10s %9s %8s %8s\n", "server", "req/s", "min-max", "p50 ms", "p99 ms", \
                "server us", "backend us", "syscalls", "PSS MiB", "failures"
        }
        row(order[i])
    }
    if (shown) print ""
}

$1 == "work" { work_names[++works] = $2; next }
$1 == "idle" { held[$2] = ($4 - $3) * 1024 / $5; all[$2] = $4 / 1024; ++idles; next }
{ key = $2 " " $3 }
$1 == "count" { requests[key] = $4; syscalls[key] = $5; pss[key] = $6 + $7; next }
$1 == "time" && $4 > 0 {
    n = ++rounds[key]
    if (n == 1) order[++keys] = key
    rate = value[key, "rps", n] = ($4 - $8) * 1e6 / $5
    value[key, "p50", n] = $6 / 1000
    value[key, "p99", n] = $7 / 1000
    value[key, "server", n] = $9 / $4 / 1000
    value[key, "backend", n] = $10 / $4 / 1000
    failures[key] += $8
    of_round[key, "rps", $11] = rate
    of_round[key, "cpu", $11] = ($9 + $10) / $4
    if ($11 > last_round) last_round = $11
    if (n == 1 || rate < lowest[key]) lowest[key] = rate
    if (n == 1 || rate > highest[key]) highest[key] = rate
}
END {
    if (cores < 2) print "only one core: server and load share it, compare nothing with numbers from elsewhere"
    if (!can_count) print "no syscalls: perf is not installed, or may not count raw_syscalls:sys_enter here"
    for (i = 1; i <= works; ++i) table(work_names[i])
    for (server in held)
        printf "%-15s %9.0f bytes of private memory per idle connection, %.1f MiB in all\n", server, held[server], all[server]
    if (idles) print ""

    t = "static turnpike"
    q = "static turnpike-quiet"
    f = "static floor"
    d = "static nginx-default"
    if (has(q) && has(f)) goal("static: CPU per request, times that of the bare loop (neither logs)", times(q, f, "cpu"), "<=", 1.08)
    if (has(t) && has(f)) remark("static: the same with Turnpike's access log on, as by default", times(t, f, "cpu"))
    if (has(t) && has(d)) {
        goal("static: requests per second of CPU, times default nginx (both log)", times(d, t, "cpu"), ">=", 1.8)
        goal("static: requests/s, times default nginx (both log)", times(t, d, "rps"), ">=", 1.8)
    }
    room("static", "floor", "nginx-default")
    against_best(q)
    q = "static-100k turnpike-quiet"
    against_best(q, ">", 1)
    cpu_against_best(q, "<", 1)
    q = "static-close turnpike-quiet"
    against_best(q, ">", 1)
    cpu_against_best(q)
    against("http2 turnpike-quiet", "http2 h2o", 0.8)
    cpu_against_best("http2 turnpike-quiet")
    against("http2-tls turnpike-quiet", "http2-tls h2o", 0.8)
    cpu_against_best("http2-tls turnpike-quiet")
    q = "tls turnpike-quiet"
    against_best(q, ">", 1)
    cpu_against_best(q, "<", 1)
    for (i = 1; i <= keys; ++i)
        if (order[i] == q || order[i] == "tls h2o") remark(order[i] ": share of the server's core in use", busy(order[i]))
    against_best("fastcgi turnpike", ">=", 1.7)
    against("php turnpike", "php nginx-tuned", 1.2)
    room("php", "floor-fpm", "nginx-tuned")
    against_best("php turnpike")
    under("php turnpike", 3)
    against("php turnpike-php", "php apache-prefork", 1.8)
    against_best("php turnpike-php")
    under("php turnpike-php", 2)
    against("php-db turnpike", "php-db nginx-tuned", 1.1)
    against("php-db turnpike-php", "php-db nginx-tuned", 1.2)
    room("php-db", "floor-fpm", "nginx-tuned")
    against_best("php-db turnpike")
    against_best("php-db turnpike-php")
    against("cgi turnpike", "cgi lighttpd", 1.2)
    room("cgi", "floor-cgi", "lighttpd")
    against_best("cgi turnpike")
    if (("turnpike" in held) && ("nginx-default" in held)) {
        # nginx has made its table of connections, for 16,384, before the first one comes.
        goal("idle: private memory with all connections open, times nginx", all["turnpike"] / all["nginx-default"], "<", 1)
        remark("idle: what each connection adds, times nginx", held["turnpike"] / held["nginx-default"])
    }
}
