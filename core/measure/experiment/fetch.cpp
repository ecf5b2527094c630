#include "measure/experiment/fetch.h"

#include <chrono>
#include <cstring>
#include <thread>

#include "os/local.h"

namespace turnpike::measure {
namespace {

constexpr auto kClass = os::Class::Client;
constexpr int kPatienceMs = 10'000;

Error failed(const std::string& path, int64_t result) {
    const int code = static_cast<int>(-result);
    return {code, path + ": " + std::strerror(code)};
}

/// False: not ready in time.
bool await(int fd, short what) {
    pollfd ready{fd, what, 0};
    return os::poll(&ready, 1, kPatienceMs) == 1;
}

Result<std::string> readAll(int fd, const std::string& path) {
    std::string text;
    char buffer[65536];
    for (;;) {
        const int64_t got = os::recv(fd, buffer, sizeof buffer, kClass);
        if (got == 0) return text;
        if (got > 0)
            text.append(buffer, static_cast<size_t>(got));
        else if (got != -EAGAIN)
            return failed(path, got);
        else if (!await(fd, POLLIN))
            return failed(path, -ETIMEDOUT);
    }
}

}  // namespace

Result<Answer> fetch(const os::Address& address, const std::string& host, const std::string& path) {
    bool done = false;
    os::Fd fd(os::connect(address, kClass, &done), kClass);
    if (!fd) return failed(path, fd.get());
    if (!done && !await(fd.get(), POLLOUT)) return failed(path, -ETIMEDOUT);
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    if (int64_t sent = os::send(fd.get(), request.data(), request.size(), false, kClass); sent < 0)
        return failed(path, sent);
    auto text = readAll(fd.get(), path);
    if (!text) return text.error();
    const size_t end = text->find("\r\n\r\n");
    if (end == std::string::npos || !text->starts_with("HTTP/1.1 200 "))
        return Error{EPROTO, path + ": " + text->substr(0, text->find("\r\n"))};
    return Answer{text->substr(0, end + 4), text->substr(end + 4)};
}

Result<Answer> fetchWhenReady(const os::Address& address, const std::string& host, const std::string& path) {
    constexpr int kTries = 100;
    auto answer = fetch(address, host, path);
    for (int i = 0; i < kTries && !answer; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        answer = fetch(address, host, path);
    }
    return answer;
}

}  // namespace turnpike::measure
