// toll.h - what a request of each page pays: a short load on the page, with the server's ledger and its processes'
// CPU read before and after. Nothing is estimated: a number that could not be measured is absent.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "measure/window.h"

namespace turnpike::measure {

struct Page {
    std::string name;
    std::string path;
};

struct TollRow {
    Page page;
    std::string failure;  // why there are no numbers; empty: there are
    uint64_t requests = 0;
    double requests_per_second = 0;
    double p50_ms = 0, p99_ms = 0;
    std::array<double, ledger::kClasses> calls{};  // per request, by ledger::Class
    double bytes = 0;                              // per request, over the boundary in either direction
    std::optional<double> engine_us, backend_us;   // CPU per request
    std::vector<std::string> notes;

    double allCalls() const;
};

/// One page. `load` says how; what to ask for is the page's.
TollRow measureToll(const Sources& sources, Load load, const Page& page);

}  // namespace turnpike::measure
