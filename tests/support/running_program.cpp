#include "support/running_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/raw_client.h"

namespace turnpike {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

template <class F>
bool waitUntil(F done, std::chrono::seconds patience = kPatience) {
    auto end = std::chrono::steady_clock::now() + patience;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& argv, const std::string& log) : log_(log) {
    std::vector<char*> words;
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
    if (waitUntil([this] { return waitpid(pid_, nullptr, WNOHANG) == pid_; })) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

bool RunningProgram::waitForPort(uint16_t port) {
    bool done = waitUntil([&] {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
        return pid_ < 0 || RawClient(port).isConnected();
    });
    return done && pid_ > 0;
}

int RunningProgram::waitForEnd() {
    int status = 0;
    if (!waitUntil([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, std::chrono::seconds(60))) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string RunningProgram::output() const {
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    return text.str();
}

}  // namespace turnpike
