# Medians of bench.sh's rounds as a table, and the project's goals with what came out. Input: lines of
# "scenario server requests us p50 p99 failures engine_ns backend_ns [b]", sorted, then "idle server before after n".
function median(list, n,    i, j, t) {
    for (i = 2; i <= n; ++i)
        for (j = i; j > 1 && list[j - 1] > list[j]; --j) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function column(key, what,    i, list) {
    for (i = 1; i <= rounds[key]; ++i) list[i] = value[key, what, i]
    return median(list, rounds[key])
}
function has(key) { return key in rounds }
function goal(text, measured, limit, more_is_better,    met) {
    met = more_is_better ? measured >= limit : measured <= limit
    printf "%-7s %-72s %10.2f  (goal: %s %.2f)\n", met ? "met" : "MISSED", text, measured, more_is_better ? ">=" : "<=", limit
}
function cpu(key) { return column(key, "engine") + column(key, "backend") }

$1 == "idle" { before[$2] = $3; after[$2] = $4; held[$2] = $5; next }
{
    key = $1 " " $2
    n = ++rounds[key]
    if (n == 1) order[++count] = key
    value[key, "rps", n] = $3 * 1e6 / $4
    value[key, "p50", n] = $5 / 1000
    value[key, "p99", n] = $6 / 1000
    value[key, "engine", n] = $3 ? $8 / $3 / 1000 : 0
    value[key, "backend", n] = $3 ? $9 / $3 / 1000 : 0
    failures[key] += $7
    apart[key] = $10
}
END {
    if (cores < 2) print "only one core: server and load share it, compare nothing with numbers from elsewhere"
    printf "%-9s %-14s %10s %9s %9s %12s %12s %9s\n", "page", "server", "req/s", "p50 ms", "p99 ms", \
        "server us/rq", "backend us/rq", "failures"
    for (i = 1; i <= count; ++i) {
        key = order[i]
        split(key, part, " ")
        printf "%-9s %-14s %10.0f %9.3f %9.2f %12.2f %12s %9d\n", part[1], part[2], column(key, "rps"), \
            column(key, "p50"), column(key, "p99"), column(key, "engine"), \
            apart[key] ? sprintf("%.2f", column(key, "backend")) : "-", failures[key]
    }
    for (server in held)
        printf "%-9s %-14s %10.0f bytes of private memory per connection\n", "idle", server, \
            (after[server] - before[server]) * 1024 / held[server]
    print ""
    t = "static turnpike"
    q = "static turnpike-quiet"
    f = "static floor"
    d = "static nginx-default"
    if (has(q) && has(f)) goal("static: CPU per request, times that of the bare loop (neither logs)", cpu(q) / cpu(f), 1.15, 0)
    if (has(t) && has(f)) printf "%-7s %-72s %10.2f\n", "", "        the same with Turnpike's access log on, as by default", cpu(t) / cpu(f)
    if (has(t) && has(d)) {
        goal("static: requests per second of CPU, times default nginx (both log)", cpu(d) / cpu(t), 1.8, 1)
        goal("static: requests/s, times default nginx", column(t, "rps") / column(d, "rps"), 1.8, 1)
    }
    if (has(f) && has(d)) printf "%-7s %-72s %10.2f\n", "", "        what the generator leaves room for: the bare loop's own ratio", column(f, "rps") / column(d, "rps")
    t = "php turnpike"
    if (has(t)) goal("php: p99 in ms", column(t, "p99"), 5, 0)
    if (has(t) && has("php nginx-tuned"))
        goal("php: requests/s, times nginx with kept connections", column(t, "rps") / column("php nginx-tuned", "rps"), 1, 1)
    t = "cgi turnpike"
    if (has(t) && has("cgi lighttpd"))
        goal("cgi: requests/s, times lighttpd", column(t, "rps") / column("cgi lighttpd", "rps"), 1, 1)
    t = "fastcgi turnpike"
    if (has(t)) {
        best = 0
        if (has("fastcgi nginx-default")) best = column("fastcgi nginx-default", "rps")
        if (has("fastcgi nginx-tuned") && column("fastcgi nginx-tuned", "rps") > best) best = column("fastcgi nginx-tuned", "rps")
        if (best) goal("fastcgi: requests/s, times nginx (the better of two)", column(t, "rps") / best, 1.3, 1)
    }
    if ("turnpike" in held)
        goal("idle: bytes of worker memory per connection", (after["turnpike"] - before["turnpike"]) * 1024 / held["turnpike"], 2048, 0)
}
