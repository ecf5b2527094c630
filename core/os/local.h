// local.h - talking to processes of this machine: who the peer is, datagrams, message batches, and poll(2) for the
// processes that wait for few descriptors.
#pragma once
#include <poll.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/fd.h"

namespace turnpike::os {

using ledger::Class;

/// The user who connected a unix socket (SO_PEERCRED), or -errno.
int64_t peerUser(int fd);
/// One datagram to a unix socket's path; '@' first: the abstract namespace. Never waits: -EAGAIN when the receiver
/// does not keep up. Two calls and a close.
int sendDatagram(const std::string& path, std::string_view text);
/// Up to `most` (16 at the highest) messages of at most `stride` bytes in one call, the i-th at `to + i * stride`
/// with its size in sizes[i]. A size of 0: the peer is gone. Fewer than `most`: nothing was left.
int recvMessages(int fd, void* to, size_t stride, size_t* sizes, size_t most, Class c);
/// poll(2), also returning on EINTR (0).
int poll(pollfd* fds, size_t count, int timeout_ms);
/// A descriptor that came from outside: close-on-exec, and blocking or not.
int setBlocking(int fd, bool blocking);
int setCloseOnExec(int fd);
/// -ENOTSOCK, 0 or 1: whether fd is a listening socket.
int isListening(int fd);
/// The same file description under another number, close-on-exec.
int duplicate(int fd, Class c);
int changeOwner(const std::string& path, uid_t user, gid_t group);
int changeOwner(int fd, uid_t user, gid_t group);
int changeMode(const std::string& path, unsigned mode);
/// The group (none: as it is) and the mode of the socket that lies there. Follows no link; -ENOTSOCK when it is
/// something else. Needs /proc.
int permitSocket(const std::string& path, std::optional<gid_t> group, unsigned mode);
/// Everybody who reaches its folder may connect to the socket that lies there.
bool isForEverybody(const std::string& socket);
int removeDirectory(const std::string& path);
/// The folder and all that is in it. Follows no link, so that somebody who may write there cannot lead it
/// elsewhere. -E2BIG when more than `most` names lie there, or too deep: it then stays, emptied in part.
int removeTree(const std::string& path, size_t most);
/// rename(2)
int moveFile(const std::string& from, const std::string& to);
/// The user who owns the folder; -ENOTDIR when it is something else, a symbolic link too.
int64_t folderOwner(const std::string& path);
bool exists(const std::string& path);
/// Of a regular file, which a symbolic link is not; -1: it is none.
int64_t fileSize(const std::string& path);

}  // namespace turnpike::os
