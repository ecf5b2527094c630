// The floor of a PHP page over FastCGI: what a server before PHP-FPM cannot go below on this machine. One thread,
// one epoll, as many kept connections to FPM as it has processes, clients served in turn. It parses no request,
// says the same parameters each time, and sends the answers of a round together; so whatever a server costs more
// is the server's own. usage: bench_php_floor PORT SOCKET_OF_FPM DOCUMENT_ROOT SCRIPT CONNECTIONS
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <utility>
#include <vector>

#include "fcgi_records.h"
#include "listener.h"

namespace {

struct Peer {
    int fd;
    bool is_fpm;
    int client = -1;  // of FPM's: who waits for its answer
    std::string input = {};
};

std::string requestFor(const std::string& root, const std::string& script) {
    std::string params;
    addParam(params, "GATEWAY_INTERFACE", "CGI/1.1");
    addParam(params, "REQUEST_METHOD", "GET");
    addParam(params, "SCRIPT_FILENAME", root + script);
    for (const char* name : {"SCRIPT_NAME", "REQUEST_URI", "DOCUMENT_URI"}) addParam(params, name, script);
    addParam(params, "DOCUMENT_ROOT", root);
    addParam(params, "SERVER_PROTOCOL", "HTTP/1.1");
    addParam(params, "SERVER_SOFTWARE", "floor");
    for (const char* name : {"REMOTE_ADDR", "SERVER_ADDR", "SERVER_NAME", "HTTP_HOST"})
        addParam(params, name, "127.0.0.1");
    for (const char* name : {"REMOTE_PORT", "SERVER_PORT"}) addParam(params, name, "8080");
    for (const char* name : {"QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"}) addParam(params, name, "");
    addParam(params, "REQUEST_SCHEME", "http");
    addParam(params, "REDIRECT_STATUS", "200");
    return record(kBegin, kBeginBody) + record(kParams, params) + record(kParams, {}) + record(kStdin, {});
}

std::string answerOf(const std::string& records) {
    std::string page;
    readRecords(records, [&](unsigned char type, std::string_view content) {
        if (type == kStdout) page.append(content);
    });
    const size_t head = page.find("\r\n\r\n") + 4;
    if (head < 4) fail("bench_php_floor: no head");
    return "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Length: " +
           std::to_string(page.size() - head) + "\r\n" + page.substr(0, head) + page.substr(head);
}

class Floor {
 public:
    Floor(int listener, std::string request)
        : listener_(listener), poller_(::epoll_create1(0)), request_(std::move(request)) {
        watch(listener_, EPOLLIN, nullptr);
    }

    void connect(const char* socket) {
        auto* fpm = new Peer{connectTo(socket), true};
        watch(fpm->fd, EPOLLIN | EPOLLET, fpm);
        idle_.push_back(fpm);
    }

    void run() {
        epoll_event events[128];
        for (;;) {
            const int count = ::epoll_wait(poller_, events, 128, -1);
            for (int i = 0; i < count; ++i) take(static_cast<Peer*>(events[i].data.ptr));
            for (const auto& [client, text] : answers_) ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
            answers_.clear();
        }
    }

 private:
    void watch(int fd, uint32_t events, Peer* whose) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = whose;
        ::epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event);
    }
    void take(Peer* peer) {
        if (peer == nullptr)
            acceptAll();
        else if (peer->is_fpm)
            takeAnswer(*peer);
        else
            takeRequest(peer);
    }
    void acceptAll() {
        for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;)
            watch(fd, EPOLLIN | EPOLLET, new Peer{fd, false});
    }
    /// A load generator sends one whole request at a time, and leaves only when it was answered.
    void takeRequest(Peer* client) {
        char buffer[4096];
        const ssize_t got = ::recv(client->fd, buffer, sizeof buffer, 0);
        if (got > 0) {
            waiting_.push_back(client->fd);
            askNext();
        } else if (got == 0 || errno != EAGAIN) {
            ::close(client->fd);
            delete client;
        }
    }
    void takeAnswer(Peer& fpm) {
        char buffer[65536];
        const ssize_t got = ::recv(fpm.fd, buffer, sizeof buffer, 0);
        if (got == 0) fail("bench_php_floor: FPM has closed a connection");
        if (got < 0) return;
        fpm.input.append(buffer, static_cast<size_t>(got));
        if (!readRecords(fpm.input, [](unsigned char, std::string_view) {})) return;
        answers_.emplace_back(fpm.client, answerOf(std::exchange(fpm.input, {})));
        idle_.push_back(&fpm);
        askNext();
    }
    void askNext() {
        if (waiting_.empty() || idle_.empty()) return;
        Peer& fpm = *idle_.back();
        idle_.pop_back();
        fpm.client = waiting_.front();
        waiting_.pop_front();
        if (::send(fpm.fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) fail("bench_php_floor: FPM");
    }

    int listener_, poller_;
    std::string request_;
    std::vector<Peer*> idle_;
    std::deque<int> waiting_;
    std::vector<std::pair<int, std::string>> answers_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    Floor floor(listenOn(static_cast<uint16_t>(std::atoi(argv[1]))), requestFor(argv[3], argv[4]));
    for (int i = std::atoi(argv[5]); i > 0; --i) floor.connect(argv[2]);
    floor.run();
}
