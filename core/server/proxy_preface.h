// proxy_preface.h - a connection whose PROXY header has not come yet: nothing of it is the client's. Loop thread
// only.
#pragma once
#include "net/loop.h"
#include "net/proxy_header.h"
#include "os/socket.h"

namespace turnpike::server {

class Runtime;

class ProxyPreface final : private net::Source {
 public:
    /// `header` is null when the connection has to be closed; then nothing holds `fd` but the one who is told. The
    /// preface may be destroyed once the loop has come round.
    using Done = void (*)(void* arg, ProxyPreface& preface, const net::ProxyHeader* header);

    ProxyPreface(Runtime& runtime, int fd, const os::Address& remote, Done done, void* arg);
    ~ProxyPreface() override;
    ProxyPreface(const ProxyPreface&) = delete;
    ProxyPreface& operator=(const ProxyPreface&) = delete;

    void begin();
    /// Closes the connection, unless it was handed on.
    void close();
    /// The worker is going: it waits no longer than for what may be on its way.
    void drain();
    /// The connection, which is the caller's from then on.
    int release();
    const os::Address& remote() const { return remote_; }

 private:
    void onEvent(uint32_t what, uint32_t share_milli) override;
    void refuse(const char* reason);

    Runtime& runtime_;
    os::Fd fd_;
    os::Address remote_;
    Done done_;
    void* arg_;
    net::Timer timer_;
};

}  // namespace turnpike::server
