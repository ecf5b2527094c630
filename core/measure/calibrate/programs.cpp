#include "measure/calibrate/programs.h"

#include <algorithm>
#include <cstring>

#include "os/file.h"
#include "os/local.h"
#include "os/machine.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

using os::Class;

/// "8.10" is higher than "8.9".
bool isHigher(const std::string& a, const std::string& b) { return ::strverscmp(a.c_str(), b.c_str()) > 0; }

/// `candidate` is `name` with a version behind it.
bool isVersionOf(const std::string& candidate, const std::string& name) {
    return candidate.starts_with(name) &&
           candidate.find_first_not_of("0123456789.", name.size()) == std::string::npos;
}

std::string readAll(int fd) {
    std::string text;
    char block[4096];
    for (int64_t got; (got = os::read(fd, block, sizeof block, Class::File)) > 0;)
        text.append(block, static_cast<size_t>(got));
    return text;
}

}  // namespace

std::string ownProgramFolder() {
    const std::string program = os::executablePath();
    return program.substr(0, program.rfind('/') + 1) + TURNPIKE_PROGRAMS_FROM_PROGRAM;
}

std::string findProgram(const std::string& name) {
    return findProgram(name, {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/usr/libexec"});
}

std::string findProgram(const std::string& name, const std::vector<std::string>& folders) {
    std::string found, best;
    for (const std::string& folder : folders) {
        for (const std::string& candidate : namesIn(folder)) {
            if (!isVersionOf(candidate, name)) continue;
            const bool is_exact = candidate == name;
            if (!is_exact && !best.empty() && !isHigher(candidate, best)) continue;
            best = candidate;
            found.assign(folder).append("/").append(candidate);
            if (is_exact) return found;
        }
    }
    return found;
}

std::vector<std::string> namesIn(const std::string& folder) {
    std::vector<std::string> names;
    os::Fd fd(os::open(folder, O_RDONLY | O_DIRECTORY, 0, Class::File), Class::File);
    if (!fd) return names;
    os::listDirectory(
        fd.get(), [&](std::string_view name) { return names.emplace_back(name), true; }, Class::File);
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<const char*> argumentsOf(const std::vector<std::string>& command) {
    std::vector<const char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(word.c_str());
    arguments.push_back(nullptr);
    return arguments;
}

std::optional<std::string> outputOf(const std::vector<std::string>& command) {
    const std::vector<const char*> argv = argumentsOf(command);
    const char* const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", nullptr};
    int fds[2];
    if (os::pipe(fds, 0, Class::File) < 0) return std::nullopt;
    os::Fd ours(fds[0], Class::File), theirs(fds[1], Class::File);
    os::Fd null(os::open("/dev/null", O_RDWR, 0, Class::File), Class::File);
    os::Program program;
    program.argv = argv.data();
    program.env = env;
    program.stdin_fd = program.stderr_fd = null.get();
    program.stdout_fd = theirs.get();
    const os::Started started = os::start(program);
    theirs.reset();
    if (started.error != 0) return std::nullopt;
    os::setBlocking(ours.get(), true);
    std::string text = readAll(ours.get());
    os::Ended ended{};
    os::waitFor(started.pid, &ended);
    return ended.status == 0 ? std::optional(text) : std::nullopt;
}

}  // namespace turnpike::measure
