// exporter.h - answers Prometheus over HTTP: GET /metrics and nothing else, one answer a connection. A process of
// its own, so that what it does costs no request; on loopback or a unix socket only. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "process/reactor.h"

namespace turnpike::cli {

class Exporter {
 public:
    /// `metrics`: the text of the moment, or why there is none.
    using Metrics = std::function<Result<std::string>()>;

    Exporter(process::Reactor& reactor, Metrics metrics) : reactor_(reactor), metrics_(std::move(metrics)) {}
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    /// "127.0.0.1:9145", "[::1]:9145" or "unix:/path"; an address that others can reach is refused.
    Result<bool> listen(const std::string& address);
    /// The port in use.
    uint16_t port() const { return port_; }

 private:
    struct Connection {
        os::Fd fd;
        std::string in, out;
        uint64_t timer = 0;
    };
    void onConnect();
    void onReadable(uint64_t id);
    void onWritable(uint64_t id);
    void drop(uint64_t id);
    /// The whole answer to the head in `in`, which is complete; empty: it is not yet.
    std::string answerTo(std::string& in);

    process::Reactor& reactor_;
    Metrics metrics_;
    os::Fd listener_;
    uint16_t port_ = 0;
    std::map<uint64_t, Connection> connections_;
    uint64_t next_ = 1;
};

}  // namespace turnpike::cli
