// fingerprint.h - what the machine and the software are that numbers come from: without it a number means nothing
// elsewhere.
#pragma once
#include <string>

#include "measure/store/model.h"

namespace turnpike::measure {

/// kernel, cpu, processors, hypervisor, mitigations, governor, clock_source, cpu_accounting, memory, distribution,
/// php_fpm, php_cgi, mariadb, sqlite, turnpike, compiler, libc, in that order. What cannot be told is "unknown", a
/// program that is not there "not installed". Starts programs to ask them for their version.
Fingerprint takeFingerprint();

/// The facts of the machine alone, from the files below `root`: "" is the machine itself.
Fingerprint machineFacts(const std::string& root);

}  // namespace turnpike::measure
