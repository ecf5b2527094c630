#include "scripted_backend.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace turnpike::fastcgi::test {
namespace {

size_t takeLength(std::string_view& stream) {
    auto first = static_cast<unsigned char>(stream[0]);
    if (first < 128) {
        stream.remove_prefix(1);
        return first;
    }
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(stream[i]);
    stream.remove_prefix(4);
    return length & 0x7fffffff;
}

std::map<std::string, std::string> parseParams(std::string_view stream) {
    std::map<std::string, std::string> params;
    while (!stream.empty()) {
        size_t name = takeLength(stream), value = takeLength(stream);
        params.emplace(stream.substr(0, name), stream.substr(name, value));
        stream.remove_prefix(name + value);
    }
    return params;
}

void raise(std::atomic<unsigned>& most, unsigned now) {
    for (unsigned old = most; old < now && !most.compare_exchange_weak(old, now);) continue;
}

}  // namespace

std::string record(unsigned type, std::string_view content, unsigned id, unsigned version, unsigned padding) {
    std::string bytes;
    for (unsigned byte : {version, type, id >> 8, id & 255, static_cast<unsigned>(content.size() >> 8),
                          static_cast<unsigned>(content.size() & 255), padding, 0u})
        bytes.push_back(static_cast<char>(byte));
    return bytes.append(content).append(padding, 'p');
}

std::string endRecord(unsigned status, unsigned app_status, unsigned id) {
    std::string body(8, '\0');
    body[3] = static_cast<char>(app_status);
    body[4] = static_cast<char>(status);
    return record(3, body, id);
}

std::string goodAnswer(std::string_view text) {
    return record(6, "Content-Type: text/plain\r\n\r\n" + std::string(text)) + record(6, "") + endRecord();
}

bool Peer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

bool Peer::readExactly(char* to, size_t size) {
    for (size_t have = 0; have < size;) {
        ssize_t n = ::recv(fd_, to + have, size - have, 0);
        if (n <= 0) return false;
        have += static_cast<size_t>(n);
    }
    return true;
}

bool Peer::readRecord(unsigned& type, std::string& content) {
    unsigned char header[8];
    if (!readExactly(reinterpret_cast<char*>(header), sizeof header)) return false;
    content.resize(static_cast<size_t>(header[4] << 8 | header[5]) + header[6]);
    if (!readExactly(content.data(), content.size())) return false;
    content.resize(content.size() - header[6]);
    type = header[1];
    return true;
}

int Peer::waitRecord(int ms) {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, ms) <= 0) return -2;
    unsigned type = 0;
    std::string content;
    return readRecord(type, content) ? static_cast<int>(type) : -1;
}

ScriptedBackend::ScriptedBackend(Script script) : script_(std::move(script)) {
    if (!script_) script_ = [](Peer& peer, const Seen&) { peer.write(goodAnswer("hello")); };
    char folder[] = "/tmp/turnpike-fcgi-XXXXXX";
    folder_ = ::mkdtemp(folder);
    path_ = folder_ + "/socket";
    start();
}

ScriptedBackend::~ScriptedBackend() {
    stop();
    ::rmdir(folder_.c_str());
}

void ScriptedBackend::setScript(Script script) {
    std::lock_guard hold(lock_);
    script_ = std::move(script);
}

std::vector<Seen> ScriptedBackend::seen() {
    std::lock_guard hold(lock_);
    return seen_;
}

void ScriptedBackend::useTcp() {
    stop();
    is_tcp_ = true;
    start();
}

void ScriptedBackend::start() {
    is_tcp_ ? listenTcp() : listenUnix();
    accepter_ = std::thread([this] { acceptAll(); });
}

void ScriptedBackend::listenTcp() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
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
}

void ScriptedBackend::listenUnix() {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
        ::listen(listener_, 64) < 0)
        std::abort();
    ::chmod(folder_.c_str(), 0755);  // workers of a server started as root are somebody else
    ::chmod(path_.c_str(), 0666);
}

void ScriptedBackend::stop() {
    if (listener_ < 0) return;
    ::unlink(path_.c_str());
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

void ScriptedBackend::acceptAll() {
    for (;;) {
        int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        std::lock_guard hold(lock_);
        fds_.push_back(fd);
        raise(most_open, ++open);
        threads_.emplace_back([this, fd, number = connections++] { serve(fd, number); });
    }
}

bool ScriptedBackend::readRequest(Peer& peer, Seen& seen) {
    std::string params, content;
    unsigned type = 0;
    if (!peer.readRecord(type, content) || type != 1) return false;
    seen.keep = (content[2] & 1) != 0;
    while (peer.readRecord(type, content)) {
        if (type == 4) params += content;
        if (type != 5) continue;
        seen.body += content;
        if (content.empty()) {
            seen.params = parseParams(params);
            return true;
        }
    }
    return false;
}

void ScriptedBackend::serve(int fd, unsigned number) {
    Peer peer(fd);
    for (Seen request{.params = {}, .body = {}, .keep = false, .connection = number}; readRequest(peer, request);
         request = Seen{.params = {}, .body = {}, .keep = false, .connection = number}) {
        Script script;
        {
            std::lock_guard hold(lock_);
            script = script_;
            seen_.push_back(request);
        }
        ++requests;
        raise(most_busy, ++busy);
        script(peer, request);
        --busy;
        if (peer.hangs_up || !request.keep) break;
    }
    std::lock_guard hold(lock_);
    std::erase(fds_, fd);
    ::close(fd);
    --open;
}

}  // namespace turnpike::fastcgi::test
