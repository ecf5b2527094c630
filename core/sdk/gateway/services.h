// services.h - the host's tables that a gateway to long-running programs needs, found once.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include "sdk/plugin.hpp"
#include "sdk/services.h"
#include "sdk/tls.h"

namespace turnpike::gateway {

inline std::string errorText(int error) { return std::generic_category().message(error); }

/// Nanoseconds of a monotonic clock.
inline uint64_t steadyNs() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

struct Services {
    const tp_host* host = nullptr;
    const tp_io* io = nullptr;
    const tp_backend_service* backends = nullptr;
    const tp_request_service* requests = nullptr;
    const tp_tls_service* tls = nullptr;  // a host may be older than this
    /// By which everything that takes too long is found; a test has its own.
    uint64_t (*clock)() = steadyNs;

    explicit Services(const tp_host& h)
        : host(&h),
          io(static_cast<const tp_io*>(h.extension(TP_IO_ID))),
          backends(static_cast<const tp_backend_service*>(h.extension(TP_BACKEND_ID))),
          requests(static_cast<const tp_request_service*>(h.extension(TP_REQUEST_ID))),
          tls(static_cast<const tp_tls_service*>(h.extension(TP_TLS_ID))) {
        if (io == nullptr || backends == nullptr || requests == nullptr)
            throw Refused("", "this host offers no " TP_IO_ID ", no " TP_BACKEND_ID " or no " TP_REQUEST_ID);
    }

    /// As tp_io.connect(), or with `how` as tp_tls_service.connect().
    int32_t connect(tp_request* payer, const std::string& address, tp_tls* how, int32_t* done) const {
        return how != nullptr ? tls->connect(payer, str(address), how, done)
                              : io->connect(payer, str(address), done);
    }
    /// Why connected(), read() or write() said `error` (errno) on `fd`, which is still open.
    std::string whyFailed(int fd, int error) const {
        const tp_str fault = tls != nullptr ? tls->fault(fd) : tp_str{};
        return fault.len > 0 ? std::string(text(fault)) : errorText(error);
    }
};

}  // namespace turnpike::gateway
