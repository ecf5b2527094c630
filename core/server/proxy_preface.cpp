#include "server/proxy_preface.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "server/runtime.h"

namespace turnpike::server {

ProxyPreface::ProxyPreface(Runtime& runtime, int fd, const os::Address& remote, Done done, void* arg)
    : runtime_(runtime),
      fd_(fd, os::Class::Client),
      remote_(remote),
      done_(done),
      arg_(arg),
      timer_(
          [](void* self) { static_cast<ProxyPreface*>(self)->refuse("it did not come in time (limits.header)"); },
          this) {}

ProxyPreface::~ProxyPreface() { close(); }

void ProxyPreface::begin() {
    if (runtime_.loop().add(fd_.get(), os::kReadable, *this) < 0)
        return refuse("the connection cannot be watched");
    runtime_.loop().arm(timer_, runtime_.limits().header_ms);
}

void ProxyPreface::drain() {
    runtime_.loop().arm(timer_, std::min(runtime_.limits().linger_ms, runtime_.limits().header_ms));
}

void ProxyPreface::close() {
    if (fd_.get() < 0) return;
    runtime_.loop().disarm(timer_);
    runtime_.loop().forget(*this);
    fd_.reset();
}

int ProxyPreface::release() {
    runtime_.loop().disarm(timer_);
    runtime_.loop().remove(fd_.get(), *this);
    return fd_.release();
}

void ProxyPreface::refuse(const char* reason) {
    runtime_.log(TP_LOG_WARN,
                 "a connection from " + remote_.host() + " was closed for its PROXY header: " + reason);
    close();
    done_(arg_, *this, nullptr);
}

/// Looked at until it is whole, and only then taken: what stands behind it is for whoever reads the connection
/// next.
void ProxyPreface::onEvent(uint32_t what, uint32_t) {
    if (fd_.get() < 0) return;
    ledger::Scope charge(runtime_.account());
    char bytes[net::kMostProxyHeader];
    const int64_t size = os::peek(fd_.get(), bytes, sizeof bytes, os::Class::Client);
    if (size == -EAGAIN && (what & os::kHangup) == 0) return;
    if (size <= 0) return refuse("the connection ended before it");
    net::ProxyHeader header;
    const net::ProxyResult result = net::parseProxyHeader({bytes, static_cast<size_t>(size)}, header);
    if (result.state == net::ProxyParse::Bad) return refuse(result.reason);
    if (result.state == net::ProxyParse::More) {
        if ((what & os::kHangup) != 0) refuse("the connection ended inside it");
        return;
    }
    if (os::recv(fd_.get(), bytes, result.size, os::Class::Client) != static_cast<int64_t>(result.size))
        return refuse("it could not be read");
    done_(arg_, *this, &header);
}

}  // namespace turnpike::server
