// mappings.h - which plugins a process has in its memory.
#pragma once
#include <sys/types.h>

#include <fstream>
#include <set>
#include <string>

namespace turnpike::testing {

/// The private copies that are mapped into process `pid` (a number or "self"): one inode for each load.
inline std::set<std::string> copiesOf(const std::string& plugin, const std::string& pid) {
    std::ifstream maps("/proc/" + pid + "/maps");
    std::set<std::string> inodes;
    for (std::string line; std::getline(maps, line);) {
        size_t name = line.find("memfd:turnpike-plugin-" + plugin + " ");
        if (name == std::string::npos) continue;
        size_t end = line.find_last_not_of(" /", name - 1);
        inodes.insert(line.substr(line.rfind(' ', end) + 1, end - line.rfind(' ', end)));
    }
    return inodes;
}

}  // namespace turnpike::testing
