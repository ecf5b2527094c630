#include "measure/experiment/cells.h"

#include <algorithm>

#include "measure/bed/configuration.h"

namespace turnpike::measure {

Plan& Cells::add(const Factors& factors, LoadKind load, const std::string& config, std::vector<std::string> paths,
                 uint64_t body) {
    Plan plan;
    plan.cell.key = experiment_;
    for (const auto& [factor, value] : factors) {
        plan.cell.key += "/" + value;
        plan.cell.factors[factor] = value;
    }
    plan.cell.key += std::string("/") + name(load);
    plan.cell.experiment = experiment_;
    plan.cell.config = config;
    plan.cell.load = load;
    if (const Configuration* server = findConfiguration(config)) plan.needs = server->needs;
    plan.paths = std::move(paths);
    plan.shortest_body = plan.longest_body = body;
    to_.push_back(std::move(plan));
    return to_.back();
}

void addCalibrationCells(Extent, std::vector<Plan>& to) {
    Cells cells("E0", to);
    // Of what the engine does alone, the file is what costs it most: a page from memory saturates the generator
    // first.
    const std::vector<std::string> page = {"/page?bytes=1024"}, file = {"/4096.txt"};
    for (const LoadKind load : kBothLoads)
        for (const char* arm : {"1", "2"})
            cells.add({{"probe", "aa"}, {"arm", arm}}, load, std::string("E0-aa-") + arm, file, 4096);
    for (const char* calls : {"0", "50", "200", "1000"})
        cells.add({{"probe", "inject"}, {"calls", calls}}, LoadKind::Single, std::string("E0-inject-") + calls,
                  page, 1024);
    for (const char* ledger : {"on", "off"})
        cells.add({{"probe", "ledger"}, {"ledger", ledger}}, LoadKind::Saturation,
                  std::string("E0-ledger-") + ledger, file, 4096);
}

void addStaticCells(Extent extent, std::vector<Plan>& to) {
    Cells cells("E1", to);
    const bool is_quick = extent == Extent::Quick;
    for (const LoadKind load : kBothLoads)
        for (const unsigned size : {512u, 4096u, 65536u, 1048576u})
            for (const char* send : {"sendfile", "read", "memory"})
                for (const char* connection : {"kept", "close"}) {
                    const bool is_kept = std::string(connection) == "kept";
                    const bool is_small = size == 4096, is_large = size == 65536;
                    if (is_quick && !(is_small || (is_large && is_kept))) continue;
                    const bool is_fast = std::string(send) == "memory";
                    if (is_quick && load == LoadKind::Saturation && (is_fast || !is_small || !is_kept)) continue;
                    cells
                        .add({{"size", std::to_string(size)}, {"send", send}, {"connection", connection}}, load,
                             std::string("E1-") + send, {"/" + std::to_string(size) + ".txt"}, size)
                        .keep_alive = is_kept;
                }
}

void addFilterCells(Extent extent, std::vector<Plan>& to) {
    constexpr std::pair<const char*, Behaviour> kClients[] = {{"fast", Behaviour::Fast},
                                                              {"split", Behaviour::Split},
                                                              {"slow", Behaviour::Slow},
                                                              {"abandoned", Behaviour::Abandoned},
                                                              {"garbage", Behaviour::Garbage}};
    Cells cells("E3", to);
    for (const LoadKind load : kBothLoads) {
        // One client at a time is seen exactly; several share wake-ups.
        if (extent == Extent::Quick && load == LoadKind::Saturation) continue;
        for (const char* filter : {"none", "defer_accept"})
            for (const auto& [client, behaviour] : kClients) {
                Plan& plan = cells.add({{"filter", filter}, {"client", client}}, load, std::string("E3-") + filter,
                                       {"/4096.txt"}, 4096);
                plan.keep_alive = false;
                plan.behaviour = behaviour;
            }
    }
}

void addCgiCells(Extent extent, std::vector<Plan>& to) {
    const std::pair<const char*, const char*> kPrograms[] = {{"c-static", "/cgi-bin/cgi-static?bytes=13"},
                                                             {"c-dynamic", "/cgi-bin/cgi-dynamic?bytes=13"},
                                                             {"php-cgi", "/page.php?bytes=13"},
                                                             {"in-process", "/page?bytes=13"}};
    Cells cells("E4", to);
    for (const LoadKind load : kBothLoads) {
        if (extent == Extent::Quick && load == LoadKind::Saturation) continue;
        for (const auto& [program, path] : kPrograms)
            cells.add({{"program", program}}, load, std::string("E4-") + program, {path}, 13).same_answer = "13";
    }
}

}  // namespace turnpike::measure
