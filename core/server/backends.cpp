#include "server/backends.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "plugin/setup.h"
#include "server/backend_path.h"
#include "server/host_table.h"
#include "server/plugin_set.h"

namespace turnpike::server {
namespace {

/// What a plugin has that was built before there were limits.
constexpr size_t kLeastSpec = offsetof(tp_backend_spec, memory_bytes);

std::string copy(tp_str s) { return {s.ptr, s.len}; }

std::vector<std::string> copyAll(const tp_str* items, size_t count) {
    std::vector<std::string> all;
    for (size_t i = 0; i < count; ++i) all.push_back(copy(items[i]));
    return all;
}

/// A program that belongs to a plugin lies beside it.
void findProgram(std::vector<std::string>& command, const std::string& plugin_folder) {
    constexpr std::string_view kHere = "{plugins}/";
    if (!command.empty() && command.front().starts_with(kHere))
        command.front().replace(0, kHere.size(), plugin_folder + "/");
}

}  // namespace

std::string BackendRegistry::contradiction(const BackendSpec& a, const BackendSpec& b) const {
    bool is_same = a.command.empty() && b.command.empty()
                       ? a.address == b.address
                       : backendFolder(a, runtime_folder_) == backendFolder(b, runtime_folder_);
    if (!is_same) return a.name == b.name ? "another backend is already called \"" + a.name + "\"" : "";
    if (a.count == b.count && a.restart_ms == b.restart_ms) return "";
    return "backend \"" + a.name + "\" is used in another place, which says something else of it (" +
           std::to_string(b.count) + " requests at once, restart after " + std::to_string(b.restart_ms) + " ms)";
}

tp_backend* BackendRegistry::add(BackendSpec spec, std::string* why) {
    if (planned_ != nullptr) {
        if (specs_.size() >= planned_->size() || (*planned_)[specs_.size()].name != spec.name) {
            *why = "backend \"" + spec.name + "\" was not declared when this configuration was taken: reload it";
            return nullptr;
        }
        spec = (*planned_)[specs_.size()];
    }
    for (const BackendSpec& other : specs_)
        if (*why = contradiction(spec, other); !why->empty()) return nullptr;
    auto index = static_cast<uint32_t>(specs_.size());
    handles_.push_back(std::make_unique<tp_backend>(tp_backend{index, backendAddress(spec, runtime_folder_)}));
    specs_.push_back(std::move(spec));
    return handles_.back().get();
}

tp_backend* declareBackend(tp_setup& setup, const tp_backend_spec& given) {
    const tp_host& host = hostTable();
    if (given.struct_size < kLeastSpec) {
        const std::string why = "tp_backend_spec.struct_size is " + std::to_string(given.struct_size) +
                                ", wanted at least " + std::to_string(kLeastSpec);
        host.config_error(&setup, "", why.c_str());
        return nullptr;
    }
    tp_backend_spec declared{};
    std::memcpy(&declared, &given, std::min<size_t>(given.struct_size, sizeof declared));
    BackendSpec spec;
    spec.name = copy(declared.name);
    spec.address = copy(declared.address);
    spec.directory = copy(declared.directory);
    spec.config_text = copy(declared.config_text);
    spec.command = copyAll(declared.command, declared.argc);
    spec.env = copyAll(declared.env, declared.envc);
    spec.count = std::max(1u, declared.count);
    spec.instances = std::max(1u, declared.instances);
    spec.listens_itself = declared.listens_itself != 0;
    spec.restart_ms = std::max<uint64_t>(1, declared.restart_ms);
    spec.limits = {0, declared.memory_bytes, declared.file_bytes, declared.open_files, declared.processes};
    spec.group_limits = {declared.cgroup_memory_bytes, declared.cgroup_processes};
    auto& configuring = *static_cast<Configuring*>(setup.host_data);
    spec.site = configuring.site;
    if (spec.name.empty() || (spec.command.empty() && spec.address.empty())) {
        host.config_error(&setup, "", "a backend needs a name, and a command or an address");
        return nullptr;
    }
    findProgram(spec.command, configuring.backends->pluginFolder());
    std::string why;
    tp_backend* backend = configuring.backends->add(std::move(spec), &why);
    if (backend == nullptr) host.config_error(&setup, "", why.c_str());
    return backend;
}

}  // namespace turnpike::server
