// spawn_protocol.h - what workers and the spawner say to each other. A worker may be in the hands of an attacker,
// so decode() takes nothing on trust: the most that a message can do is to run a program as a user whom the master
// put on the spawner's own list.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "os/process.h"
#include "sdk/services.h"
#include "server/worker.h"

namespace turnpike::process {

inline constexpr uint32_t kMostArguments = 1024, kMostVariables = 4096;

/// Worker to spawner: run a program; stdin, stdout and stderr go along as descriptors.
std::string encodeSpawn(uint64_t id, const server::SiteTag& site, const tp_spawn& spec);
/// Worker to spawner: end the program `id`.
std::string encodeKill(uint64_t id, uint64_t grace_ms);
/// Worker to a spawner that replaces another: every program asked for before this has a smaller number than `id`.
std::string encodeMark(uint64_t id);

enum class Ask : uint32_t { Spawn = 1, Kill = 2, Mark = 3 };

/// A decoded message; pointers lead into the message.
struct Request {
    Ask ask = Ask::Kill;
    uint64_t id = 0;
    uint64_t grace_ms = 0;
    uint32_t site = 0;
    const char* site_name = "";
    os::ProgramLimits limits;
    server::ControlGroupLimits group_limits;
    const char* directory = "/";
    std::vector<const char*> argv, env;  // each ends with a null pointer
};

/// Null when the message is well formed; otherwise what is wrong with it.
const char* decode(std::string_view message, Request& request);

/// Spawner to worker. A worker counts upwards and its channel keeps the order and outlives the spawner, so the
/// first number that the next one reads tells what the dead one had taken: all smaller ones. What waits in the
/// channel is not lost. The mark is for a channel in which nothing waits.
struct Answer {
    enum Kind : uint32_t {
        Ended = 1,
        Replaced = 2,  // by another spawner; the worker sends a mark
        Lost = 3       // the programs with a number smaller than `id` have died with their spawner
    };
    uint32_t kind;
    int32_t status, error;  // as in tp_child_end
    uint32_t reserved;
    uint64_t id, cpu_us, max_rss_kib;
};

}  // namespace turnpike::process
