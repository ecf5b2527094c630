// backend_path.h - where a supervised backend's private files lie. Workers, which connect, and the spawner, which
// runs it, work it out from the same declaration; a changed declaration has another path, so that the old and the
// new program of one name can run side by side while a reload drains.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "server/worker.h"

namespace turnpike::server {

/// FNV-1a over texts and numbers; a separator keeps {"ab", "c"} and {"a", "bc"} apart.
class Digest {
 public:
    void add(const std::string& text) {
        for (char c : text) byte(static_cast<unsigned char>(c));
        byte(0);
    }
    void add(uint64_t number) {
        for (int i = 0; i < 8; ++i) byte(static_cast<unsigned char>(number >> (8 * i)));
    }
    std::string text() const {
        char buffer[17];
        std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(value_));
        return buffer;
    }

 private:
    void byte(unsigned char b) { value_ = (value_ ^ b) * 1099511628211u; }
    uint64_t value_ = 14695981039346656037u;
};

/// At most 32 letters, digits, '-' and '_'.
inline std::string safeName(std::string name) {
    name.resize(std::min<size_t>(name.size(), 32));
    for (char& c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) c = '_';
    return name;
}

/// The folder of `spec` below `runtime_folder`: the backend's name, made safe, and a digest of all that its
/// processes depend on.
inline std::string backendFolder(const BackendSpec& spec, const std::string& runtime_folder) {
    Digest digest;
    for (const std::string& text : {spec.name, spec.address, spec.directory, spec.config_text}) digest.add(text);
    for (const std::string& argument : spec.command) digest.add(argument);
    digest.add(spec.command.size());
    for (const std::string& variable : spec.env) digest.add(variable);
    for (uint32_t number : {spec.site, spec.instances, uint32_t{spec.listens_itself}})
        digest.add(uint64_t{number});
    const os::ProgramLimits& limits = spec.limits;
    for (uint64_t number : {limits.memory_bytes, limits.file_bytes, limits.open_files, limits.processes,
                            spec.group_limits.memory_bytes, spec.group_limits.processes})
        digest.add(number);
    return runtime_folder + "/" + safeName(spec.name) + "-" + digest.text();
}

/// The name of its cgroup. Servers that share a group tell theirs apart by the folders.
inline std::string backendGroup(const std::string& folder) {
    Digest digest;
    digest.add(folder);
    const size_t name = folder.rfind('/') + 1, end = folder.rfind('-');
    return "turnpike-" + folder.substr(name, end - name) + "-" + digest.text();
}

/// The name of the cgroup of a site's programs that run with these limits together.
inline std::string programGroup(const std::string& runtime_folder, const std::string& site,
                                const ControlGroupLimits& limits) {
    Digest digest;
    digest.add(runtime_folder);
    digest.add(site);
    digest.add(limits.memory_bytes);
    digest.add(limits.processes);
    return "turnpike-" + safeName(site) + "-programs-" + digest.text();
}

/// The path of its socket; a unix socket's path has at most 107 bytes.
inline std::string backendSocket(const BackendSpec& spec, const std::string& runtime_folder) {
    return backendFolder(spec, runtime_folder) + "/socket";
}

/// Where to connect: the declared address, or "unix:" and the socket's path.
inline std::string backendAddress(const BackendSpec& spec, const std::string& runtime_folder) {
    return spec.address.empty() ? "unix:" + backendSocket(spec, runtime_folder) : spec.address;
}

}  // namespace turnpike::server
