#include "link_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "scoreboard.h"
#include "sdk/link/peer.h"

namespace turnpike::php {
namespace {

class LinkStream final : public Stream {
 public:
    explicit LinkStream(std::unique_ptr<link::Peer> peer) : peer_(std::move(peer)) {}

    /// What the worker offers just then it takes back.
    bool begin() override {
        if (peer_->begin()) return true;
        peer_->setClosing();
        return false;
    }
    size_t read(char* to, size_t size) override { return peer_->read(to, size); }
    bool hasInput() override { return peer_->hasInput(); }
    bool write(std::string_view head, std::string_view data) override { return peer_->write(head, data); }
    void flush() override { peer_->flush(); }
    void closing() override { peer_->setClosing(); }
    void ending() override { peer_->end(); }

 private:
    std::unique_ptr<link::Peer> peer_;
};

class LinkAcceptor final : public Acceptor {
 public:
    LinkAcceptor(int listener, const Stop& stop) : listener_(listener), stop_(stop) {}

    std::unique_ptr<Stream> accept() override {
        while (!stop_.isTold())
            if (auto peer = link::Peer::accept(listener_, [this] { return stop_.isTold(); }))
                return std::make_unique<LinkStream>(std::move(peer));
        return nullptr;
    }

 private:
    int listener_;
    const Stop& stop_;
};

}  // namespace

LinkTransport::LinkTransport() : listener_(fcntl(0, F_DUPFD_CLOEXEC, 3)) {
    int accepts = 0;
    socklen_t size = sizeof accepts;
    if (listener_ < 0 || getsockopt(listener_, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) != 0 || accepts == 0)
        throw std::system_error(ENOTSOCK, std::generic_category(), "descriptor 0 is no listening socket");
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0) throw std::system_error(errno, std::generic_category(), "/dev/null");
    close(null);
}

LinkTransport::~LinkTransport() { close(listener_); }

std::unique_ptr<Acceptor> LinkTransport::acceptor(unsigned, const Stop& stop) {
    return std::make_unique<LinkAcceptor>(listener_, stop);
}

}  // namespace turnpike::php
