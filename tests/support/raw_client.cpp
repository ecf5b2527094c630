#include "support/raw_client.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <thread>

namespace turnpike {
namespace {

constexpr int kAnswerMs = 15'000;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

void parseFields(Answer& answer) {
    size_t at = answer.head.find("\r\n") + 2;
    while (at < answer.head.size() - 2) {
        size_t end = answer.head.find("\r\n", at);
        std::string line = answer.head.substr(at, end - at);
        size_t colon = line.find(": ");
        if (colon != std::string::npos)
            answer.fields.emplace_back(lower(line.substr(0, colon)), line.substr(colon + 2));
        at = end + 2;
    }
}

}  // namespace

std::string Answer::field(std::string_view name) const {
    for (const auto& [n, v] : fields)
        if (n == name) return v;
    return "";
}

RawClient::RawClient(uint16_t port, const char* address) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(address, std::to_string(port).c_str(), &hints, &found) != 0) return;
    fd_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd_, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (connected) return;
    close(fd_);
    fd_ = -1;
}

RawClient::~RawClient() {
    if (fd_ >= 0) close(fd_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t done = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (done <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(done));
    }
    return true;
}

bool RawClient::sendSlowly(std::string_view bytes, size_t step) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
        if (!send(bytes.substr(0, step))) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    return true;
}

void RawClient::endSending() { shutdown(fd_, SHUT_WR); }

void RawClient::take(size_t size, int ms) {
    std::string block(size, '\0');
    ssize_t got = recv(fd_, block.data(), size, MSG_DONTWAIT);
    if (got > 0) buffer_.append(block, 0, static_cast<size_t>(got));
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

void RawClient::reset() {
    linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd_);
    fd_ = -1;
}

bool RawClient::read(char* to, size_t size, int ms, ssize_t* got) {
    pollfd p{fd_, POLLIN, 0};
    if (poll(&p, 1, ms) <= 0) return false;
    *got = recv(fd_, to, size, 0);
    return true;
}

bool RawClient::fill(int ms) {
    char block[65536];
    ssize_t got = 0;
    if (ended_ || !read(block, sizeof block, ms, &got)) return false;
    if (got <= 0) ended_ = true;
    if (got > 0) buffer_.append(block, static_cast<size_t>(got));
    return got > 0;
}

Answer RawClient::answer(bool to_head) {
    Answer a;
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill(kAnswerMs)) return a;
    a.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    a.status = a.head.size() > 12 ? std::atoi(a.head.c_str() + 9) : 0;
    parseFields(a);
    if (to_head || a.status == 204 || a.status == 304 || a.status < 200) {
        a.whole = true;
        return a;
    }
    if (a.field("transfer-encoding") == "chunked") {
        for (;;) {
            while ((end = buffer_.find("\r\n")) == std::string::npos)
                if (!fill(kAnswerMs)) return a;
            size_t size = std::strtoul(buffer_.c_str(), nullptr, 16);
            while (buffer_.size() < end + 2 + size + 2)
                if (!fill(kAnswerMs)) return a;
            a.body.append(buffer_, end + 2, size);
            buffer_.erase(0, end + 2 + size + 2);
            if (size == 0) break;
        }
        a.whole = true;
        return a;
    }
    std::string length = a.field("content-length");
    size_t wanted = length.empty() ? SIZE_MAX : std::strtoul(length.c_str(), nullptr, 10);
    while (buffer_.size() < wanted && fill(kAnswerMs)) {
    }
    a.body = buffer_.substr(0, wanted);
    buffer_.erase(0, a.body.size());
    a.whole = length.empty() ? ended_ : a.body.size() == wanted;
    return a;
}

std::string RawClient::until(std::string_view end) {
    size_t at;
    while ((at = buffer_.find(end)) == std::string::npos)
        if (!fill(kAnswerMs)) return std::exchange(buffer_, {});
    return some(at + end.size());
}

std::string RawClient::some(size_t size) {
    while (buffer_.size() < size && fill(kAnswerMs)) {
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, taken.size());
    return taken;
}

std::string RawClient::rest(int ms, bool* closed) {
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (!ended_) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || (!fill(static_cast<int>(left.count())) && !ended_)) break;
    }
    if (closed != nullptr) *closed = ended_;
    return std::exchange(buffer_, "");
}

std::string bodySoFar(std::string_view bytes) {
    std::string body;
    size_t at = bytes.find("\r\n\r\n");
    for (at = at == std::string_view::npos ? bytes.size() : at + 4; at < bytes.size();) {
        const size_t line = bytes.find("\r\n", at);
        if (line == std::string_view::npos) return body;
        const size_t size = std::stoul(std::string(bytes.substr(at, line - at)), nullptr, 16);
        body += bytes.substr(line + 2, size);
        at = line + 2 + size + 2;
    }
    return body;
}

Answer ask(uint16_t port, std::string_view request) {
    RawClient client(port);
    if (!client.send(request)) return {};
    return client.answer(request.starts_with("HEAD "));
}

Answer get(uint16_t port, const std::string& path, const std::string& fields) {
    return ask(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n");
}

}  // namespace turnpike
