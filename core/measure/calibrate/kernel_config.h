// kernel_config.h - how the running kernel was configured. Pure.
#pragma once
#include <string>

namespace turnpike::measure {

/// What accounts the CPU time of processes, from the text of the kernel's configuration: exactly at each crossing,
/// or by the tick that happens to meet them. "unknown" when the text does not say.
std::string cpuAccounting(const std::string& config);

/// The contents of a gzip file; empty when it is none.
std::string unzipped(const std::string& gzip);

}  // namespace turnpike::measure
