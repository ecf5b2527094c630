// Opens keep-alive connections, makes one request on each, says "ready" and keeps them idle until its standard
// input ends. usage: bench_hold PORT COUNT PATH
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "measure/load/response_reader.h"

namespace {

using turnpike::measure::ResponseReader;

int connectTo(uint16_t port) {
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
    return fd;
}

bool ask(int fd, const std::string& request) {
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        return false;
    ResponseReader reader;
    auto state = ResponseReader::State::More;
    char buffer[16384];
    while (state == ResponseReader::State::More) {
        ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
        size_t consumed = 0;
        if (size <= 0) return false;
        state = reader.feed({buffer, static_cast<size_t>(size)}, &consumed);
    }
    return state == ResponseReader::State::Complete && reader.status() == 200 && reader.keepsAlive();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    auto count = static_cast<unsigned>(std::atoi(argv[2]));
    rlimit files{count + 64, count + 64};
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0) {
        std::fprintf(stderr, "bench_hold: may not open %u connections (ulimit -n)\n", count);
        return 1;
    }
    std::string request = std::string("GET ").append(argv[3]).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (unsigned i = 0; i < count; ++i) {
        int fd = connectTo(static_cast<uint16_t>(std::atoi(argv[1])));
        if (fd < 0 || !ask(fd, request)) {
            std::fprintf(stderr, "bench_hold: connection %u failed\n", i);
            return 1;
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    char byte;
    while (::read(0, &byte, 1) > 0) continue;
    return 0;
}
