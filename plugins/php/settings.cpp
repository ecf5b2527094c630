#include "settings.h"

#include <algorithm>

namespace turnpike::php {
namespace {

std::string readProcesses(const fastcgi::KeyReader& read) {
    std::string value = read.string("processes");
    if (value == "static" || value == "dynamic" || value == "on_demand") return value;
    throw Refused("processes", "must be \"static\", \"dynamic\" or \"on_demand\", not \"" + value + "\"");
}

void checkIni(const gateway::Pairs& ini) {
    constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    for (const auto& [name, value] : ini) {
        if (name.empty() || name.find_first_not_of(kName) != std::string::npos)
            throw Refused("ini", "\"" + name + "\" is no name of a PHP setting");
        if (value.find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos)
            throw Refused("ini", "the value of \"" + name + "\" has more than one line");
    }
}

std::string seconds(uint64_t ms) { return std::to_string((ms + 999) / 1000); }

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup) {
    fastcgi::KeyReader read(host, setup);
    read.rules(*this);
    only_scripts = true;
    site = text(host.site_name(&setup));
    root = text(host.site_root(&setup));
    if (root.empty()) throw Refused("", "looks for scripts below the site's root, but this site has no root");
    processes = readProcesses(read);
    children = static_cast<uint32_t>(read.integer("children", 1, 4096));
    spare = static_cast<uint32_t>(read.integer("spare", 1, 4096));
    if (spare > children) throw Refused("spare", "must not be more than children");
    for (const char* key : {"spare", "idle_timeout"})
        if (processes == "static" && read.isSet(key))
            throw Refused(key, "means nothing with \"static\" processes");
    recycle = read.integer("recycle", 0, 1'000'000'000);
    recycle_memory = read.integer("recycle_memory", 0, int64_t{1} << 50);
    idle_ms = read.duration("idle_timeout");
    restart_ms = read.duration("restart");
    run_ms = read.duration("run_timeout");
    if (!read.isSet("run_timeout")) run_ms = std::max(run_ms, first_byte_ms + gap_ms);
    ini = read.map("ini");
    checkIni(ini);
    environment = read.map("environment");
    limits = read.limits(kUserProcesses);
}

std::vector<std::string> Settings::command() const {
    std::vector<std::string> words = {"{plugins}/turnpike-php",
                                      "--name",
                                      fastcgi::plainName(site),
                                      "--children",
                                      std::to_string(children),
                                      "--mode",
                                      processes == "on_demand" ? "ondemand" : processes};
    auto add = [&](const char* option, std::string value) {
        words.emplace_back(option);
        words.push_back(std::move(value));
    };
    add("--spare", std::to_string(spare));
    add("--idle-timeout", seconds(idle_ms));
    add("--recycle", std::to_string(recycle));
    add("--recycle-memory", std::to_string(recycle_memory));
    add("--run-timeout", seconds(run_ms));
    for (const auto& [name, value] : ini) add("-d", std::string(name).append("=").append(value));
    return words;
}

}  // namespace turnpike::php
