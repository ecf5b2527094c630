#include "os/local.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "os/call.h"
#include "os/file.h"

namespace turnpike::os {
namespace {
constexpr size_t kMostMessages = 16;
constexpr unsigned kDeepest = 32;

int unlinkAt(int folder, const std::string& name, int flags) {
    return static_cast<int>(call(Class::File, false, [&] { return ::unlinkat(folder, name.c_str(), flags); }));
}

/// `name` in `folder`, a folder itself. `left`: how many names may be removed in all.
int removeAt(int folder, const std::string& name, size_t& left, unsigned depth) {
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    auto fd = call(Class::File, false, [&] { return ::openat(folder, name.c_str(), kFlags); });
    if (fd < 0) return static_cast<int>(fd);
    Fd self(static_cast<int>(fd), Class::File);
    std::vector<std::string> names;
    auto keep = [&](std::string_view found) {
        names.emplace_back(found);
        return names.size() <= left;
    };
    if (int listed = listDirectory(self.get(), keep, Class::File); listed < 0) return listed;
    if (names.size() > left) return -E2BIG;
    left -= names.size();
    for (const std::string& inside : names) {
        int removed = unlinkAt(self.get(), inside, 0);
        if (removed == -EISDIR || removed == -EPERM)  // POSIX has the other one for folders
            removed = depth == 0 ? -E2BIG : removeAt(self.get(), inside, left, depth - 1);
        if (removed < 0) return removed;
    }
    return unlinkAt(folder, name, AT_REMOVEDIR);
}
}  // namespace

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

namespace {
/// Never what somebody has put in its place: a link, or another kind of file. Or -errno.
Fd lookAtSocket(const std::string& path, struct stat* st) {
    Fd socket(open(path, O_PATH | O_NOFOLLOW, 0, Class::File), Class::File);
    if (!socket) return socket;
    int looked = fstat(socket.get(), st, Class::File);
    if (looked == 0 && !S_ISSOCK(st->st_mode)) looked = -ENOTSOCK;
    return looked == 0 ? std::move(socket) : Fd(looked, Class::File);
}
}  // namespace

/// By one descriptor: whoever may write to the folder can change nothing between the calls.
int permitSocket(const std::string& path, std::optional<gid_t> group, unsigned mode) {
    struct stat st {};
    const Fd socket = lookAtSocket(path, &st);
    if (!socket) return socket.get();
    constexpr auto kSameUser = static_cast<uid_t>(-1);
    if (group)
        if (auto given = call(Class::File, false,
                              [&] { return ::fchownat(socket.get(), "", kSameUser, *group, AT_EMPTY_PATH); });
            given < 0)
            return static_cast<int>(given);
    return changeMode("/proc/self/fd/" + std::to_string(socket.get()), mode);
}

bool isForEverybody(const std::string& socket) {
    struct stat st {};
    return lookAtSocket(socket, &st) && (st.st_mode & S_IWOTH) != 0;
}

int removeDirectory(const std::string& path) {
    return static_cast<int>(call(Class::File, false, [&] { return ::rmdir(path.c_str()); }));
}

int removeTree(const std::string& path, size_t most) { return removeAt(AT_FDCWD, path, most, kDeepest); }

int moveFile(const std::string& from, const std::string& to) {
    return static_cast<int>(call(Class::File, false, [&] { return ::rename(from.c_str(), to.c_str()); }));
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

int64_t fileSize(const std::string& path) {
    struct stat known {};
    auto found = call(Class::File, false, [&] { return ::lstat(path.c_str(), &known); });
    return found == 0 && S_ISREG(known.st_mode) ? known.st_size : -1;
}

}  // namespace turnpike::os
