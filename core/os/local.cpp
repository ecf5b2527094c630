#include "os/local.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "os/call.h"

namespace turnpike::os {
namespace {
constexpr size_t kMostMessages = 16;
}

int64_t peerUser(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    auto known = call(Class::Event, false, [&] { return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size); });
    return known < 0 ? known : static_cast<int64_t>(who.uid);
}

int sendDatagram(const std::string& path, std::string_view text) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.size() < 2 || path.size() >= sizeof to.sun_path) return -EINVAL;
    std::memcpy(to.sun_path, path.data(), path.size());
    auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    if (path.front() == '@')
        to.sun_path[0] = '\0';
    else
        ++size;
    int fd = static_cast<int>(
        call(Class::Event, false, [] { return ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }));
    if (fd < 0) return fd;
    Fd owner(fd, Class::Event);
    return static_cast<int>(call(Class::Event, true, [&] {
        return ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
    }));
}

int recvMessages(int fd, void* to, size_t stride, size_t* sizes, size_t most, Class c) {
    mmsghdr messages[kMostMessages]{};
    iovec parts[kMostMessages];
    if (most > kMostMessages) most = kMostMessages;
    for (size_t i = 0; i < most; ++i) {
        parts[i] = {static_cast<char*>(to) + i * stride, stride};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    auto count = call(
        c, false, [&] { return ::recvmmsg(fd, messages, static_cast<unsigned>(most), MSG_DONTWAIT, nullptr); });
    for (int64_t i = 0; i < count; ++i) {
        sizes[i] = messages[i].msg_len;
        ledger::payer().of[static_cast<size_t>(c)].bytes += sizes[i];
    }
    return static_cast<int>(count);
}

int poll(pollfd* fds, size_t count, int timeout_ms) {
    int64_t ready = ::poll(fds, count, timeout_ms);
    if (ready < 0) ready = -errno;
    ledger::count(Class::Event, ready, false);
    return ready == -EINTR ? 0 : static_cast<int>(ready);
}

int setBlocking(int fd, bool blocking) {
    auto flags = call(Class::Event, false, [&] { return ::fcntl(fd, F_GETFL); });
    if (flags < 0) return static_cast<int>(flags);
    int wanted = static_cast<int>(blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    return static_cast<int>(call(Class::Event, false, [&] { return ::fcntl(fd, F_SETFL, wanted); }));
}

int setCloseOnExec(int fd) {
    return static_cast<int>(call(Class::Event, false, [&] { return ::fcntl(fd, F_SETFD, FD_CLOEXEC); }));
}

int isListening(int fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    auto known =
        call(Class::Listen, false, [&] { return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size); });
    return known < 0 ? static_cast<int>(known) : listening;
}

int duplicate(int fd, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::fcntl(fd, F_DUPFD_CLOEXEC, 3); }));
}

int changeOwner(const std::string& path, uid_t user, gid_t group) {
    return static_cast<int>(call(Class::File, false, [&] { return ::lchown(path.c_str(), user, group); }));
}

int changeOwner(int fd, uid_t user, gid_t group) {
    return static_cast<int>(call(Class::File, false, [&] { return ::fchown(fd, user, group); }));
}

int changeMode(const std::string& path, unsigned mode) {
    return static_cast<int>(call(Class::File, false, [&] { return ::chmod(path.c_str(), mode); }));
}

int removeDirectory(const std::string& path) {
    return static_cast<int>(call(Class::File, false, [&] { return ::rmdir(path.c_str()); }));
}

int64_t folderOwner(const std::string& path) {
    struct stat known {};
    auto found = call(Class::File, false, [&] { return ::lstat(path.c_str(), &known); });
    if (found < 0) return found;
    return S_ISDIR(known.st_mode) ? static_cast<int64_t>(known.st_uid) : -ENOTDIR;
}

bool exists(const std::string& path) {
    struct stat known {};
    return call(Class::File, false, [&] { return ::lstat(path.c_str(), &known); }) == 0;
}

}  // namespace turnpike::os
