// child.h - a program that the bed runs. It gets a clean environment, writes what it says into a file, and dies
// with this process, however that dies.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/privileges.h"

namespace turnpike::measure {

class Child {
 public:
    struct Program {
        std::vector<std::string> argv;  // argv[0] is the path
        std::string folder;             // where it runs
        std::string log;                // what it says is appended here
        std::optional<os::Identity> user;
        int death_signal = 9;  // what it gets when this process dies
    };
    static Result<Child> start(const Program& program);

    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    /// Stops it.
    ~Child();

    pid_t pid() const { return pid_; }
    bool isRunning();
    /// How it ended: "exit status 1"; empty while it runs.
    const std::string& end() const { return end_; }
    /// Waits up to `ms` for its end; true: it has ended.
    bool waitForEnd(uint64_t ms);
    /// SIGTERM, and SIGKILL to its group when it is still there after some seconds.
    void stop();
    /// The last lines that it wrote.
    std::string lastWords() const;

 private:
    Child(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}
    pid_t pid_ = -1;
    std::string log_, end_;
};

}  // namespace turnpike::measure
