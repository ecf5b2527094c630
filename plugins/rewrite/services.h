// services.h - the tables of the host that the plugin uses.
#pragma once
#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::rewrite {

struct Services {
    const tp_host& host;
    const tp_io& io;
    const tp_request_service& requests;
    const tp_folders& folders;
};

}  // namespace turnpike::rewrite
