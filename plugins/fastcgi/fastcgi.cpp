// fastcgi.cpp - the plugin: hands requests to FastCGI backends. See README.md.
#include <string>
#include <vector>

#include "php_fpm.h"
#include "sdk/fastcgi/client.h"

namespace turnpike::fastcgi {
namespace {

/// What declare() needs, with the memory behind it.
class Declaration {
 public:
    Declaration(const Settings& settings, std::string name) : name_(std::move(name)) {
        spec_.struct_size = sizeof spec_;
        spec_.count = settings.children;
        spec_.instances = 1;
        spec_.restart_ms = settings.restart_ms;
        spec_.name = str(name_);
    }
    void external(const std::string& address) { spec_.address = str(address); }
    void supervised(const Settings& settings, const std::vector<std::string>& command) {
        for (const std::string& word : command) argv_.push_back(str(word));
        for (const auto& [key, value] : settings.environment)
            environment_.emplace_back(key).append("=").append(value);
        for (const std::string& entry : environment_) env_.push_back(str(entry));
        spec_.command = argv_.data();
        spec_.argc = argv_.size();
        spec_.env = env_.data();
        spec_.envc = env_.size();
        spec_.address = str(settings.listen);
        spec_.directory = str(settings.directory);
        spec_.instances = settings.instances;
        spec_.count = settings.children * settings.instances;
    }
    void phpFpm(const Settings& settings) {
        config_ = phpFpmConfig(settings);
        spec_.config_text = str(config_);
        spec_.listens_itself = 1;
    }
    const tp_backend_spec* spec() const { return &spec_; }

 private:
    tp_backend_spec spec_{};
    std::string name_, config_;
    std::vector<std::string> environment_;
    std::vector<tp_str> argv_, env_;
};

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
            Declaration declaration(settings_, address);
            declaration.external(address);
            declare(setup, declaration);
        }
        if (settings_.addresses.empty()) declareSupervised(setup);
    }

    class Worker;

 private:
    void declare(tp_setup& setup, const Declaration& declaration) {
        tp_backend* backend = services_.backends->declare(&setup, declaration.spec());
        if (backend == nullptr) throw Refused("", "the backend was refused");
        backends_.push_back({backend, std::string(text(services_.backends->address(backend)))});
    }

    void declareSupervised(tp_setup& setup) {
        std::vector<std::string> command = settings_.command;
        bool is_own_php = command.empty();
        if (is_own_php) command = phpFpmCommand(requirePhpFpm());
        std::string program = is_own_php ? "php-fpm" : baseName(command.front());
        std::string own_name = settings_.name.empty() ? settings_.site + "-" + program : settings_.name;
        Declaration declaration(settings_, plainName(own_name));
        declaration.supervised(settings_, command);
        if (is_own_php) declaration.phpFpm(settings_);
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
