# What every report of the bench needs.
function median(list, n,    i, j, t) {
    for (i = 2; i <= n; ++i)
        for (j = i; j > 1 && list[j - 1] > list[j]; --j) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
# relation: how `measured` must stand to `limit`.
function goal(text, measured, relation, limit,    met) {
    met = relation == ">=" ? measured >= limit : relation == ">" ? measured > limit : \
        relation == "<" ? measured < limit : measured <= limit
    printf "%-6s  %-76s %8.2f  (goal: %s %.2f)\n", met ? "met" : "MISSED", text, measured, relation, limit
}
function remark(text, measured) { printf "%-6s  %-76s %8.2f\n", "", text, measured }
