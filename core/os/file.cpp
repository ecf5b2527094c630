#include "os/file.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "os/call.h"

namespace turnpike::os {
namespace {

int openat2(int root, const char* path, int flags, uint64_t resolve, Class c) {
    open_how how{};
    how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
    how.resolve = resolve;
    return static_cast<int>(call(c, false, [&] { return ::syscall(SYS_openat2, root, path, &how, sizeof how); }));
}

constexpr uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

/// Opens one component without following it and tells whose it is; for the owner rule.
int openLinkAware(int folder, const std::string& name, struct stat* st, Class c) {
    int fd = openat2(folder, name.c_str(), O_PATH | O_NOFOLLOW, kBeneath, c);
    if (fd < 0) return fd;
    int known = fstat(fd, st, c);
    if (known < 0) {
        close(fd, c);
        return known;
    }
    return fd;
}

/// Checks every prefix of `path`: a link there must have the owner of what it leads to. What is opened in the
/// end is held against the last check by device and inode, so that a link exchanged meanwhile does not pass.
int openOwned(int root, const std::string& path, int flags, Class c) {
    struct stat target {};
    for (size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        std::string prefix = path.substr(0, end);
        struct stat link {};
        int fd = openLinkAware(root, prefix, &link, c);
        if (fd < 0) return fd;
        close(fd, c);
        target = link;
        if (!S_ISLNK(link.st_mode)) continue;
        fd = openat2(root, prefix.c_str(), O_PATH, kBeneath, c);
        if (fd < 0) return fd;
        int known = fstat(fd, &target, c);
        close(fd, c);
        if (known < 0) return known;
        if (target.st_uid != link.st_uid) return -ELOOP;
    }
    int fd = openat2(root, path.c_str(), flags, kBeneath, c);
    if (fd < 0) return fd;
    struct stat opened {};
    if (fstat(fd, &opened, c) < 0 || opened.st_ino != target.st_ino || opened.st_dev != target.st_dev) {
        close(fd, c);
        return -ELOOP;
    }
    return fd;
}

}  // namespace

void close(int fd, Class c) {
    if (fd < 0) return;
    int result = ::close(fd);  // never retried: Linux has freed the number even on EINTR
    ledger::count(c, result < 0 ? -errno : 0, false);
}

int openBeneath(int root, std::string_view path, int flags, Links links, Class c) {
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    std::string relative(path.empty() ? std::string_view(".") : path);
    if (links == Links::Beneath) return openat2(root, relative.c_str(), flags, kBeneath, c);
    int fd = openat2(root, relative.c_str(), flags, kBeneath | RESOLVE_NO_SYMLINKS, c);
    if (fd == -ELOOP && links == Links::Owner) return openOwned(root, relative, flags, c);
    return fd;
}

int open(const std::string& path, int flags, unsigned mode, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

int openUnnamed(const std::string& folder, Class c) { return open(folder, O_TMPFILE | O_RDWR, 0600, c); }

int memoryFile(const std::string& name, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::memfd_create(name.c_str(), MFD_CLOEXEC); }));
}

int fstat(int fd, struct stat* to, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::fstat(fd, to); }));
}

int64_t pread(int fd, void* to, size_t size, uint64_t offset, Class c) {
    return call(c, true, [&] { return ::pread(fd, to, size, static_cast<off_t>(offset)); });
}

int64_t pwrite(int fd, const void* data, size_t size, uint64_t offset, Class c) {
    return call(c, true, [&] { return ::pwrite(fd, data, size, static_cast<off_t>(offset)); });
}

int64_t read(int fd, void* to, size_t size, Class c) {
    return call(c, true, [&] { return ::read(fd, to, size); });
}

int64_t write(int fd, const void* data, size_t size, Class c) {
    return call(c, true, [&] { return ::write(fd, data, size); });
}

int64_t writev(int fd, const iovec* parts, size_t count, Class c) {
    return call(c, true, [&] { return ::writev(fd, parts, static_cast<int>(count)); });
}

int listDirectory(int fd, const std::function<bool(std::string_view)>& each, Class c) {
    alignas(dirent64) char buffer[32768];
    for (;;) {
        int64_t size = call(c, true, [&] { return ::syscall(SYS_getdents64, fd, buffer, sizeof buffer); });
        if (size <= 0) return static_cast<int>(size);
        for (int64_t at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
            std::string_view name(entry->d_name);
            if (name != "." && name != ".." && !each(name)) return 0;
            at += entry->d_reclen;
        }
    }
}

int pipe(int fds[2], int ours, Class c) {
    int made = static_cast<int>(call(c, false, [&] { return ::pipe2(fds, O_CLOEXEC); }));
    if (made < 0) return made;
    int mine = fds[ours];
    return static_cast<int>(call(c, false, [&] { return ::fcntl(mine, F_SETFL, O_NONBLOCK); }));
}

int64_t setPipeSize(int fd, int bytes, Class c) {
    return call(c, false, [&] { return ::fcntl(fd, F_SETPIPE_SZ, bytes); });
}

int64_t pipeSize(int fd, Class c) {
    return call(c, false, [&] { return ::fcntl(fd, F_GETPIPE_SZ); });
}

int64_t splice(int from, int to, size_t size, bool more, Class c) {
    const unsigned flags = SPLICE_F_NONBLOCK | SPLICE_F_MOVE | (more ? SPLICE_F_MORE : 0u);
    return call(c, true, [&] { return ::splice(from, nullptr, to, nullptr, size, flags); });
}

int freePerMille(int fd, Class c) {
    struct statvfs space {};
    auto known = call(c, false, [&] { return ::fstatvfs(fd, &space); });
    if (known < 0) return static_cast<int>(known);
    if (space.f_blocks == 0) return 1000;
    return static_cast<int>(space.f_bavail * 1000 / space.f_blocks);
}

int makeDirectory(const std::string& path, unsigned mode) {
    return static_cast<int>(call(Class::File, false, [&] { return ::mkdir(path.c_str(), mode); }));
}

int removeFile(const std::string& path) {
    return static_cast<int>(call(Class::File, false, [&] { return ::unlink(path.c_str()); }));
}

Result<std::string> readFile(const std::string& path) {
    Fd fd(open(path, O_RDONLY, 0, Class::File), Class::File);
    if (!fd) return Error{-fd.get(), path + ": " + std::strerror(-fd.get())};
    return readWhole(fd.get(), path);
}

Result<std::string> readWhole(int fd, const std::string& name) {
    constexpr size_t kMost = size_t{16} << 20;
    std::string text;
    char buffer[65536];
    for (;;) {
        int64_t size = read(fd, buffer, sizeof buffer, Class::File);
        if (size < 0) return Error{static_cast<int>(-size), name + ": " + std::strerror(static_cast<int>(-size))};
        if (size == 0) return text;
        text.append(buffer, static_cast<size_t>(size));
        if (text.size() > kMost) return Error{EFBIG, name + ": larger than 16 MiB"};
    }
}

}  // namespace turnpike::os
