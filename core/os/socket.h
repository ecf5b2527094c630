// socket.h - stream sockets. Every function is one system call unless it says otherwise, counted in the ledger
// under the class given. Results: 0 or more, or -errno. EINTR is retried (each try counts). All descriptors are
// non-blocking and close-on-exec.
#pragma once
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/fd.h"

namespace turnpike::os {

using ledger::Class;

/// A numeric address, IPv4, IPv6 or a unix socket's path.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    /// "127.0.0.1:80", "[::1]:80", ":80" (every address, IPv6 and IPv4), "unix:/path".
    static Result<Address> parse(std::string_view text);
    /// Without the port: "127.0.0.1", "::1"; "unix:" for a unix socket. An IPv4-mapped address comes as IPv4.
    std::string host() const;
    /// What one client can be told by: an IPv4 address, or the first 64 bits of an IPv6 one, of which a client has
    /// as many as it likes. Not for printing.
    std::string network() const;
    uint16_t port() const;
    std::string text() const;
    bool isUnix() const { return storage.ss_family == AF_UNIX; }

 private:
    const uint8_t* ipv4() const;
};

/// socket + options + bind + listen. A unix socket's stale file (nobody listens) is replaced; `mode` is its mode.
Result<Fd> listen(const Address& address, int backlog, unsigned mode = 0660);
/// -EAGAIN when nobody waits. Fills *peer when not null.
int accept(int listener, Address* peer);
/// socket + connect. *done: connected already; otherwise wait for writability and ask socketError().
int connect(const Address& address, Class c, bool* done);
int socketError(int fd, Class c);
int localAddress(int fd, Class c, Address* address);
int setNoDelay(int fd, Class c);
/// How many bytes may be under way; the kernel rounds it and keeps to its own limits (net.core.wmem_max).
int setSendBuffer(int fd, int bytes, Class c);
/// Of a listening TCP socket: accept() has a connection when its first byte is there, or after so many seconds.
int setDeferAccept(int listener, unsigned seconds);

int64_t recv(int fd, void* to, size_t size, Class c);
/// As recv(), and the bytes stay there for the next one.
int64_t peek(int fd, void* to, size_t size, Class c);
int64_t send(int fd, const void* data, size_t size, bool more, Class c);
int64_t sendv(int fd, const iovec* parts, size_t count, bool more, Class c);
/// From a file at `offset`, without moving the file's own position. The bytes do not cross into user space.
int64_t sendfile(int fd, int file, uint64_t offset, size_t size, Class c);
int shutdownWrite(int fd, Class c);
/// Bytes that were sent and that the peer has not acknowledged yet.
int64_t unsent(int fd, Class c);
/// The next close() resets the connection, so that the peer does not take a cut answer for a whole one.
int resetOnClose(int fd, Class c);

/// For the ledger: a library has made a system call on a socket, with this result or -errno.
void countCall(Class c, int64_t result, bool moves_bytes);
/// Whether this kernel's TCP can encrypt (the module "tls" is there). Not counted.
bool hasKernelTls();

/// A connected pair of unix or TCP sockets (127.0.0.1) that block, as a program and a simple backend use them.
Result<std::pair<Fd, Fd>> unixPair();
Result<std::pair<Fd, Fd>> tcpPair();
/// A connected pair that keeps message boundaries (SOCK_SEQPACKET), for the server's own processes.
Result<std::pair<Fd, Fd>> messagePair();
/// One message with up to 8 descriptors. recvMessage() fills `fds` (close-on-exec) and sets *fd_count.
int64_t sendMessage(int fd, const void* data, size_t size, const int* fds, size_t fd_count, Class c);
int64_t recvMessage(int fd, void* to, size_t size, int* fds, size_t* fd_count, Class c);

}  // namespace turnpike::os
