#include "processes.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace turnpike::e2e {
namespace {

/// The fields of /proc/PID/stat that follow the name, which may hold anything.
std::vector<std::string> statOf(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text;
    std::getline(file, text, '\0');  // of a process that ends just then: nothing, where an iterator would throw
    size_t end = text.rfind(')');
    if (end == std::string::npos) return {};
    std::istringstream rest(text.substr(end + 1));
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

}  // namespace

char stateOf(pid_t pid) {
    auto fields = statOf(std::to_string(pid));
    return fields.empty() ? '-' : fields[0][0];
}

bool isAlive(pid_t pid) { return std::string("-ZX").find(stateOf(pid)) == std::string::npos; }

bool signalTo(pid_t pid, int number) { return pid > 1 && ::kill(pid, number) == 0; }

pid_t firstOf(const std::set<pid_t>& pids) { return pids.empty() ? 0 : *pids.begin(); }

std::set<pid_t> descendants(pid_t pid) {
    std::multimap<pid_t, pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (auto fields = statOf(name); fields.size() > 1) children.emplace(std::stoi(fields[1]), std::stoi(name));
    }
    std::set<pid_t> found;
    for (std::vector<pid_t> next{pid}; !next.empty();) {
        auto [from, to] = children.equal_range(next.back());
        next.pop_back();
        for (; from != to; ++from)
            if (found.insert(from->second).second) next.push_back(from->second);
    }
    return found;
}

int openDescriptors(pid_t pid, const std::string& part) {
    std::error_code error;
    std::filesystem::directory_iterator folder("/proc/" + std::to_string(pid) + "/fd", error);
    if (error) return -1;
    int count = 0;
    for (const auto& entry : folder) {
        std::string target = std::filesystem::read_symlink(entry.path(), error).string();
        if (!error && target.find(part) != std::string::npos) ++count;
    }
    return count;
}

long cpuMs(pid_t pid) {
    constexpr size_t kUser = 11, kSystem = 12;
    auto fields = statOf(std::to_string(pid));
    if (fields.size() <= kSystem) return 0;
    return (std::stol(fields[kUser]) + std::stol(fields[kSystem])) * 1000 / ::sysconf(_SC_CLK_TCK);
}

}  // namespace turnpike::e2e
