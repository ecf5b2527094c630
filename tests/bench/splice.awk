# Medians of rounds "SOURCE KIB copy-us copy-calls splice-us splice-calls", and of the rounds' ratios.
{
    key = sprintf("%-5s %3d KiB", $1, $2)
    if (!(key in rounds)) order[++keys] = key
    n = ++rounds[key]
    copied[key, n] = $3
    spliced[key, n] = $5
    calls[key] = sprintf("%6.1f %7.1f", $4, $6)
}
END {
    print "from, parts    copy us/MiB  splice us/MiB  ratio   calls/MiB: copy, splice"
    for (i = 1; i <= keys; ++i) {
        key = order[i]
        for (j = 1; j <= rounds[key]; ++j) {
            a[j] = copied[key, j]
            b[j] = spliced[key, j]
            c[j] = b[j] / a[j]
        }
        printf "%-14s %11.0f %14.0f  %5.2f   %s\n", key, median(a, rounds[key]), median(b, rounds[key]), median(c, rounds[key]), calls[key]
    }
}
