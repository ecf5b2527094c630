// auth_settings.h - the service that is asked whether a request may pass. Never changed after configure().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::access {

struct AuthSettings {
    std::string address;  // as tp_io.connect() takes it
    std::string target;   // path and query at the service
    std::string host;     // what its Host field says; empty: the site's own name
    uint64_t timeout_ms;
    std::string user_field;                   // of the service's answer, in lower case; empty: it names nobody
    std::vector<std::string> pass_fields;     // of the service's answer, in lower case, that the visitor gets
    std::vector<std::string> forward_fields;  // likewise, that who answers the request gets
    const tp_io* io;
    const tp_request_service* requests;

    /// Empty where `auth` is not set. Throws Refused.
    static std::optional<AuthSettings> read(const tp_host& host, const tp_setup& setup);
};

}  // namespace turnpike::access
