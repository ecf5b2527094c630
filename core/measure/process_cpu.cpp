#include "measure/process_cpu.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "os/file.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

constexpr uint64_t kTickNs = 10'000'000;        // USER_HZ is 100 for user space on every Linux
constexpr uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD of the kernel's linux/sched.h, unchanged since 2.6

uint64_t parseNumber(std::string_view text) {
    uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool isNumber(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The numeric names in a folder.
std::vector<std::string> numbersIn(const std::string& folder) {
    std::vector<std::string> names;
    os::Fd fd(os::open(folder, O_RDONLY | O_DIRECTORY, 0, os::Class::File), os::Class::File);
    if (!fd) return names;
    auto keep = [&](std::string_view name) {
        if (isNumber(name)) names.emplace_back(name);
        return true;
    };
    os::listDirectory(fd.get(), keep, os::Class::File);
    return names;
}

/// The n-th word (from 0) of a line.
std::string_view word(std::string_view line, unsigned n) {
    for (; n > 0; --n) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    return line.substr(0, line.find(' '));
}

/// False when the process has just ended.
bool readProcess(const std::string& pid, Process& to) {
    auto text = os::readFile("/proc/" + pid + "/stat");
    if (!text) return false;
    size_t name_end = text->rfind(") ");  // the name may hold anything, parentheses and spaces too
    if (name_end == std::string::npos) return false;
    std::string_view rest = std::string_view(*text).substr(name_end + 2);
    to.pid = static_cast<pid_t>(parseNumber(pid));
    to.parent = static_cast<pid_t>(parseNumber(word(rest, 1)));
    to.is_kernel = (parseNumber(word(rest, 6)) & kKernelThread) != 0;
    to.waited_ns = (parseNumber(word(rest, 13)) + parseNumber(word(rest, 14))) * kTickNs;  // cutime, cstime
    to.own_ns = os::cpuNs(to.pid);
    return true;
}

}  // namespace

Result<std::vector<Process>> listProcesses() {
    std::vector<Process> all;
    for (const std::string& pid : numbersIn("/proc")) {
        Process process;
        if (readProcess(pid, process)) all.push_back(process);
    }
    if (all.empty()) return Error{ENOENT, "/proc shows no processes"};
    return all;
}

uint64_t treeNs(const std::vector<Process>& all, pid_t root) {
    uint64_t sum = 0;
    for (const Process& process : all) {
        if (process.pid == root) sum += process.own_ns + process.waited_ns;
        if (process.parent == root && process.pid != root) sum += treeNs(all, process.pid);
    }
    return sum;
}

ServerCpu splitServer(const std::vector<Process>& all, pid_t master) {
    ServerCpu cpu;
    for (const Process& process : all) {
        if (process.pid == master) cpu.engine_ns += process.own_ns;
        if (process.parent != master || process.pid == master) continue;
        cpu.engine_ns += process.own_ns;
        cpu.backend_ns += treeNs(all, process.pid) - process.own_ns - process.waited_ns;
    }
    return cpu;
}

}  // namespace turnpike::measure
