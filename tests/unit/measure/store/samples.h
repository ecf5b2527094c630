// samples.h - a run, cells and trials with every field set to something of its own.
#pragma once
#include <string>
#include <vector>

#include "measure/store/model.h"

namespace turnpike::measure {

inline Run sampleRun(const std::string& name = "sample") {
    Run run;
    run.name = name;
    run.command = "turnpike measure --quick --seed 18446744073709551615";
    run.version = "0.1.0";
    run.seed = UINT64_MAX;
    run.blocks = 6;
    run.started_unix_ms = 1'700'000'000'123;
    run.fingerprint = {{"kernel", "Linux 6.1.0"}, {"cpu", "a 'quoted' \"one\"; DROP TABLE run"}};
    run.constants = {{"null_syscall", "ns", 122.5, 120, 126, 119, 30},
                     {"copy_slope", "ns/KiB", 31, 30, 33, 29, 30}};
    return run;
}

inline std::vector<Cell> sampleCells() {
    return {{"E5/php-fpm/unix/kept/1024/single",
             "E5",
             "fpm-unix-kept",
             {{"backend", "php-fpm"}, {"transport", "unix"}, {"connection", "kept"}, {"body", "1024"}},
             LoadKind::Single},
            {"E0/aa/1/saturation", "E0", "aa", {}, LoadKind::Saturation}};
}

/// The `number`-th trial; odd ones are rejected, and have no backend.
inline Trial sampleTrial(uint64_t number) {
    Trial trial;
    trial.cell = sampleCells()[number % 2].key;
    trial.block = static_cast<uint32_t>(number / 2);
    trial.position = static_cast<uint32_t>(number % 2);
    trial.started_unix_ms = 1'700'000'001'000 + static_cast<int64_t>(number);
    trial.requests = 1000 + number;
    trial.elapsed_ns = 500'000'000 + number;
    for (uint64_t i = 0; i < trial.requests; ++i) trial.latency_ns.add(20'000 + i * 37 % 9000 + number);
    for (size_t i = 0; i < ledger::kClasses; ++i)
        trial.crossings.of[i] = {1000 * i + number, i, 4'000'000'000 * i};
    trial.crossings.event_milli = 77 + number;
    trial.engine_ns = 300'000'000 + number;
    trial.generator_ns = 100'000'000 + number;
    if (number % 2 == 0) {
        trial.backend_ns = 50'000'000 + number;
        trial.database_ns = 0;
    } else {
        trial.rejected = {"steal 3.1 %", "2 answers were not 200"};
    }
    trial.received = 123'456'789'000 + number;
    trial.steal_share = 0.031;
    trial.foreign_share = 0.25;
    trial.extra = {{"number", static_cast<double>(number)}, {"accepts", 1.5}};
    return trial;
}

}  // namespace turnpike::measure
