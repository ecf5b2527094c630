// turnpike.check/1: what plugins find in the files of their sites.
#include <string>
#include <vector>

#include "plugin/setup.h"
#include "sdk/check.h"
#include "server/host_table.h"
#include "server/plugin_set.h"

namespace turnpike::server {
namespace {

std::string text(tp_str s) { return {s.ptr, s.len}; }

std::vector<config::Problem>* findings(const tp_setup& setup) {
    return static_cast<const Configuring*>(setup.host_data)->findings;
}

int32_t isDeep(const tp_setup* setup) { return findings(*setup) != nullptr ? 1 : 0; }

void found(tp_setup* setup, tp_str file, uint32_t line, tp_str what) {
    auto* all = findings(*setup);
    if (all == nullptr) return;
    config::Problem& problem = all->emplace_back();
    problem.at.file = text(file);
    problem.at.line = line;
    problem.message = text(what);
}

}  // namespace

const tp_check& checkTable() {
    static const tp_check table = {sizeof(tp_check), 0, isDeep, found};
    return table;
}

}  // namespace turnpike::server
