#include "measure/analysis/split.h"

#include <algorithm>

#include "measure/analysis/bill.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

/// What a cell's requests do beyond the engine, as its factors say.
struct Beyond {
    double backend_turns = 0, queries = 0, spawns = 0;
    bool backend_is_tcp = false, database_is_tcp = false;
    std::string program;  // constant of the process that a request starts
};

Beyond beyondOf(const Cell& cell) {
    Beyond beyond;
    std::string database = factorOf(cell, "database"), program = factorOf(cell, "program");
    beyond.backend_is_tcp = factorOf(cell, "transport") == "tcp";
    beyond.database_is_tcp = database == "mariadb-tcp";
    if (cell.experiment == "E5" && factorOf(cell, "transport") != "none") beyond.backend_turns = 1;
    if (cell.experiment == "E6" && factorOf(cell, "php") != "inline") beyond.backend_turns = 1;
    if (cell.experiment == "E7") beyond.backend_turns = 1;
    if (cell.experiment == "E9") beyond.backend_turns = numberOf(cell, "dynamic") / 100;
    if (database.starts_with("mariadb")) beyond.queries = numberOf(cell, "queries");
    if (cell.experiment == "E4" && program != "in-process") {
        beyond.spawns = 1;
        beyond.program = program == "c-static"    ? "spawn_static"
                         : program == "c-dynamic" ? "spawn_dynamic"
                                                  : "spawn_php_cgi";
    }
    return beyond;
}

/// Middle prices of what was calibrated; anything missing makes the whole unknown.
class Prices {
 public:
    explicit Prices(const Constants& constants) : constants_(constants) {}
    double of(const std::string& name) {
        auto price = constants_.find(name);
        all_known_ = all_known_ && price;
        return price ? price->value : 0;
    }
    bool allKnown() const { return all_known_; }

 private:
    const Constants& constants_;
    bool all_known_ = true;
};

double wakesOf(const Counts& counts, const Beyond& beyond) {
    return counts.wakes + beyond.backend_turns + 2 * beyond.queries;  // worker; database and worker again
}

double kernelWork(Prices& prices, const Counts& counts, const Beyond& beyond) {
    double traps = 2 * prices.of("null_syscall");  // in each write and read that was calibrated
    double tcp = prices.of("tcp_write_read") - traps, local = prices.of("unix_write_read") - traps;
    double work = tcp;  // the client's turn
    work += 2 * beyond.backend_turns * (beyond.backend_is_tcp ? tcp : local);
    work += 2 * beyond.queries * (beyond.database_is_tcp ? tcp : local);
    if (counts.accepts > 0) work += counts.accepts * prices.of("connect_tcp");
    if (beyond.spawns > 0) work += beyond.spawns * prices.of(beyond.program);
    return work;
}

}  // namespace

Split splitOf(const Evidence& evidence, const CellTrials& cell, double cpu_us) {
    Prices prices(evidence.constants());
    Counts counts = countsOf(cell);
    Beyond beyond = beyondOf(*cell.cell);
    double left = cpu_us;
    auto take = [&left](double wanted) {
        double taken = std::clamp(wanted, 0.0, left);
        left -= taken;
        return taken;
    };
    Split split;
    split.trap = take(counts.calls * prices.of("null_syscall"));
    auto copies = copiesOf(evidence, cell, counts);
    split.copy = take(copies ? copies->value : 0);
    split.wake = take(wakesOf(counts, beyond) * prices.of("wake_same_cpu"));
    split.kernel_work = take(kernelWork(prices, counts, beyond));
    split.user = left;
    split.is_known = copies && prices.allKnown();
    return split.is_known ? split : Split{};
}

}  // namespace turnpike::measure
