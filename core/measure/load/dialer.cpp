#include "measure/load/dialer.h"

namespace turnpike::measure {

using os::Class;

Result<Dialer> Dialer::secure(const os::Address& address, const std::string& name) {
    Dialer dialer(address);
    net::TlsFault fault;
    dialer.tls_ = net::TlsDialer::make({name, nullptr, {}, {}, "http/1.1"}, &fault);
    if (!dialer.tls_) return Error{EINVAL, fault.text};
    dialer.scratch_ = std::make_unique<net::TlsScratch>();
    return dialer;
}

/// On loopback a connect is done when it returns, though it says that it goes on.
std::unique_ptr<net::Transport> Dialer::dial(int* error) {
    bool done = false;
    const int fd = os::connect(address_, Class::Client, &done);
    if (fd < 0) {
        *error = fd;
        return nullptr;
    }
    if (tls_) return tls_->dial(fd, text_, *scratch_);
    return std::make_unique<net::PlainTransport>(fd);
}

}  // namespace turnpike::measure
