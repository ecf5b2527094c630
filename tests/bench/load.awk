# "requests microseconds p50 p99 CPU" of what `turnpike load --json` prints, p50 and p99 in microseconds out of its section
# `times` (latency or service), and of "CPU SECONDS" where that follows. Nothing: the run failed.
$1 == "\"requests\":" && !requests { requests = $2 + 0 }
$1 == "\"requests_per_second\":" { rate = $2 + 0 }
$1 == "\"latency\":" || $1 == "\"service\":" { section = $1 }
section == "\"" times "\":" && $1 == "\"p50_us\":" { p50 = $2 + 0 }
section == "\"" times "\":" && $1 == "\"p99_us\":" { p99 = $2 + 0 }
$1 == "CPU" { cpu = $2 }
END { if (requests) printf "%d %.0f %.1f %.1f %s\n", requests, requests * 1e6 / rate, p50, p99, cpu + 0 }
