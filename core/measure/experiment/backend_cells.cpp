// The cells that have a process behind the server: E5, E6, E7 and E9.
#include <algorithm>
#include <string>

#include "measure/experiment/cells.h"

namespace turnpike::measure {
namespace {

constexpr unsigned kMixLookups = 10;

/// E5: what is quick is the pages of 1 KiB each way, and a larger one where it was not slow already. Without a hop
/// the generator is saturated first.
bool isQuickHop(LoadKind load, const std::string& backend, bool is_kept, unsigned body) {
    if (load == LoadKind::Saturation) return is_kept && body == 1024 && backend != "in-process";
    if (body == 1024) return true;
    return body == 65536 && is_kept && !backend.starts_with("php-");
}

std::string lookups(const std::string& database, const std::string& connection, const std::string& statement,
                    unsigned queries) {
    return "/lookups.php?database=" + database + "&connection=" + connection + "&statement=" + statement +
           "&queries=" + std::to_string(queries);
}

bool isQuickLookup(const std::string& connection, const std::string& statement, unsigned queries) {
    if (queries == 5) return connection == "persistent" || statement == "prepared";
    return connection == "persistent" && statement == "prepared" && (queries == 0 || queries == 20);
}

/// `dynamic` of a hundred requests are for the page, spread as evenly as can be, and the order repeats.
std::vector<std::string> mix(unsigned dynamic, const std::string& page) {
    std::vector<std::string> paths;
    unsigned sum = 0;
    do {
        sum += dynamic;
        paths.push_back(sum >= 100 ? page : "/4096.txt");
        sum %= 100;
    } while (sum != 0);
    return paths;
}

}  // namespace

void addHopCells(Extent extent, std::vector<Plan>& to) {
    Cells cells("E5", to);
    auto add = [&](LoadKind load, const std::string& backend, const std::string& transport,
                   const std::string& connection, unsigned body) {
        if (extent == Extent::Quick && !isQuickHop(load, backend, connection != "new", body)) return;
        const std::string bytes = std::to_string(body);
        const std::string config =
            transport == "none" ? "E5-" + backend : "E5-" + backend + "-" + transport + "-" + connection;
        cells
            .add({{"backend", backend}, {"transport", transport}, {"connection", connection}, {"body", bytes}},
                 load, config, {(backend.starts_with("php-") ? "/page.php?bytes=" : "/page?bytes=") + bytes}, body)
            .same_answer = bytes;
    };
    for (const LoadKind load : kBothLoads)
        for (const unsigned body : {512u, 1024u, 65536u, 1048576u}) {
            for (const char* backend : {"responder", "php-fpm"})
                for (const char* transport : {"unix", "tcp"})
                    for (const char* connection : {"kept", "new"}) add(load, backend, transport, connection, body);
            add(load, "in-process", "none", "none", body);
            add(load, "php-pool", "memory", "kept", body);
            add(load, "php-inline", "none", "none", body);
        }
}

void addPhpCells(Extent extent, std::vector<Plan>& to) {
    Cells cells("E6", to);
    for (const LoadKind load : kBothLoads)
        for (const unsigned body : {1024u, 65536u})
            for (const char* way : {"inline", "pool", "fpm-unix", "fpm-tcp", "cgi"}) {
                const bool is_slow = std::string(way) == "cgi";
                if (extent == Extent::Quick && (body != 1024 || is_slow)) continue;
                const std::string bytes = std::to_string(body);
                cells
                    .add({{"php", way}, {"body", bytes}}, load, std::string("E6-") + way,
                         {"/page.php?bytes=" + bytes}, body)
                    .same_answer = bytes;
            }
}

void addDatabaseCells(Extent extent, std::vector<Plan>& to) {
    Cells cells("E7", to);
    auto add = [&](LoadKind load, const std::string& php, const std::string& database,
                   const std::string& connection, const std::string& statement, unsigned queries) {
        const bool is_quick = extent == Extent::Quick;
        if (is_quick && (load == LoadKind::Saturation || !isQuickLookup(connection, statement, queries))) return;
        Cells::Factors factors = {{"database", database},
                                  {"connection", connection},
                                  {"statement", statement},
                                  {"queries", std::to_string(queries)}};
        if (php != "fpm-unix") factors.insert(factors.begin(), {"php", php});
        const std::string config = std::string(database == "sqlite" ? "E7-sqlite" : "E7-mariadb");
        cells
            .add(factors, load, php == "fpm-unix" ? config : config + "-" + php,
                 {lookups(database, connection, statement, queries)}, queries * kRowBytes)
            .same_answer = std::to_string(queries);
    };
    for (const LoadKind load : kBothLoads)
        for (const char* database : {"sqlite", "mariadb-unix"})
            for (const unsigned queries : {0u, 1u, 5u, 20u, 50u})
                add(load, "pool", database, "persistent", "prepared", queries);
    for (const LoadKind load : kBothLoads)
        for (const char* database : {"sqlite", "mariadb-unix", "mariadb-tcp"})
            for (const char* connection : {"persistent", "per-request"})
                for (const char* statement : {"text", "prepared"})
                    for (const unsigned queries : {0u, 1u, 5u, 20u, 50u})
                        add(load, "fpm-unix", database, connection, statement, queries);
}

void addMixCells(Extent extent, std::vector<Plan>& to) {
    Cells cells("E9", to);
    const std::pair<const char*, std::string> pages[] = {
        {"php", "/page.php?bytes=4096"},
        {"php-db", lookups("mariadb-unix", "persistent", "prepared", kMixLookups)}};
    for (const LoadKind load : kBothLoads)
        for (const auto& [page, path] : pages)
            for (const unsigned dynamic : {0u, 10u, 30u, 50u, 70u, 90u, 100u}) {
                const bool is_quick = load == LoadKind::Single && (dynamic % 50 == 0 || dynamic == 10);
                if (extent == Extent::Quick && !is_quick) continue;
                const uint64_t body = std::string(page) == "php" ? 4096 : kMixLookups * kRowBytes;
                Plan& plan = cells.add({{"dynamic", std::to_string(dynamic)}, {"page", page}}, load,
                                       std::string("E9-") + page, mix(dynamic, path), body);
                if (dynamic < 100) plan.longest_body = 4096;
                if (dynamic == 0) plan.shortest_body = 4096;
            }
}

}  // namespace turnpike::measure
