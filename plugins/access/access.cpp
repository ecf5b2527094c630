// access.cpp - the plugin: who may enter.
#include <string>

#include "settings.h"

namespace turnpike::access {

struct Access {
    static constexpr const char *name = "access", *version = "1.0", *summary = "lets clients in by their address";
    static constexpr const auto& keys = kKeys;

    Access(const tp_host& h, const tp_setup& setup) : host(h), settings(h, setup) {}

    const tp_host& host;
    Settings settings;

    class Worker {
     public:
        Worker(Access& plugin, tp_worker*) : host_(plugin.host), settings_(plugin.settings) {}

        tp_verdict onAccess(tp_request* request) {
            const tp_request_view& view = *host_.view(request);
            if (!settings_.paths.cover(text(view.path)) || settings_.admits(text(view.remote_address)))
                return TP_DECLINED;
            return refuseAddress(request, view);
        }

     private:
        tp_verdict refuseAddress(tp_request* request, const tp_request_view& view) {
            const std::string cause =
                "the client's address " + std::string(text(view.remote_address)) + " may not enter";
            host_.fail(request, 403, str(cause));
            return TP_FAILED;
        }

        const tp_host& host_;
        const Settings& settings_;
    };
};

}  // namespace turnpike::access

using turnpike::access::Access;
TURNPIKE_PLUGIN(Access)
