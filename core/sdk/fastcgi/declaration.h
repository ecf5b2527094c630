// declaration.h - what tp_backend_service.declare() is told of a backend, with the memory behind it. Setup only.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sdk/fastcgi/keys.h"
#include "sdk/fastcgi/services.h"
#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

class Declaration {
 public:
    /// `places`: how many requests it answers at once.
    Declaration(std::string name, uint32_t places) : name_(std::move(name)) {
        spec_.struct_size = sizeof spec_;
        spec_.count = places;
        spec_.instances = 1;
        spec_.restart_ms = 1;
        spec_.name = str(name_);
    }
    Declaration(const Declaration&) = delete;
    Declaration& operator=(const Declaration&) = delete;

    /// Where to connect, or where a program's socket is made.
    void setAddress(std::string address) {
        address_ = std::move(address);
        spec_.address = str(address_);
    }
    /// A program that the host starts and keeps running.
    void setProgram(std::vector<std::string> command, const gateway::Pairs& environment, std::string directory,
                    uint64_t restart_ms) {
        command_ = std::move(command);
        directory_ = std::move(directory);
        for (const auto& [key, value] : environment) environment_.emplace_back(key).append("=").append(value);
        for (const std::string& word : command_) argv_.push_back(str(word));
        for (const std::string& entry : environment_) env_.push_back(str(entry));
        spec_.command = argv_.data();
        spec_.argc = argv_.size();
        spec_.env = env_.data();
        spec_.envc = env_.size();
        spec_.directory = str(directory_);
        spec_.restart_ms = restart_ms;
    }
    /// What the processes of the program may use.
    void setLimits(const BackendLimits& limits) {
        spec_.memory_bytes = limits.each.memory_bytes;
        spec_.file_bytes = limits.each.file_bytes;
        spec_.open_files = limits.each.open_files;
        spec_.processes = limits.each.processes;
        spec_.cgroup_memory_bytes = limits.together.memory_bytes;
        spec_.cgroup_processes = limits.together.processes;
    }
    /// So many processes share the socket; each has the places that were given.
    void setInstances(uint32_t instances) {
        spec_.count *= instances;
        spec_.instances = instances;
    }
    /// The program makes its socket itself, as this file says.
    void setConfig(std::string text) {
        config_ = std::move(text);
        spec_.config_text = str(config_);
        spec_.listens_itself = 1;
    }
    /// Throws Refused when the host does.
    tp_backend* declare(const Services& services, tp_setup& setup) const {
        tp_backend* backend = services.backends->declare(&setup, &spec_);
        if (backend == nullptr) throw Refused("", "the backend was refused");
        return backend;
    }

 private:
    tp_backend_spec spec_{};
    std::string name_, address_, directory_, config_;
    std::vector<std::string> command_, environment_;
    std::vector<tp_str> argv_, env_;
};

}  // namespace turnpike::fastcgi
