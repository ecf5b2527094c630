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
    LinkStream(std::unique_ptr<link::Peer> peer, const Stop& stop) : peer_(std::move(peer)), stop_(stop) {}

    /// Told to end, it says so first, and then looks once more: a request that the worker wrote just then is
    /// answered.
    size_t read(char* to, size_t size) override {
        size_t got = peer_->read(to, size);
        if (got > 0 || peer_->isGone() || !stop_.isTold()) return got;
        peer_->setClosing();
        if (peer_->hasInput()) peer_->setOpen();
        return peer_->read(to, size);
    }
    bool hasInput() override { return peer_->hasInput(); }
    bool write(std::string_view head, std::string_view data) override { return peer_->write(head, data); }
    void flush() override { peer_->flush(); }
    void closing() override { peer_->setClosing(); }

 private:
    std::unique_ptr<link::Peer> peer_;
    const Stop& stop_;
};

class LinkAcceptor final : public Acceptor {
 public:
    LinkAcceptor(int listener, const Stop& stop) : listener_(listener), stop_(stop) {}

    std::unique_ptr<Stream> accept() override {
        while (!stop_.isTold())
            if (auto peer = link::Peer::accept(listener_, [this] { return stop_.isTold(); }))
                return std::make_unique<LinkStream>(std::move(peer), stop_);
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
