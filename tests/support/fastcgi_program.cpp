#include "support/fastcgi_program.h"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace turnpike {

FastCgiProgram::FastCgiProgram(const std::string& program) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* sa = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd, sa, size) == 0 && listen(fd, 16) == 0 && getsockname(fd, sa, &size) == 0)
        port_ = ntohs(address.sin_port);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fd, 0);
        execl(program.c_str(), program.c_str(), nullptr);
        _exit(127);
    }
    close(fd);
}

FastCgiProgram::~FastCgiProgram() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

}  // namespace turnpike
