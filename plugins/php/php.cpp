// php.cpp - the plugin: hands requests to PHP interpreters over shared memory. See README.md.
#include <string>
#include <vector>

#include "sdk/fastcgi/client.h"
#include "sdk/fastcgi/declaration.h"
#include "settings.h"

namespace turnpike::php {
class Php {
 public:
    static constexpr const char *name = "php", *version = "1.0",
                                *summary = "runs PHP scripts in interpreters of its own, over shared memory";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS;
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    Php(const tp_host& host, tp_setup& setup) : services_(host), settings_(host, setup) {
        fastcgi::Declaration declaration(fastcgi::plainName(settings_.site) + "-php", settings_.children);
        declaration.setProgram(settings_.command(), settings_.environment, settings_.root, settings_.restart_ms);
        declaration.setLimits(settings_.limits);
        tp_backend* handle = declaration.declare(services_, setup);
        constexpr std::string_view kUnix = "unix:";
        std::string_view path = text(services_.backends->address(handle));
        if (path.starts_with(kUnix)) path.remove_prefix(kUnix.size());
        backends_.push_back({handle, "memory:" + std::string(path)});
    }

    class Worker : public fastcgi::Client {
     public:
        Worker(Php& plugin, tp_worker* worker)
            : Client(plugin.services_, plugin.settings_, plugin.backends_, worker) {}
    };

 private:
    fastcgi::Services services_;
    Settings settings_;
    std::vector<fastcgi::BackendAt> backends_;
};

}  // namespace turnpike::php

TURNPIKE_PLUGIN(turnpike::php::Php)
