// settings.h - the keys of the cgi plugin, declared once, and their values.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "sdk/gateway/program_limits.h"
#include "sdk/plugin.hpp"

namespace turnpike::cgi {

inline constexpr tp_key kKeys[] = {
    {"program", TP_KEY_STRING, 0, nullptr,
     "Absolute path of one program that answers everything below the route's prefix, wherever it lies: "
     "SCRIPT_NAME is "
     "the prefix, PATH_INFO what follows. Empty: the path names a script below the site's root."},
    {"interpreter", TP_KEY_LIST, 0, nullptr,
     "Program and arguments that run the script, which follows as the last argument. Empty: the script itself is "
     "executed and must be executable."},
    {"suffixes", TP_KEY_LIST, 0, nullptr,
     "Only files that end in one of these are scripts. Empty: every file of the route."},
    {"env", TP_KEY_MAP, 0, nullptr,
     "Variables to add to the program's environment. They replace variables of RFC 3875 with the same name."},
    {"timeout", TP_KEY_DURATION, 0, "60s",
     "How long a program may take in all; then its process group is ended. 0: no limit."},
    {"idle_timeout", TP_KEY_DURATION, 0, "30s",
     "How long a program may write nothing while the client waits. 0: no limit."},
    {"children", TP_KEY_INTEGER, 0, "16", "How many programs may run at once, in each worker."},
    {"queue", TP_KEY_INTEGER, 0, "256", "How many requests may wait for their turn, in each worker; past it 503."},
    {"queue_timeout", TP_KEY_DURATION, 0, "10s", "How long a request may wait for its turn; then 503."},
    {"cpu", TP_KEY_DURATION, 0, "30s", "Processor time of each process, in whole seconds. 0: no limit."},
    gateway::key::memory("512MiB"),
    gateway::key::file("256MiB"),
    gateway::key::openFiles("64"),
    gateway::key::processes("1024"),
    gateway::key::cgroupMemory("Memory of all programs together that the site runs by routes with these two "
                               "limits (memory.max of a cgroup "
                               "of their own): past it the kernel kills one of them. 0: no limit."),
    gateway::key::cgroupProcesses(
        "Processes and threads of all these programs together (pids.max of that cgroup). 0: no limit."),
    {"pass_authorization", TP_KEY_BOOLEAN, 0, "false",
     "Pass the Authorization field as HTTP_AUTHORIZATION, for programs that check passwords themselves, unless "
     "Turnpike checked it."},
    {"indexed_query", TP_KEY_BOOLEAN, 0, "false",
     "Pass the words of a query without \"=\" as arguments (RFC 3875 section 4.4). Many programs take a visitor's "
     "words for options of their own: leave it off unless a script needs it."},
};

/// What an instance was configured with; the same for all its workers, and never changed.
struct Settings {
    std::string program;
    std::vector<std::string> interpreter, suffixes;
    gateway::Pairs env;
    uint64_t timeout_ms = 0, idle_ms = 0, queue_ms = 0;
    size_t children = 0, queue = 0;
    uint64_t cpu_seconds = 0;
    gateway::Limits limits;
    gateway::GroupLimits group_limits;
    bool pass_authorization = false, indexed_query = false;
};

/// Throws Refused.
Settings readSettings(const tp_host& host, const tp_setup* setup);

}  // namespace turnpike::cgi
