// services.h - the host's tables that a gateway to long-running programs needs, found once.
#pragma once
#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::gateway {

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

}  // namespace turnpike::gateway
