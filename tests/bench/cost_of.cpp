// What process trees have cost so far: nanoseconds of CPU (children that ended included) and the KiB that are
// theirs alone. usage: bench_cost PID...; prints "CPU_NS PRIVATE_KIB", the sums.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "measure/process_cpu.h"

namespace {

using turnpike::measure::Process;

unsigned long privateKib(const std::vector<Process>& all, pid_t root) {
    unsigned long sum = 0;
    std::ifstream map("/proc/" + std::to_string(root) + "/smaps_rollup");
    for (std::string line; std::getline(map, line);) {
        if (!line.starts_with("Private_Clean:") && !line.starts_with("Private_Dirty:")) continue;
        sum += std::strtoul(line.c_str() + line.find(':') + 1, nullptr, 10);
    }
    for (const Process& process : all)
        if (process.parent == root) sum += privateKib(all, process.pid);
    return sum;
}

}  // namespace

int main(int argc, char** argv) {
    auto all = turnpike::measure::listProcesses();
    if (!all) {
        std::fprintf(stderr, "bench_cost: %s\n", all.error().text.c_str());
        return 1;
    }
    uint64_t ns = 0;
    unsigned long kib = 0;
    for (int i = 1; i < argc; ++i) {
        pid_t pid = std::atoi(argv[i]);
        ns += turnpike::measure::treeNs(*all, pid);
        kib += privateKib(*all, pid);
    }
    std::printf("%llu %lu\n", static_cast<unsigned long long>(ns), kib);
    return 0;
}
