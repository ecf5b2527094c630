#include "support/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include "support/patience.h"
#include "support/raw_client.h"

namespace turnpike {
namespace {

std::string slurp(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void replaceAll(std::string& text, const std::string& name, const std::string& value) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

pid_t start(const std::string& config, const std::string& log) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(fd, 1);
    dup2(fd, 2);
    execl(TURNPIKE_PROGRAM, TURNPIKE_PROGRAM, "serve", "-c", config.c_str(), nullptr);
    _exit(127);
}

/// Somebody listens there, which a connection would show as well, but leave a trace of in the server's counters.
bool isOpen(int port) {
    char local[16];
    std::snprintf(local, sizeof local, ":%04X ", static_cast<unsigned>(port));
    std::ifstream table("/proc/net/tcp");
    for (std::string line; std::getline(table, line);)
        if (line.find(local) != std::string::npos && line.find(":0000 0A ") != std::string::npos) return true;
    return false;
}

/// All ports of the config's `listen`: they are opened one after the other.
bool areAllOpen(const std::string& config) {
    constexpr std::string_view kAddress = "127.0.0.1:";
    const size_t begin = config.find("listen = ["), end = config.find(']', begin);
    for (size_t at = config.find(kAddress, begin); at < end; at = config.find(kAddress, at)) {
        at += kAddress.size();
        if (!isOpen(std::atoi(config.c_str() + at))) return false;
    }
    return true;
}

}  // namespace

uint16_t freePort() {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        ADD_FAILURE() << "no free port: " << strerror(errno);
    close(fd);
    return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(const std::string& sites, const std::string& server, const std::string& limits)
    : server_lines_(server), limit_lines_(limits), port_(freePort()) {
    // The workers of a server started as root are somebody else.
    ::chmod(folder_.path().c_str(), 0755);
    writeConfig(sites);
    folder_.write("error.log", "");
    folder_.write("access.log", "");
    for (const char* log : {"/error.log", "/access.log"}) ::chmod((folder_.path() + log).c_str(), 0666);
    pid_ = start(configPath(), folder_.path() + "/output.log");
    bool up = eventually([this] {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            return true;
        }
        return RawClient(port_).isConnected() && areAllOpen(slurp(configPath()));
    });
    if (!up || pid_ < 0)
        ADD_FAILURE() << "the server did not start:\n" << slurp(folder_.path() + "/output.log") << errorLog();
}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) stop();
    std::string said = slurp(folder_.path() + "/output.log") + errorLog();
    for (const char* mark :
         {"ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "LeakSanitizer"})
        if (said.find(mark) != std::string::npos) ADD_FAILURE() << said;
}

void ServerProcess::writeConfig(const std::string& sites) const {
    auto given = [this](const char* key) { return server_lines_.find(key) != std::string::npos; };
    std::string text = std::string("[server]\n") + (given("listen =") ? "" : "listen = [\"127.0.0.1:PORT\"]\n") +
                       (given("workers = ") ? "" : "workers = 1\n") +
                       "plugin_folder = \"" TURNPIKE_BUILD
                       "/plugins\"\nruntime_folder = \"FOLDER/run\"\nspool_folder = \"FOLDER/spool\"\nerror_log = "
                       "\"FOLDER/error.log\"\naccess_log = \"FOLDER/access.log\"\nlog_level = \"debug\"\n" +
                       server_lines_ + "\n[limits]\n" + limit_lines_ + "\n" + sites;
    replaceAll(text, "FOLDER", folder_.path());
    replaceAll(text, "PORT", std::to_string(port_));
    std::ofstream(configPath() + ".new") << text;
    ::rename((configPath() + ".new").c_str(), configPath().c_str());
}

std::string ServerProcess::errorLog() const { return slurp(folder_.path() + "/error.log"); }
std::string ServerProcess::accessLog() const { return slurp(folder_.path() + "/access.log"); }

bool ServerProcess::waitForLog(const std::string& text) const {
    return eventually([&] { return errorLog().find(text) != std::string::npos; });
}

std::string ServerProcess::waitForAccess(size_t lines) const {
    std::string log;
    eventually([&] {
        log = accessLog();
        return static_cast<size_t>(std::count(log.begin(), log.end(), '\n')) >= lines;
    });
    return log;
}

int ServerProcess::run(const std::string& verb, std::string* output) const {
    return runProgram(TURNPIKE_PROGRAM " " + verb + " -c " + configPath() + " 2>&1", output);
}

void ServerProcess::signal(int number) const { ::kill(pid_, number); }

int ServerProcess::stop() {
    if (pid_ <= 0) return -1;
    signal(SIGTERM);
    int status = 0;
    bool ended = eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; });
    if (!ended) {
        signal(SIGKILL);
        waitpid(pid_, &status, 0);
    }
    pid_ = -1;
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int runProgram(const std::string& shell_command, std::string* output) {
    FILE* pipe = popen(shell_command.c_str(), "r");
    if (pipe == nullptr) return -1;
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, pipe)) > 0;)
        if (output != nullptr) output->append(block, got);
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace turnpike
