#include "os/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "os/call.h"
#include "os/local.h"

namespace turnpike::os {
namespace {

Error failed(const std::string& what, int code) { return {code, what + ": " + std::strerror(code)}; }

Result<Address> parseUnix(std::string_view path) {
    Address a;
    auto* un = reinterpret_cast<sockaddr_un*>(&a.storage);
    if (path.empty() || path.size() >= sizeof un->sun_path)
        return Error{EINVAL, "a unix socket's path has 1 to 107 bytes: " + std::string(path)};
    un->sun_family = AF_UNIX;
    std::memcpy(un->sun_path, path.data(), path.size());
    a.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return a;
}

bool parsePort(std::string_view text, uint16_t& port) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size();
}

void fillAny(Address& a, uint16_t port) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&a.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_any;
    in6->sin6_port = htons(port);
    a.size = sizeof *in6;
}

bool fillHost(Address& a, std::string host, uint16_t port) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        auto* in6 = reinterpret_cast<sockaddr_in6*>(&a.storage);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        a.size = sizeof *in6;
        return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &in6->sin6_addr) == 1;
    }
    auto* in = reinterpret_cast<sockaddr_in*>(&a.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    a.size = sizeof *in;
    return inet_pton(AF_INET, host.c_str(), &in->sin_addr) == 1;
}

/// A socket file that nobody listens on any more is in the way of bind(); one in use is left alone.
void removeStale(const Address& address) {
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return;
    ledger::count(Class::Listen, probe, false);
    const auto* sa = reinterpret_cast<const sockaddr*>(&address.storage);
    bool refused = ::connect(probe, sa, address.size) != 0 && errno == ECONNREFUSED;
    ledger::count(Class::Listen, 0, false);
    close(probe, Class::Listen);
    if (refused) {
        ::unlink(reinterpret_cast<const sockaddr_un*>(sa)->sun_path);
        ledger::count(Class::Listen, 0, false);
    }
}

/// What a failed bind() means to who wrote the address.
Error bindError(const Address& address, int code) {
    Error error = failed("cannot bind " + address.text(), code);
    if (code == EADDRINUSE) error.text += ": another program listens there already";
    if (code == EADDRNOTAVAIL) error.text += ": it is no address of this machine";
    if (code == EACCES && !address.isUnix())
        error.text += ": so low a port needs root or the capability CAP_NET_BIND_SERVICE";
    return error;
}

int setOption(int fd, int level, int name, int value, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::setsockopt(fd, level, name, &value, sizeof value); }));
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    if (text.starts_with("unix:")) return parseUnix(text.substr(5));
    Address a;
    uint16_t port = 0;
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos || !parsePort(text.substr(colon + 1), port))
        return Error{EINVAL, "expected ADDRESS:PORT, :PORT or unix:/PATH, not " + std::string(text)};
    if (colon == 0 || text.substr(0, colon) == "*") {
        fillAny(a, port);
    } else if (!fillHost(a, std::string(text.substr(0, colon)), port)) {
        return Error{EINVAL, "not a numeric address: " + std::string(text.substr(0, colon))};
    }
    return a;
}

/// The four bytes of an IPv4 address, mapped into an IPv6 one or not; null: it is none.
const uint8_t* Address::ipv4() const {
    if (storage.ss_family == AF_INET)
        return reinterpret_cast<const uint8_t*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
    const auto& in6 = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
    return storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6) ? in6.s6_addr + 12 : nullptr;
}

std::string Address::host() const {
    if (const uint8_t* bytes = ipv4(); bytes != nullptr) {
        // inet_ntop() goes through printf, and a connection asks three times.
        std::string text;
        for (int i = 0; i < 4; ++i) text.append(i > 0 ? 1 : 0, '.').append(std::to_string(bytes[i]));
        return text;
    }
    if (storage.ss_family != AF_INET6) return "unix:";
    char buffer[INET6_ADDRSTRLEN] = "";
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, buffer, sizeof buffer);
    return buffer;
}

std::string Address::network() const {
    if (const uint8_t* bytes = ipv4(); bytes != nullptr) return {reinterpret_cast<const char*>(bytes), 4};
    if (storage.ss_family != AF_INET6) return host();
    return {reinterpret_cast<const char*>(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr.s6_addr), 8};
}

uint16_t Address::port() const {
    if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
    return 0;
}

std::string Address::text() const {
    if (isUnix()) return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&storage)->sun_path;
    std::string h = host();
    if (h.find(':') != std::string::npos) h = "[" + h + "]";
    return h + ":" + std::to_string(port());
}

Result<Fd> listen(const Address& address, int backlog, unsigned mode) {
    int family = address.storage.ss_family;
    int fd = static_cast<int>(call(
        Class::Listen, false, [&] { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }));
    if (fd < 0) return failed("socket", -fd);
    Fd owner(fd, Class::Listen);
    if (family == AF_UNIX) removeStale(address);
    if (family != AF_UNIX) setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, Class::Listen);
    if (family == AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0, Class::Listen);
    // Accepted sockets inherit it: one call here instead of one per connection.
    if (family != AF_UNIX) setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1, Class::Listen);
    const auto* sa = reinterpret_cast<const sockaddr*>(&address.storage);
    auto bound = call(Class::Listen, false, [&] { return ::bind(fd, sa, address.size); });
    if (bound < 0) return bindError(address, static_cast<int>(-bound));
    if (family == AF_UNIX) {
        const int changed = permitSocket(reinterpret_cast<const sockaddr_un*>(sa)->sun_path, {}, mode);
        if (changed < 0) return failed("chmod " + address.text(), -changed);
    }
    auto listening = call(Class::Listen, false, [&] { return ::listen(fd, backlog); });
    if (listening < 0) return failed("cannot listen on " + address.text(), static_cast<int>(-listening));
    return owner;
}

int accept(int listener, Address* peer) {
    sockaddr* sa = peer != nullptr ? reinterpret_cast<sockaddr*>(&peer->storage) : nullptr;
    if (peer != nullptr) peer->size = sizeof peer->storage;
    return static_cast<int>(call(Class::Listen, false, [&] {
        return ::accept4(listener, sa, peer != nullptr ? &peer->size : nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }));
}

int connect(const Address& address, Class c, bool* done) {
    int fd = static_cast<int>(call(c, false, [&] {
        return ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }));
    if (fd < 0) return fd;
    if (!address.isUnix()) setNoDelay(fd, c);
    const auto* sa = reinterpret_cast<const sockaddr*>(&address.storage);
    auto result = call(c, false, [&] { return ::connect(fd, sa, address.size); });
    *done = result == 0;
    if (result == 0 || result == -EINPROGRESS) return fd;
    close(fd, c);
    return static_cast<int>(result);
}

int socketError(int fd, Class c) {
    int error = 0;
    socklen_t size = sizeof error;
    auto asked = call(c, false, [&] { return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size); });
    return asked < 0 ? static_cast<int>(asked) : -error;
}

int localAddress(int fd, Class c, Address* address) {
    address->size = sizeof address->storage;
    return static_cast<int>(call(c, false, [&] {
        return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address->storage), &address->size);
    }));
}

int setNoDelay(int fd, Class c) { return setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1, c); }

int setSendBuffer(int fd, int bytes, Class c) { return setOption(fd, SOL_SOCKET, SO_SNDBUF, bytes, c); }

int setDeferAccept(int listener, unsigned seconds) {
    return setOption(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, static_cast<int>(seconds), Class::Listen);
}

int64_t recv(int fd, void* to, size_t size, Class c) {
    return call(c, true, [&] { return ::recv(fd, to, size, 0); });
}

int64_t peek(int fd, void* to, size_t size, Class c) {
    return call(c, false, [&] { return ::recv(fd, to, size, MSG_PEEK); });
}

int64_t send(int fd, const void* data, size_t size, bool more, Class c) {
    return call(c, true, [&] { return ::send(fd, data, size, MSG_NOSIGNAL | (more ? MSG_MORE : 0)); });
}

int64_t sendv(int fd, const iovec* parts, size_t count, bool more, Class c) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    return call(c, true, [&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)); });
}

int64_t sendfile(int fd, int file, uint64_t offset, size_t size, Class c) {
    auto position = static_cast<off_t>(offset);
    return call(c, true, [&] { return ::sendfile(fd, file, &position, size); });
}

void countCall(Class c, int64_t result, bool moves_bytes) { ledger::count(c, result, moves_bytes); }

/// It refuses a socket that leads nowhere, but differently from what it does not know.
bool hasKernelTls() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const bool is_known = ::setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") == 0 || errno == ENOTCONN;
    ::close(fd);
    return is_known;
}

int shutdownWrite(int fd, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::shutdown(fd, SHUT_WR); }));
}

int64_t unsent(int fd, Class c) {
    int bytes = 0;
    int64_t done = call(c, false, [&] { return ::ioctl(fd, SIOCOUTQ, &bytes); });
    return done < 0 ? done : bytes;
}

int resetOnClose(int fd, Class c) {
    linger reset{1, 0};
    return static_cast<int>(
        call(c, false, [&] { return ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset); }));
}

namespace {
Result<std::pair<Fd, Fd>> pairOf(int type, Class c) {
    int fds[2];
    auto made = call(c, false, [&] { return ::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds); });
    if (made < 0) return failed("socketpair", static_cast<int>(-made));
    return std::pair<Fd, Fd>{Fd(fds[0], c), Fd(fds[1], c)};
}
}  // namespace

Result<std::pair<Fd, Fd>> unixPair() { return pairOf(SOCK_STREAM, Class::Backend); }

Result<std::pair<Fd, Fd>> tcpPair() {
    auto any = Address::parse("127.0.0.1:0");
    if (!any) return any.error();
    auto listener = listen(*any, 1);
    if (!listener) return listener.error();
    Address bound;
    localAddress(listener->get(), Class::Listen, &bound);
    bool done = false;
    Fd near(connect(bound, Class::Backend, &done), Class::Backend);
    if (!near) return failed("connect to " + bound.text(), -near.get());
    setBlocking(listener->get(), true);
    Fd far(accept(listener->get(), nullptr), Class::Backend);
    if (!far) return failed("accept on " + bound.text(), -far.get());
    setBlocking(near.get(), true);
    setBlocking(far.get(), true);
    return std::pair<Fd, Fd>{std::move(near), std::move(far)};
}

Result<std::pair<Fd, Fd>> messagePair() { return pairOf(SOCK_SEQPACKET | SOCK_NONBLOCK, Class::Event); }

namespace {
constexpr size_t kMostFds = 8;
union ControlSpace {
    cmsghdr align;
    char bytes[CMSG_SPACE(kMostFds * sizeof(int))];
};
}  // namespace

int64_t sendMessage(int fd, const void* data, size_t size, const int* fds, size_t fd_count, Class c) {
    if (fd_count > kMostFds) return -EINVAL;
    iovec part{const_cast<void*>(data), size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlSpace control{};
    if (fd_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        std::memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    return call(c, true, [&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); });
}

int64_t recvMessage(int fd, void* to, size_t size, int* fds, size_t* fd_count, Class c) {
    iovec part{to, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlSpace control{};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    auto received = call(c, true, [&] { return ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC); });
    if (fd_count != nullptr) *fd_count = 0;
    if (received < 0) return received;
    for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int got;
            std::memcpy(&got, CMSG_DATA(h) + i * sizeof(int), sizeof got);
            if (fds != nullptr && fd_count != nullptr && *fd_count < kMostFds)
                fds[(*fd_count)++] = got;
            else
                close(got, c);
        }
    }
    return received;
}

}  // namespace turnpike::os
