// spawner_protocol.h - what the master and the spawner say to each other. Both are ours; the reader still checks
// every length, so that a mistake is an error and not a wild read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/children.h"
#include "process/wire.h"
#include "server/worker.h"

namespace turnpike::process {

enum class Tell : uint32_t {
    Users = 1,      // generation, UserTable but for the users of its sites
    Worker = 2,     // generation, resumed; with the channel
    Backend = 3,    // generation, BackendSpec
    Finish = 4,     // generation: those were all; answered with Ready
    Forget = 5,     // generation
    OpenLog = 6,    // target, level
    SiteUsers = 7,  // generation, the users of some more sites: a server may have more than a message can hold
    Ready = 16,     // spawner to master: generation, problems
    Processes = 17  // spawner to master: BackendState
};

/// Of a site's user: more would not fit into a message.
inline constexpr uint32_t kMostGroups = 8192;

/// For whom the programs of a generation's sites run, and where backends live.
struct UserTable {
    Users users;
    gid_t workers_group = 0;
    std::string runtime_folder;
};

/// What `turnpike status` shows of a backend.
struct BackendState {
    std::string folder, name;
    uint64_t restarts = 0;
    std::vector<uint32_t> pids;
};

void write(Writer& to, const UserTable& table);
/// As many of the sites' users from `first` on as belong in one message. Returns how many come before the next
/// one.
size_t writeSiteUsers(Writer& to, const std::vector<os::Identity>& sites, size_t first);
void write(Writer& to, const server::BackendSpec& spec);
void write(Writer& to, const server::SharedSpec& spec);
void write(Writer& to, const BackendState& state);
/// False when the bytes do not hold one.
bool read(Reader& from, UserTable& table);
/// Appends them.
bool readSiteUsers(Reader& from, std::vector<os::Identity>& sites);
bool read(Reader& from, server::BackendSpec& spec);
bool read(Reader& from, server::SharedSpec& spec);
bool read(Reader& from, BackendState& state);

}  // namespace turnpike::process
