#include "scripted_upstream.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace turnpike::proxy::test {

std::string goodAnswer(std::string_view text, std::string_view fields) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n" + std::string(fields) +
           "\r\n" + std::string(text);
}

bool Peer::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

void Peer::hangUp(bool resets) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    if (resets) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    hangs_up = true;
}

bool Peer::fill() {
    char block[65536];
    const ssize_t n = ::recv(fd_, block, sizeof block, 0);
    if (n > 0) buffer_.append(block, static_cast<size_t>(n));
    return n > 0;
}

std::string Peer::read() {
    if (buffer_.empty()) fill();
    return std::exchange(buffer_, {});
}

std::string Peer::readUntil(std::string_view end) {
    size_t at = buffer_.find(end);
    while (at == std::string::npos && fill()) at = buffer_.find(end);
    return readExactly(at == std::string::npos ? buffer_.size() : at + end.size());
}

std::string Peer::readExactly(size_t size) {
    while (buffer_.size() < size && fill()) {
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, taken.size());
    return taken;
}

void Peer::waitForEnd() {
    while (fill()) buffer_.clear();
}

ScriptedUpstream::ScriptedUpstream(Script script) : script_(std::move(script)) {
    if (!script_) script_ = [](Peer& peer, const Seen&) { peer.write(goodAnswer("hello")); };
    start();
}

ScriptedUpstream::~ScriptedUpstream() { stop(); }

void ScriptedUpstream::setScript(Script script) {
    std::lock_guard hold(lock_);
    script_ = std::move(script);
}

std::vector<Seen> ScriptedUpstream::seen() {
    std::lock_guard hold(lock_);
    return seen_;
}

void ScriptedUpstream::start() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) < 0 || ::listen(listener_, 64) < 0)
        std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepter_ = std::thread([this] { acceptAll(); });
}

void ScriptedUpstream::stop() {
    if (listener_ < 0) return;
    ::shutdown(listener_, SHUT_RDWR);
    accepter_.join();
    ::close(listener_);
    listener_ = -1;
    {
        std::lock_guard hold(lock_);
        for (int fd : fds_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void ScriptedUpstream::acceptAll() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        std::lock_guard hold(lock_);
        fds_.push_back(fd);
        most_open = std::max<unsigned>(most_open, ++open);
        threads_.emplace_back([this, fd, number = connections++] { serve(fd, number); });
    }
}

bool ScriptedUpstream::readRequest(Peer& peer, Seen& seen) const {
    seen.head = peer.readUntil("\r\n\r\n");
    if (!seen.head.ends_with("\r\n\r\n")) return false;
    std::string_view rest = seen.head;
    seen.line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(seen.line.size() + 2);
    while (rest.size() > 2) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const size_t colon = line.find(": ");
        std::string& value = seen.fields[std::string(line.substr(0, colon))];
        value = value.empty() ? line.substr(colon + 2) : value + ", " + std::string(line.substr(colon + 2));
    }
    if (leaves_body_) return true;
    if (seen.fields.contains("content-length"))
        seen.body = peer.readExactly(std::stoul(seen.fields["content-length"]));
    if (!seen.fields.contains("transfer-encoding")) return true;
    for (;;) {
        const size_t size = std::stoul(peer.readUntil("\r\n"), nullptr, 16);
        seen.body += peer.readExactly(size);
        peer.readExactly(2);
        if (size == 0) return true;
    }
}

void ScriptedUpstream::serve(int fd, unsigned number) {
    Peer peer(fd);
    Seen request;
    for (request.connection = number; readRequest(peer, request); request = {}, request.connection = number) {
        Script script;
        {
            std::lock_guard hold(lock_);
            script = script_;
            seen_.push_back(request);
        }
        ++requests;
        script(peer, request);
        if (peer.hangs_up) break;
    }
    std::lock_guard hold(lock_);
    std::erase(fds_, fd);
    ::close(fd);
    --open;
}

}  // namespace turnpike::proxy::test
