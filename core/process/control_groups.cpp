#include "process/control_groups.h"

#include <sstream>

#include "os/file.h"
#include "os/local.h"
#include "os/process.h"
#include "process/control_file.h"

namespace turnpike::process {
namespace {
// Processes that are started while others are moved are found in the next round.
constexpr int kMostRounds = 10;

/// Spaces and the like are written as three octal digits there.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// "ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS... - TYPE ..."
struct Mount {
    std::string root, point;
};
bool readMount(const std::string& line, Mount& mount) {
    size_t dash = line.find(" - ");
    if (dash == std::string::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) return false;
    std::istringstream words(line);
    std::string skipped;
    words >> skipped >> skipped >> skipped >> mount.root >> mount.point;
    mount.root = mount.root == "/" ? "" : unescaped(mount.root);
    mount.point = unescaped(mount.point);
    return true;
}

std::string ownPath(std::string_view cgroup) {
    std::istringstream lines{std::string(cgroup)};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("0::/")) return line.substr(3);
    return {};
}

bool isBelow(const std::string& path, const std::string& root) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

/// A spawner that replaces another one is in the leaf already.
std::string aboveLeaf(std::string folder) {
    const std::string leaf = "/" + std::string(ControlGroups::kLeaf);
    if (folder.ends_with(leaf)) folder.resize(folder.size() - leaf.size());
    return folder;
}

std::string ownFolder() {
    auto mounts = os::readFile("/proc/self/mountinfo"), groups = os::readFile("/proc/self/cgroup");
    return mounts && groups ? aboveLeaf(groupFolder(*mounts, *groups)) : "";
}

bool hasWord(const std::string& text, const std::string& word) {
    std::istringstream words(text);
    for (std::string each; words >> each;)
        if (each == word) return true;
    return false;
}
}  // namespace

std::string groupFolder(std::string_view mountinfo, std::string_view cgroup) {
    const std::string path = ownPath(cgroup);
    // A group outside the process's cgroup namespace is shown with "..".
    if (path.empty() || path.find("/..") != std::string::npos) return {};
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        Mount mount;
        if (!readMount(line, mount) || !isBelow(path, mount.root)) continue;
        const std::string rest = path.substr(mount.root.size());
        return rest == "/" ? mount.point : mount.point + rest;
    }
    return {};
}

ControlGroups::ControlGroups(pid_t leader) : ControlGroups(leader, ownFolder()) {}

Result<std::string> ControlGroups::make(const std::string& name) const {
    if (folder_.empty())
        return Error{ENOENT, "/proc/self/mountinfo: no cgroup v2 file system shows this process's group"};
    std::string folder = folder_ + "/" + name;
    int made = os::makeDirectory(folder, 0755);
    if (made < 0 && made != -EEXIST) return fileError(folder, made);
    return folder;
}

Result<bool> ControlGroups::enable(const std::string& controller) const {
    auto now = os::readFile(folder_ + "/cgroup.subtree_control");
    if (!now) return now.error();
    const bool is_passed_on = hasWord(*now, controller);
    if (!is_passed_on)
        if (auto available = find(controller); !available) return available;
    // Only the root may hold processes and pass controllers on, and it has no type.
    if (os::exists(folder_ + "/cgroup.type"))
        if (auto vacated = vacate(*now); !vacated) return vacated;
    return is_passed_on ? true : passOn('+', controller);
}

Result<bool> ControlGroups::find(const std::string& controller) const {
    const std::string list = folder_ + "/cgroup.controllers";
    auto available = os::readFile(list);
    if (!available) return available.error();
    if (hasWord(*available, controller)) return true;
    return Error{ENOENT, list + ": the controller \"" + controller + "\" is not available there"};
}

/// Nobody is moved unless all can be. The kernel passes "pids" on from a group with processes, too, and then lets
/// nobody into the groups below it (cgroup-v2.rst, "Threads"). So what is passed on already, as by a server that
/// was killed here, is taken back until the group is empty; groups that it left lose their limits by that.
Result<bool> ControlGroups::vacate(const std::string& passed_on) const {
    const std::string procs = folder_ + "/cgroup.procs";
    for (int round = 0; round < kMostRounds; ++round) {
        auto pids = os::readFile(procs);
        if (!pids) return pids.error();
        if (pids->empty()) return round == 0 ? true : passOn('+', passed_on);
        auto all = ours(*pids);
        if (!all) return all.error();
        auto moved = passOn('-', passed_on);
        if (moved) moved = moveToLeaf(*all);
        if (!moved) return givenUp(passed_on, moved.error());
    }
    return givenUp(passed_on, {EBUSY, procs + ": processes are started faster than they can be moved"});
}

/// What was taken back is passed on as before.
Error ControlGroups::givenUp(const std::string& passed_on, Error why) const {
    if (auto back = passOn('+', passed_on); !back) why.text += "; " + back.error().text;
    return why;
}

Result<std::vector<pid_t>> ControlGroups::ours(const std::string& pids) const {
    std::vector<pid_t> all;
    std::istringstream words(pids);
    for (pid_t pid = 0; words >> pid;) {
        if (!isOurs(pid))
            return Error{EBUSY, folder_ + "/cgroup.procs: process " + std::to_string(pid) +
                                    " there is not of this server, which needs a group of its own (systemd: "
                                    "Delegate=yes)"};
        all.push_back(pid);
    }
    return all;
}

Result<bool> ControlGroups::moveToLeaf(const std::vector<pid_t>& pids) const {
    auto leaf = make(std::string(kLeaf));
    if (!leaf) return leaf.error();
    const std::string to = *leaf + "/cgroup.procs";
    for (pid_t pid : pids) {
        int written = writeControl(to, std::to_string(pid));
        if (written < 0 && written != -ESRCH) return fileError(to, written);
    }
    return true;
}

Result<bool> ControlGroups::passOn(char sign, const std::string& controllers) const {
    const std::string file = folder_ + "/cgroup.subtree_control";
    std::istringstream words(controllers);
    for (std::string each; words >> each;)
        if (int written = writeControl(file, sign + each); written < 0) return fileError(file, written);
    return true;
}

/// One that has ended meanwhile is nobody else's.
bool ControlGroups::isOurs(pid_t pid) const {
    while (pid > 1 && pid != leader_) pid = os::parentOf(pid);
    return pid == leader_ || pid < 0;
}

}  // namespace turnpike::process
