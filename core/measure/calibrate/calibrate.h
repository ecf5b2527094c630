// calibrate.h - what crossings cost on this machine, now: the constants that counts are multiplied with. Every
// probe runs the calls themselves, on a processor of its own choice, in short batches that take turns, so that
// what disturbs the machine for a moment disturbs all of them a little and no median much.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "measure/store/model.h"

namespace turnpike::measure {

struct CalibrationOptions {
    unsigned batches = 30;              // of each probe
    uint64_t batch_ns = 2'000'000;      // how long one should take; what is slower runs once
    uint64_t seed = 1;                  // of the order in which probes take turns
    std::string mariadb_socket;         // of a server to be connected to; empty: none
    std::string mariadb_user = "root";  // who needs no password there
    std::string program_folder;         // of the empty programs; empty: as installed
};

/// null_syscall, clock_gettime, thread_cputime, rusage_thread; pipe_write_read, unix_write_read, tcp_write_read
/// (one byte there and back in one thread: the work without a switch); unix_round_trip_same_cpu and so on (one
/// byte to another process and back); copy_per_kib_unix, copy_per_kib_tcp (how a hop grows with what it carries);
/// page_fault; spawn_dynamic, spawn_static, spawn_php_cgi (start, run, wait); connect_unix, connect_tcp,
/// connect_mariadb (until the server takes commands); wake_same_cpu, wake_cross_cpu (from the call that wakes to
/// the sleeper running). Nanoseconds, or for the copies nanoseconds per KiB.
///
/// What cannot be measured here (one processor, no php-cgi) is left out, and *notes says why. Blocks for some
/// three seconds with the defaults; the calling thread is bound to one processor meanwhile, and it must be the
/// only one of the process that starts programs. An error: nothing could be measured at all.
Result<std::vector<Constant>> calibrate(const CalibrationOptions& options,
                                        std::vector<std::string>* notes = nullptr);

}  // namespace turnpike::measure
