// What a server and its backends have cost so far: nanoseconds of CPU (children that ended included) and memory.
// A tree's processes count with its root; only an interpreter that Turnpike's embedded PHP runs in counts as a
// backend although it lives below the server. usage: bench_cost SERVER [BACKEND...]; prints one line: "SERVER_NS
// SERVER_PRIVATE_KIB SERVER_PSS_KIB BACKEND_NS BACKEND_PSS_KIB PID[,PID...]"
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "measure/process_cpu.h"

namespace {

using turnpike::measure::Process;

constexpr const char* kInterpreter = "turnpike-php";

struct Cost {
    uint64_t ns = 0;
    unsigned long private_kib = 0, pss_kib = 0;
};

struct Sums {
    Cost server, backend;
    std::string pids;
};

void addMemory(pid_t pid, Cost& to) {
    std::ifstream map("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string line; std::getline(map, line);) {
        const unsigned long kib = std::strtoul(line.c_str() + line.find(':') + 1, nullptr, 10);
        if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:")) to.private_kib += kib;
        if (line.starts_with("Pss:")) to.pss_kib += kib;
    }
}

std::string nameOf(pid_t pid) {
    std::string name;
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::getline(file, name);
    return name;
}

void addTree(const std::vector<Process>& all, const Process& root, bool is_backend, Sums& to) {
    is_backend = is_backend || nameOf(root.pid) == kInterpreter;
    Cost& cost = is_backend ? to.backend : to.server;
    cost.ns += root.own_ns + root.waited_ns;
    addMemory(root.pid, cost);
    to.pids += (to.pids.empty() ? "" : ",") + std::to_string(root.pid);
    for (const Process& process : all)
        if (process.parent == root.pid) addTree(all, process, is_backend, to);
}

}  // namespace

int main(int argc, char** argv) {
    auto all = turnpike::measure::listProcesses();
    if (!all) {
        std::fprintf(stderr, "bench_cost: %s\n", all.error().text.c_str());
        return 1;
    }
    Sums sums;
    for (int i = 1; i < argc; ++i)
        for (const Process& process : *all)
            if (process.pid == std::atoi(argv[i])) addTree(*all, process, i > 1, sums);
    std::printf("%llu %lu %lu %llu %lu %s\n", static_cast<unsigned long long>(sums.server.ns),
                sums.server.private_kib, sums.server.pss_kib, static_cast<unsigned long long>(sums.backend.ns),
                sums.backend.pss_kib, sums.pids.c_str());
    return 0;
}
