// generation.cpp - says which build of it answers. It uses what pins a careless plugin in memory: inline statics
// and <regex>, whose unique symbols dlclose() does not unload.
#include <regex>
#include <string>

#include "sdk/plugin.hpp"

inline int counted() {
    static int count = 0;
    return ++count;
}

struct Generation {
    static constexpr const char *name = "generation", *version = GENERATION, *summary = "says which build it is";

    Generation(const tp_host& h, tp_setup&) : host(h) {}

    struct Worker {
        Worker(Generation& plugin, tp_worker*) : host(plugin.host) {}
        tp_verdict onRequest(tp_request* request) {
            counted();
            static const std::regex pattern("/[a-z]+");
            const std::string path(turnpike::text(host.view(request)->path));
            if (!std::regex_match(path, pattern)) return TP_DECLINED;
            return turnpike::answer(host, request, 200, "text/plain", GENERATION "\n");
        }
        const tp_host& host;
    };

    const tp_host& host;
};

TURNPIKE_PLUGIN(Generation)
