#include "sample_costs.h"

#include <string>

namespace turnpike::measure {
namespace {

double numberIn(const Cell& cell, const char* factor) {
    auto found = cell.factors.find(factor);
    return found == cell.factors.end() ? 0 : std::stod(found->second);
}
bool is(const Cell& cell, const char* factor, const char* value) {
    auto found = cell.factors.find(factor);
    return found != cell.factors.end() && found->second == value;
}

Cost staticCost(const Cell& cell) {
    Cost cost;
    const double size = numberIn(cell, "size");
    cost.engine += size / 1024 * (is(cell, "send", "read") ? 0.09 : 0.05);
    cost.client_bytes += size;
    if (is(cell, "send", "read")) cost.file_bytes = size;
    if (is(cell, "send", "memory")) cost.file = 0;
    if (is(cell, "connection", "close")) {
        cost.engine += 14;
        cost.latency += 40;
        cost.listen = 1;
    }
    return cost;
}

Cost filterCost(const Cell& cell) {
    Cost cost;
    cost.connections = 1;
    const bool defers = is(cell, "filter", "defer_accept");
    if (is(cell, "client", "abandoned")) {
        cost.engine = defers ? 0.9 : 11;
        cost.event = defers ? 0.05 : 2;
        cost.listen = defers ? 0.05 : 1;
    } else {
        cost.engine = (is(cell, "client", "slow") ? 60 : 30) - (defers ? 2.5 : 0);
        cost.event = is(cell, "client", "slow") ? 20 : defers ? 1 : 2;
        cost.listen = 1;
    }
    return cost;
}

Cost hopCost(const Cell& cell) {
    Cost cost;
    const double kib = numberIn(cell, "body") / 1024;
    cost.client_bytes += kib * 1024;
    cost.engine += kib * 0.12;
    if (is(cell, "backend", "in-process")) return cost;
    const double hop = is(cell, "transport", "tcp") ? 19 : 11;
    cost.backend = (is(cell, "backend", "php-fpm") ? 90 : 14) + hop * 0.4 + kib * 0.2;
    cost.engine += hop + (is(cell, "connection", "new") ? hop * 1.5 : 0);
    cost.backend_calls = is(cell, "connection", "new") ? 5 : 3;
    cost.backend_bytes = kib * 1024 + 900;
    cost.latency = 45 + cost.backend + hop * 1.8 + (is(cell, "connection", "new") ? hop * 2 : 0) + kib * 0.5;
    return cost;
}

Cost queryCost(const Cell& cell) {
    Cost cost = hopCost(cell);
    const double queries = numberIn(cell, "queries");
    const bool is_server = !is(cell, "database", "sqlite"), is_tcp = is(cell, "database", "mariadb-tcp");
    const double each = (is_server ? (is_tcp ? 34 : 24) : 6) + (is(cell, "statement", "prepared") ? 3 : 0);
    const double connect = is(cell, "connection", "per-request") ? (is_server ? (is_tcp ? 190 : 140) : 35) : 0;
    cost.backend = 130 + (connect + queries * each) * 0.45;
    cost.database = is_server ? (connect + queries * each) * 0.5 + 0.1 : 0;
    cost.latency = 190 + connect + queries * each * 1.3;
    return cost;
}

Cost mixCost(const Cell& cell) {
    const double share = numberIn(cell, "dynamic") / 100;
    Cost cost;
    cost.backend = share * (is(cell, "page", "php-db") ? 420 : 110);
    cost.database = is(cell, "page", "php-db") ? share * 260 : 0;
    cost.engine += share * 14;
    cost.backend_calls = 3 * share;
    cost.backend_bytes = 3000 * share;
    cost.latency = 45 + share * 300;
    return cost;
}

}  // namespace

Cost costOf(const Cell& cell) {
    if (cell.experiment == "E1") return staticCost(cell);
    if (cell.experiment == "E3") return filterCost(cell);
    if (cell.experiment == "E5") return hopCost(cell);
    if (cell.experiment == "E7") return queryCost(cell);
    if (cell.experiment == "E9") return mixCost(cell);
    Cost cost;
    if (cell.experiment == "E4" && !is(cell, "program", "in-process")) {
        cost.backend = is(cell, "program", "php-cgi") ? 6200 : is(cell, "program", "c-static") ? 430 : 560;
        cost.latency = cost.backend + 120;
        cost.backend_calls = 6;
    }
    if (cell.experiment == "E6" && !is(cell, "php", "inline")) {
        cost.backend = is(cell, "php", "cgi") ? 6200 : 12;
        cost.backend_calls = is(cell, "php", "pool") ? 1 : 2;
        cost.latency = cost.backend + (is(cell, "php", "pool") ? 30 : 45);
    }
    if (is(cell, "probe", "inject")) {
        cost.engine += numberIn(cell, "calls") * 0.131;
        cost.latency += numberIn(cell, "calls") * 0.131;
        cost.file += numberIn(cell, "calls");
    }
    if (is(cell, "ledger", "on")) cost.engine *= 1.006;
    return cost;
}

}  // namespace turnpike::measure
