#include "config/defaults.h"

#include "config/paths.h"

namespace turnpike::config {
namespace {

std::string fromProgram(const Machine& machine, const std::string& path) {
    return absolutePath(path, "", machine.executable_folder);
}

/// An installed program finds what it was installed with, wherever that was moved to; one in build/dev/bin finds
/// build/dev/plugins.
std::string pluginFolder(const Machine& machine, const Files& files) {
    if (machine.executable_folder.empty()) return machine.installed_plugins;
    const std::string beside = folderOf(machine.executable_folder) + "/plugins";
    for (const std::string& folder : {fromProgram(machine, machine.plugins_from_program), beside})
        if (files.checkFolder(folder) == 0) return folder;
    return machine.installed_plugins;
}

std::string runtimeFolder(const Machine& machine) {
    if (machine.user_id == 0) return "/run/turnpike";
    // /tmp is everybody's: the user's number keeps two users apart.
    return machine.temporary_folder + "/turnpike-" + std::to_string(machine.user_id);
}

void setIfEmpty(std::string& to, const std::string& value) {
    if (to.empty()) to = value;
}

}  // namespace

std::string defaultConfig(const Machine& machine, const Files& files) {
    if (machine.executable_folder.empty()) return machine.installed_config;
    const std::string here = fromProgram(machine, machine.config_from_program);
    return files.checkFolder(folderOf(here)) == 0 ? here : machine.installed_config;
}

void fillDefaults(Server& server, const Machine& machine, const Files& files) {
    bool is_root = machine.user_id == 0;
    if (server.workers == 0) server.workers = machine.processors;
    if (is_root) setIfEmpty(server.user, "www-data");
    if (server.plugin_folder.empty()) server.plugin_folder = pluginFolder(machine, files);
    setIfEmpty(server.runtime_folder, runtimeFolder(machine));
    setIfEmpty(server.spool_folder, is_root ? "/var/cache/turnpike" : server.runtime_folder + "/spool");
    setIfEmpty(server.control_socket, server.runtime_folder + "/control.sock");
    setIfEmpty(server.pid_file, server.runtime_folder + "/turnpike.pid");
}

void fillDefaults(Site& site, const Server& server) {
    if (site.name.empty() && !site.hosts.empty()) site.name = site.hosts.front();
    if (site.name == "*") site.name = "default";
    if (site.name.starts_with("*.")) site.name.erase(0, 2);
    setIfEmpty(site.access_log, server.access_log);
    setIfEmpty(site.access_format, server.access_format);
    if (!site.user.empty()) return;
    site.user = server.user;
    setIfEmpty(site.group, server.group);
}

}  // namespace turnpike::config
