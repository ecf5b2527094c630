// probes.h - the probes of calibrate(), one function for each kind. Each adds what can be measured on this machine
// and a note on what cannot.
#pragma once
#include "measure/calibrate/probe.h"

namespace turnpike::measure {

/// null_syscall, clock_gettime, thread_cputime, rusage_thread, *_write_read, page_fault.
void addCallProbes(Probes& to);
/// *_round_trip_*, copy_per_kib_*, wake_*. `processors`: where the caller runs, and, if there is one, another.
void addHopProbes(Probes& to, const std::vector<unsigned>& processors);
/// What each KiB adds to a hop, by least squares over questions of 1 B to 256 KiB; `took` measures one size.
Result<double> nsPerKib(const std::function<Result<double>(uint32_t bytes)>& took);
/// spawn_*. The programs are in `folder`, php-cgi where distributions put it.
void addSpawnProbes(Probes& to, const std::string& folder);
/// connect_*
void addConnectProbes(Probes& to, const CalibrationOptions& options);

}  // namespace turnpike::measure
