// cgi.cpp - CGI/1.1 (RFC 3875) as a plugin: one program per request.
#include "sdk/plugin.hpp"
#include "settings.h"
#include "worker.h"

namespace turnpike::cgi {

class Plugin {
 public:
    static constexpr const char* name = "cgi";
    static constexpr const char* version = "1.0";
    static constexpr const char* summary = "answers with a program that is started for each request (RFC 3875)";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS;
    static constexpr auto& keys = kKeys;

    Plugin(const tp_host& host, tp_setup& setup)
        : host_(host),
          io_(static_cast<const tp_io*>(host.extension(TP_IO_ID))),
          process_(static_cast<const tp_process*>(host.extension(TP_PROCESS_ID))),
          settings_(readSettings(host, &setup)) {
        if (io_ == nullptr || process_ == nullptr) throw Refused("", "this server cannot start programs");
        if (settings_.program.empty() && host.site_root(&setup).len == 0)
            throw Refused("", "the site has no root to take programs from");
    }

    class Worker : public cgi::Worker {
     public:
        Worker(Plugin& plugin, tp_worker* worker)
            : cgi::Worker(plugin.settings_, {plugin.host_, *plugin.io_, *plugin.process_, worker}) {}
    };

 private:
    const tp_host& host_;
    const tp_io* io_;
    const tp_process* process_;
    Settings settings_;
};

}  // namespace turnpike::cgi

TURNPIKE_PLUGIN(turnpike::cgi::Plugin)
