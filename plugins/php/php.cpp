// php.cpp - the plugin: hands requests to PHP interpreters over shared memory. See README.md.
#include <string>
#include <vector>

#include "sdk/fastcgi/client.h"
#include "settings.h"

namespace turnpike::php {
namespace {

/// What declare() needs, with the memory behind it.
class Declaration {
 public:
    explicit Declaration(const Settings& settings)
        : name_(fastcgi::plainName(settings.site) + "-php"),
          words_(settings.command()),
          directory_(settings.root) {
        for (const std::string& word : words_) argv_.push_back(str(word));
        environment_.reserve(settings.environment.size());
        for (const auto& [key, value] : settings.environment) {
            environment_.emplace_back(key).append("=").append(value);
            env_.push_back(str(environment_.back()));
        }
        spec_.struct_size = sizeof spec_;
        spec_.count = settings.children;
        spec_.instances = 1;
        spec_.restart_ms = settings.restart_ms;
        spec_.name = str(name_);
        spec_.directory = str(directory_);
        spec_.command = argv_.data();
        spec_.argc = argv_.size();
        spec_.env = env_.data();
        spec_.envc = env_.size();
    }
    const tp_backend_spec* spec() const { return &spec_; }

 private:
    tp_backend_spec spec_{};
    std::string name_;
    std::vector<std::string> words_, environment_;
    std::string directory_;
    std::vector<tp_str> argv_, env_;
};

}  // namespace

class Php {
 public:
    static constexpr const char *name = "php", *version = "1.0",
                                *summary = "runs PHP scripts in interpreters of its own, over shared memory";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS;
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    Php(const tp_host& host, tp_setup& setup) : services_(host), settings_(host, setup) {
        const Declaration declaration(settings_);
        tp_backend* handle = services_.backends->declare(&setup, declaration.spec());
        if (handle == nullptr) throw Refused("", "the backend was refused");
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
