#include "measure/experiment/matrix.h"

#include <algorithm>

#include "measure/experiment/cells.h"

namespace turnpike::measure {
namespace {

using Adder = void (*)(Extent, std::vector<Plan>&);
constexpr Adder kAdders[] = {addCalibrationCells, addStaticCells, addFilterCells,   addCgiCells,
                             addHopCells,         addPhpCells,    addDatabaseCells, addMixCells};

}  // namespace

const std::vector<Experiment>& experiments() {
    static const std::vector<Experiment> all = {
        {"E0", "what the measuring itself does: two servers that are the same, injected calls, the ledger's cost"},
        {"E1", "static files: size, how they are sent, connections kept or closed"},
        {"E3", "accept filters against fast, split, slow, abandoned and garbage clients"},
        {"E4", "CGI: what a process for each request costs"},
        {"E5", "the hop: FastCGI in C and PHP, unix and TCP, kept or new, embedded PHP; size of the answer"},
        {"E6", "PHP without the socket: in the worker, over shared memory, by php-fpm and as a CGI program"},
        {"E7", "the database hop: SQLite, MariaDB over unix and TCP, connections, statements, number of lookups"},
        {"E9", "mixes of static files and dynamic pages"},
    };
    return all;
}

std::vector<Plan> plansOf(Extent extent, const std::vector<std::string>& names) {
    std::vector<Plan> all;
    for (const Adder add : kAdders) add(extent, all);
    if (!names.empty())
        std::erase_if(all, [&](const Plan& plan) {
            return std::find(names.begin(), names.end(), plan.cell.experiment) == names.end();
        });
    return all;
}

}  // namespace turnpike::measure
