// fastcgi.cpp - the plugin: hands requests to FastCGI backends. See README.md.
#include <string>
#include <utility>
#include <vector>

#include "php_fpm.h"
#include "sdk/fastcgi/client.h"
#include "sdk/fastcgi/declaration.h"

namespace turnpike::fastcgi {
namespace {

std::string baseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

class FastCgi {
 public:
    static constexpr const char *name = "fastcgi", *version = "1.0",
                                *summary = "hands requests to FastCGI programs and to PHP-FPM";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS;
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    FastCgi(const tp_host& host, tp_setup& setup) : services_(host), settings_(host, setup) {
        for (const std::string& address : settings_.addresses) {
            Declaration declaration(address, settings_.children);
            declaration.setAddress(address);
            declare(setup, declaration);
        }
        if (settings_.addresses.empty()) declareSupervised(setup);
    }

    class Worker;

 private:
    void declare(tp_setup& setup, const Declaration& declaration) {
        tp_backend* backend = declaration.declare(services_, setup);
        backends_.push_back({backend, std::string(text(services_.backends->address(backend)))});
    }

    void declareSupervised(tp_setup& setup) {
        std::vector<std::string> command = settings_.command;
        bool is_own_php = command.empty();
        if (is_own_php) command = phpFpmCommand(requirePhpFpm());
        std::string program = is_own_php ? "php-fpm" : baseName(command.front());
        std::string own_name = settings_.name.empty() ? settings_.site + "-" + program : settings_.name;
        Declaration declaration(plainName(own_name), settings_.children);
        declaration.setAddress(settings_.listen);
        declaration.setProgram(std::move(command), settings_.environment, settings_.directory,
                               settings_.restart_ms);
        declaration.setLimits(settings_.limits);
        declaration.setInstances(settings_.instances);
        if (is_own_php) declaration.setConfig(phpFpmConfig(settings_));
        declare(setup, declaration);
    }

    static std::string requirePhpFpm() {
        std::string program = findPhpFpm(phpFpmFolders());
        if (program.empty())
            throw Refused("preset",
                          "php-fpm is not installed: install the package php-fpm (Debian, Ubuntu: apt install "
                          "php-fpm), or set address to a php-fpm that runs elsewhere");
        return program;
    }

    Services services_;
    Settings settings_;
    std::vector<BackendAt> backends_;
};

class FastCgi::Worker : public Client {
 public:
    Worker(FastCgi& plugin, tp_worker* worker)
        : Client(plugin.services_, plugin.settings_, plugin.backends_, worker) {}
};

}  // namespace turnpike::fastcgi

TURNPIKE_PLUGIN(turnpike::fastcgi::FastCgi)
