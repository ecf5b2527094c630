// settings.h - the keys of this plugin and what they mean once they are checked. Setup only; immutable afterwards.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sdk/fastcgi/keys.h"
#include "sdk/plugin.hpp"

namespace turnpike::php {

/// The limit that plugin cgi calls "processes", a word that here says how children are started.
inline constexpr const char* kUserProcesses = "user_processes";

/// key | meaning | default: see kKeys, from which `turnpike explain php` and the README's table come.
inline constexpr tp_key kKeys[] = {
    {"children", TP_KEY_INTEGER, 0, "4",
     "How many interpreters the site has at most: so many requests are answered at once."},
    {"processes", TP_KEY_STRING, 0, "static",
     "\"static\": all children from the start. \"dynamic\": `spare` children wait for work, more are started when "
     "there is more of it. \"on_demand\": none until there is work."},
    {"spare", TP_KEY_INTEGER, 0, "1", "With \"dynamic\" processes: how many children wait for work."},
    {"idle_timeout", TP_KEY_DURATION, 0, "10s",
     "How long a child waits for work before it ends, unless `processes` is \"static\" or it is a spare one."},
    {"recycle", TP_KEY_INTEGER, 0, "0", "Requests after which a child is replaced by a new one; 0: never."},
    {"recycle_memory", TP_KEY_SIZE, 0, "0",
     "A child whose own memory is larger than this after a request is replaced by a new one; 0: never."},
    {"run_timeout", TP_KEY_DURATION, 0, "15m",
     "How long a script may run before its child is killed and replaced; counted in seconds, rounded up. Unless "
     "it "
     "is set it is never less than `timeout` and `gap_timeout` together."},
    {"ini", TP_KEY_MAP, 0, nullptr,
     "PHP's own settings for this site, such as { memory_limit = \"256M\" }; they win over php.ini, and scripts "
     "may "
     "change them as far as PHP allows."},
    {"environment", TP_KEY_MAP, 0, nullptr, "Environment of the interpreters; nothing else is passed."},
    gateway::key::memory("0"),
    gateway::key::file("0"),
    gateway::key::openFiles("0"),
    gateway::key::processes("0", kUserProcesses),
    fastcgi::key::kCgroupMemory,
    fastcgi::key::kCgroupProcesses,
    fastcgi::key::kRestart,
    fastcgi::key::kQueue,
    fastcgi::key::kQueueTimeout,
    fastcgi::key::kOutage,
    fastcgi::key::kTimeout,
    fastcgi::key::kGapTimeout,
    fastcgi::key::kStreamBody,
    fastcgi::key::kParams,
    fastcgi::key::kPassAuthorization,
};

struct Settings : fastcgi::Rules {
    /// Reads and checks every key; throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    /// The program that runs the interpreters, with what it must know.
    std::vector<std::string> command() const;

    std::string site, root, processes;
    gateway::Pairs ini, environment;
    fastcgi::BackendLimits limits;
    uint32_t children = 4, spare = 1;
    uint64_t recycle = 0, recycle_memory = 0, idle_ms = 0, run_ms = 0, restart_ms = 100;
};

}  // namespace turnpike::php
