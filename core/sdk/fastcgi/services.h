// services.h - the host's tables that this plugin needs, found once.
#pragma once
#include <cerrno>
#include <cstddef>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::fastcgi {

struct Services {
    const tp_host* host = nullptr;
    const tp_io* io = nullptr;
    const tp_backend_service* backends = nullptr;

    explicit Services(const tp_host& h)
        : host(&h),
          io(static_cast<const tp_io*>(h.extension(TP_IO_ID))),
          backends(static_cast<const tp_backend_service*>(h.extension(TP_BACKEND_ID))) {
        if (io == nullptr || backends == nullptr)
            throw Refused("", "this host offers no " TP_IO_ID " or no " TP_BACKEND_ID);
    }
};

/// A host may be older than lanes.
inline bool hasLanes(const tp_io& io) { return io.struct_size > offsetof(tp_io, withdraw); }
inline int32_t addLane(const tp_io& io, tp_request* payer, int fd) {
    return hasLanes(io) ? io.lane(payer, fd) : -ENOTSUP;
}
inline void endRequest(const tp_io& io, tp_request* payer, int fd) {
    if (hasLanes(io)) io.end(payer, fd);
}
inline uint64_t tookNs(const tp_io& io, tp_request* payer, int fd) {
    return hasLanes(io) ? uint64_t{1000} * io.took(payer, fd) : 0;
}
inline bool withdraw(const tp_io& io, tp_request* payer, int fd) {
    return hasLanes(io) && io.withdraw(payer, fd) == 1;
}

}  // namespace turnpike::fastcgi
