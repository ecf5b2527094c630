// Adds trials to a run until it is killed, or as many as it is told. Prints "open", then each trial's number once
// the store has taken it. usage: writer FILE RUN FIRST [COUNT [MOST_BYTES]]
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "measure/store/store.h"
#include "samples.h"

namespace {

int fail(const std::string& why) {
    std::printf("failed: %s\n", why.c_str());
    return 1;
}

/// No file that this process writes may grow beyond that: as if the disk were full.
void limitFiles(const char* bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    limit.rlim_cur = limit.rlim_max = std::strtoull(bytes, nullptr, 10);
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace turnpike::measure;
    if (argc < 4) return 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc > 5) limitFiles(argv[5]);
    auto store = Store::open(argv[1]);
    if (!store) return fail(store.error().text);
    std::printf("open\n");
    const uint64_t first = std::strtoull(argv[3], nullptr, 10);
    const uint64_t count = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : UINT64_MAX;
    for (uint64_t i = 0; i < count; ++i) {
        auto added = store->add(std::atoll(argv[2]), sampleTrial(first + i));
        if (!added) return fail(added.error().text);
        std::printf("%llu\n", static_cast<unsigned long long>(first + i));
    }
    return 0;
}
