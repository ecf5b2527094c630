#include "os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cstring>

#include "os/call.h"

namespace turnpike::os {
using ledger::Class;

Result<Fd> watchSignals(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int s : signals) sigaddset(&set, s);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    int fd = static_cast<int>(
        call(Class::Event, false, [&] { return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK); }));
    if (fd < 0) return Error{-fd, std::string("signalfd: ") + std::strerror(-fd)};
    return Fd(fd, Class::Event);
}

int nextSignal(int fd) {
    signalfd_siginfo info{};
    auto got = call(Class::Event, true, [&] { return ::read(fd, &info, sizeof info); });
    return got == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void ignoreSignals(std::initializer_list<int> signals) {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    for (int s : signals) ::sigaction(s, &action, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace turnpike::os
