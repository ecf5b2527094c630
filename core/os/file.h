// file.h - files, directories and pipes. One system call each unless it says otherwise, counted; 0 or more, or
// -errno.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/fd.h"

namespace turnpike::os {

using ledger::Class;

/// What openBeneath() does with symbolic links.
enum class Links {
    Deny,    // none is followed
    Owner,   // followed below the root, when link and target have one owner
    Beneath  // followed below the root
};

/// openat2 below `root`: whatever `path` says, the kernel never leaves root (RESOLVE_BENEATH) and follows no
/// magic link. `path` is relative or begins with '/', which is taken off. One call unless Links::Owner meets a
/// link. -ENOENT, -ELOOP (a link was refused), -EXDEV (it leads out).
int openBeneath(int root, std::string_view path, int flags, Links links, Class c);
int open(const std::string& path, int flags, unsigned mode, Class c);
/// An unnamed file in `folder`, gone when closed.
int openUnnamed(const std::string& folder, Class c);
/// An unnamed file in memory that may hold code; `name` is what /proc/PID/maps and a debugger show.
int memoryFile(const std::string& name, Class c);
int fstat(int fd, struct stat* to, Class c);
int64_t pread(int fd, void* to, size_t size, uint64_t offset, Class c);
int64_t pwrite(int fd, const void* data, size_t size, uint64_t offset, Class c);
int64_t read(int fd, void* to, size_t size, Class c);
int64_t write(int fd, const void* data, size_t size, Class c);
int64_t writev(int fd, const iovec* parts, size_t count, Class c);
/// Calls each() with every name but "." and ".." until it returns false. Several calls.
int listDirectory(int fd, const std::function<bool(std::string_view)>& each, Class c);
/// fds[0] reads, fds[1] writes; both close-on-exec. End `ours` is made non-blocking, the other is for a child
/// that expects to block. Two calls.
int pipe(int fds[2], int ours, Class c);
/// How many bytes a pipe holds from now on: at least `bytes`, or -errno (-EPERM: more than its user may have).
int64_t setPipeSize(int fd, int bytes, Class c);
int64_t pipeSize(int fd, Class c);
/// Moves up to `size` bytes between two descriptors, one of them a pipe, without a copy in user space. How many,
/// 0: `from` has ended; -EAGAIN: `from` has none now, or `to` has no room. `more`: something follows at once.
int64_t splice(int from, int to, size_t size, bool more, Class c);
/// Free space of the file system that holds fd, in per mille of its size.
int freePerMille(int fd, Class c);
int makeDirectory(const std::string& path, unsigned mode);
int removeFile(const std::string& path);
/// The whole of a small file (at most 16 MiB). For start-up.
Result<std::string> readFile(const std::string& path);
/// The same from an open one; `name` is for messages.
Result<std::string> readWhole(int fd, const std::string& name);

}  // namespace turnpike::os
