// holding.cpp - a blocking plugin that holds its thread as long as the site's root has a file "hold", and
// declines.
#include <unistd.h>

#include <string>

#include "sdk/plugin.hpp"

using namespace turnpike;

struct Holding {
    static constexpr const char *name = "holding", *version = "1.0", *summary = "holds a thread of the pool";
    static constexpr uint32_t capabilities = TP_CAP_BLOCKING;

    Holding(const tp_host& host, tp_setup& setup) : hold(std::string(text(host.site_root(&setup))) + "/hold") {}
    std::string hold;

    struct Worker {
        Worker(Holding& plugin, tp_worker*) : hold(plugin.hold) {}
        std::string hold;

        tp_verdict onRequest(tp_request*) {
            while (access(hold.c_str(), F_OK) == 0) usleep(5000);
            return TP_DECLINED;
        }
    };
};

TURNPIKE_PLUGIN(Holding)
