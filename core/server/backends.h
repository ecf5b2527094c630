// backends.h - the long-running programs that plugins declare while they are configured. Numbered in the order of
// declaration, which is the same in every process that configures the same snapshot.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sdk/services.h"
#include "server/worker.h"

/// The opaque backend of services.h.
struct tp_backend {
    uint32_t index;
    std::string address;
};

struct tp_setup;

namespace turnpike::server {

class BackendRegistry {
 public:
    /// `planned`: what was declared when the generation was planned, and runs. A worker that is started later
    /// takes it from there: what its plugins find on the machine, such as a newer php-fpm, may have changed
    /// meanwhile.
    BackendRegistry(std::string runtime_folder, std::string plugin_folder,
                    const std::vector<BackendSpec>* planned = nullptr)
        : runtime_folder_(std::move(runtime_folder)),
          plugin_folder_(std::move(plugin_folder)),
          planned_(planned) {}

    /// A backend that several routes or sites declare alike is one: it gets a handle for each, on the same places.
    /// Null with *why: it contradicts another one.
    tp_backend* add(BackendSpec spec, std::string* why);
    /// Where the plugins are, and the programs that belong to them.
    const std::string& pluginFolder() const { return plugin_folder_; }
    const std::vector<BackendSpec>& specs() const { return specs_; }

 private:
    std::string contradiction(const BackendSpec& a, const BackendSpec& b) const;

    std::string runtime_folder_, plugin_folder_;
    const std::vector<BackendSpec>* planned_;
    std::vector<BackendSpec> specs_;
    std::vector<std::unique_ptr<tp_backend>> handles_;
};

/// tp_backend_service.declare(): checks the declaration and adds it to the registry of this configuration run.
tp_backend* declareBackend(tp_setup& setup, const tp_backend_spec& spec);

}  // namespace turnpike::server
