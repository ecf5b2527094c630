// services.h - the host's tables, and what of them not every host has.
#pragma once
#include <cerrno>
#include <cstddef>

#include "sdk/gateway/services.h"

namespace turnpike::fastcgi {

using gateway::Services;

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
