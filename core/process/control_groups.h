// control_groups.h - the part of the cgroup v2 tree that the server may use: below the group that it was started
// in. In the spawner; one thread.
//
// A group whose controllers are passed on may hold no process itself (cgroup-v2.rst, "No Internal Process
// Constraint"). So when the first limit is asked for, and not before, the server's own processes move into a leaf
// beside the groups of its backends.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace turnpike::process {

/// The folder of a process's group: `mountinfo` and `cgroup` are the files of these names in /proc/PID. Empty:
/// there is no cgroup v2 file system, or it does not show that group.
std::string groupFolder(std::string_view mountinfo, std::string_view cgroup);

class ControlGroups {
 public:
    /// The leaf that the server's own processes move to.
    static constexpr std::string_view kLeaf = "turnpike.leaf";

    /// For the caller's own group. `leader`: it and its descendants are the server; nobody else is ever moved.
    explicit ControlGroups(pid_t leader);
    /// For the group with this folder.
    ControlGroups(pid_t leader, std::string folder) : leader_(leader), folder_(std::move(folder)) {}

    /// Makes the group, or takes over what an earlier run left; its folder.
    Result<std::string> make(const std::string& name) const;
    /// Passes a controller ("memory", "pids") on to the groups that were made and are to be made.
    Result<bool> enable(const std::string& controller) const;

 private:
    Result<bool> find(const std::string& controller) const;
    Result<bool> vacate(const std::string& passed_on) const;
    Error givenUp(const std::string& passed_on, Error why) const;
    Result<std::vector<pid_t>> ours(const std::string& pids) const;
    Result<bool> moveToLeaf(const std::vector<pid_t>& pids) const;
    Result<bool> passOn(char sign, const std::string& controllers) const;
    bool isOurs(pid_t pid) const;

    pid_t leader_;
    std::string folder_;
};

}  // namespace turnpike::process
