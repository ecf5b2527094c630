#include "support/running_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "support/patience.h"
#include "support/raw_client.h"

namespace turnpike {
RunningProgram::RunningProgram(const std::vector<std::string>& argv, const std::string& log) : log_(log) {
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(fd, 1);
    dup2(fd, 2);
    execv(words[0], words.data());
    _exit(127);
}

RunningProgram::~RunningProgram() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    if (eventually([this] { return waitpid(pid_, nullptr, WNOHANG) == pid_; })) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

bool RunningProgram::waitForPort(uint16_t port) {
    bool done = eventually([&] {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
        return pid_ < 0 || RawClient(port).isConnected();
    });
    return done && pid_ > 0;
}

int RunningProgram::waitForEnd() {
    int status = 0;
    if (!eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, std::chrono::seconds(60))) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string RunningProgram::output() const {
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    return text.str();
}

}  // namespace turnpike
