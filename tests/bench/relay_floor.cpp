// The floor of an upload: what handing a body on cannot go below on this machine. One thread, one epoll; each
// client has a FastCGI connection of its own, and for each part of a body there is one recv and one send, of a
// record that is made around the part where it lies. It looks for nothing in a head but the length, so whatever a
// server costs more is the server's own. usage: bench_relay_floor PORT SOCKET_OF_THE_RESPONDER
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "fcgi_records.h"
#include "listener.h"

namespace {

constexpr size_t kPart = 65528;

/// A client and its responder. `turn` goes on until neither has anything to do.
class Relay {
 public:
    Relay(int client, int responder) : client_(client), responder_(responder) {}
    ~Relay() {
        ::close(client_);
        ::close(responder_);
    }
    int client() const { return client_; }
    int responder() const { return responder_; }
    /// False when one of the two has gone.
    bool turn() {
        while (goes_on_) {
            if (!sending_.empty())
                send();
            else if (left_ > 0)
                takePart();
            else if (waits_)
                takeAnswer();
            else
                takeHead();
        }
        goes_on_ = true;
        return !gone_;
    }

 private:
    void stop(ssize_t n) {
        gone_ = gone_ || n == 0 || errno != EAGAIN;
        goes_on_ = false;
    }
    void send() {
        ssize_t n = ::send(responder_, sending_.data(), sending_.size(), MSG_NOSIGNAL);
        if (n < 0) return stop(n);
        sending_.remove_prefix(static_cast<size_t>(n));
    }
    /// With the empty record behind the last.
    void sendPart(char* part, size_t size) {
        writeHeader(part - kRecordHeader, kStdin, size);
        left_ -= size;
        if (left_ == 0) writeHeader(part + size, kStdin, 0);
        sending_ = {part - kRecordHeader, kRecordHeader + size + (left_ == 0 ? kRecordHeader : 0)};
    }
    void takePart() {
        ssize_t n = ::recv(client_, part_, std::min(left_, kPart), 0);
        if (n <= 0) return stop(n);
        sendPart(part_, static_cast<size_t>(n));
    }
    void takeHead() {
        ssize_t n = ::recv(client_, part_, kPart, 0);
        if (n <= 0) return stop(n);
        std::string_view text(part_, static_cast<size_t>(n));
        const size_t end = text.find("\r\n\r\n") + 4, length = text.find("Content-Length: ");
        left_ = length < end ? std::strtoull(part_ + length + 16, nullptr, 10) : 0;
        begin_ = record(kBegin, kBeginBody);
        std::string params;
        addParam(params, "CONTENT_LENGTH", std::to_string(left_));
        begin_ += record(kParams, params);
        begin_ += record(kParams, {});
        if (left_ == 0) begin_ += record(kStdin, {});
        const ssize_t sent = ::send(responder_, begin_.data(), begin_.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(begin_.size())) fail("bench_relay_floor: a head");
        if (text.size() > end) sendPart(part_ + end, text.size() - end);
        waits_ = true;
        answer_.clear();
    }
    /// The responder's answer is small; what it says is known, so it is only waited for.
    void takeAnswer() {
        char buffer[4096];
        ssize_t n = ::recv(responder_, buffer, sizeof buffer, 0);
        if (n <= 0) return stop(n);
        answer_.append(buffer, static_cast<size_t>(n));
        if (!readRecords(answer_, [](unsigned char, std::string_view) {})) return;
        waits_ = false;
        static constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nTaken\n";
        if (::send(client_, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) stop(-1);
    }
    int client_, responder_;
    size_t left_ = 0;
    bool waits_ = false, goes_on_ = true, gone_ = false;
    std::string_view sending_;
    std::string begin_, answer_;
    char buffer_[kRecordHeader + kPart + kRecordHeader];
    char* part_ = buffer_ + kRecordHeader;
};

void watch(int poller, int fd, Relay* whose) {
    epoll_event event{};
    event.events = EPOLLIN | (whose ? EPOLLOUT | EPOLLET : 0u);
    event.data.ptr = whose;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

void acceptAll(int poller, int listener, const char* socket) {
    for (int fd; (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
        auto* relay = new Relay(fd, connectTo(socket));
        watch(poller, relay->responder(), relay);
        watch(poller, relay->client(), relay);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    int listener = listenOn(static_cast<uint16_t>(std::atoi(argv[1])));
    int poller = ::epoll_create1(0);
    watch(poller, listener, nullptr);
    epoll_event event;  // one at a time: the next may be of a relay that this one ended
    while (::epoll_wait(poller, &event, 1, -1) >= 0) {
        auto* relay = static_cast<Relay*>(event.data.ptr);
        if (relay == nullptr)
            acceptAll(poller, listener, argv[2]);
        else if (!relay->turn())
            delete relay;
    }
    return 1;
}
