#include "settings.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace turnpike::rewrite {
namespace {

Map readMap(const tp_host& host, const tp_setup& setup) {
    const tp_field* items = nullptr;
    const size_t count = host.config_map(&setup, "map", &items);
    Map map;
    for (size_t i = 0; i < count; ++i)
        map.add(std::string(text(items[i].name)), std::string(text(items[i].value)));
    const std::string file(text(host.config_string(&setup, "map_file")));
    if (file.empty() && host.config_is_set(&setup, "map_file") == 0) return map;
    if (count > 0) throw Refused("map_file", "is set beside `map`: give one of them");
    try {
        map.addLines(readMapFile(file), file);
    } catch (const std::invalid_argument& wrong) {
        throw Refused("map_file", wrong.what());
    }
    return map;
}

Template readTemplate(const tp_host& host, const tp_setup& setup, const char* key, const Conditions& conditions,
                      bool has_map) {
    const std::string_view given = text(host.config_string(&setup, key));
    for (char c : given)
        if (c <= ' ' || c > '~')
            throw Refused(key, "may hold visible ASCII characters only: percent-encode others");
    try {
        return {given, conditions.groups(), conditions.names(), has_map};
    } catch (const std::invalid_argument& wrong) {
        throw Refused(key, wrong.what());
    }
}

Settings::Action readAction(const tp_host& host, const tp_setup& setup) {
    constexpr std::pair<const char*, Settings::Action> kActions[] = {{"redirect", Settings::Action::Redirect},
                                                                     {"rewrite", Settings::Action::Rewrite},
                                                                     {"refuse", Settings::Action::Refuse}};
    const auto* chosen = std::end(kActions);
    for (const auto& action : kActions) {
        if (host.config_is_set(&setup, action.first) == 0) continue;
        if (chosen != std::end(kActions))
            throw Refused(action.first,
                          "is set beside `" + std::string(chosen->first) + "`: a rule does one thing");
        chosen = &action;
    }
    if (chosen == std::end(kActions)) throw Refused("", "does nothing: set `redirect`, `rewrite` or `refuse`");
    return chosen->second;
}

uint32_t readStatus(const tp_host& host, const tp_setup& setup, Settings::Action action) {
    if (action != Settings::Action::Redirect && host.config_is_set(&setup, "status") != 0)
        throw Refused("status", "is for `redirect` only");
    if (action == Settings::Action::Rewrite) return 0;
    const bool is_refusal = action == Settings::Action::Refuse;
    const int64_t status = host.config_integer(&setup, is_refusal ? "refuse" : "status");
    if (is_refusal && (status < 400 || status > 599)) throw Refused("refuse", "must be a status from 400 to 599");
    constexpr int64_t kRedirects[] = {301, 302, 303, 307, 308};
    if (!is_refusal && std::ranges::count(kRedirects, status) == 0)
        throw Refused("status", "must be 301, 302, 303, 307 or 308");
    return static_cast<uint32_t>(status);
}

/// Where a client is sent is never its own choice: the config says the host, or that it is this one.
void checkTarget(const tp_host& host, const tp_setup& setup, Settings::Action action) {
    if (action == Settings::Action::Refuse) return;
    const bool is_rewrite = action == Settings::Action::Rewrite;
    const char* key = is_rewrite ? "rewrite" : "redirect";
    const std::string_view target = text(host.config_string(&setup, key));
    if (target.starts_with("//"))
        throw Refused(key, "must not begin with two slashes: give a host with its scheme");
    // What a variable stands for is escaped as a path: no scheme and no other host can come of it.
    if (target.starts_with('/') || target.starts_with('$')) return;
    if (is_rewrite) throw Refused(key, "must begin with \"/\" or a variable: it is a path of this site");
    if (!target.starts_with("http://") && !target.starts_with("https://"))
        throw Refused(key, "must begin with \"/\", \"https://\", \"http://\" or a variable");
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : conditions(host, setup),
      map(readMap(host, setup)),
      action(readAction(host, setup)),
      status(readStatus(host, setup, action)) {
    const bool has_map = !map.isEmpty();
    conditions.readFiles(host, setup, has_map);
    map_key = readTemplate(host, setup, "map_key", conditions, false);
    checkTarget(host, setup, action);
    if (action == Action::Redirect) target = readTemplate(host, setup, "redirect", conditions, has_map);
    if (action == Action::Rewrite) target = readTemplate(host, setup, "rewrite", conditions, has_map);
    if (conditions.isEmpty() && !has_map)
        throw Refused("", "applies to every request: give it a condition, such as `path`");
}

bool isForHtaccess(const tp_host& host, const tp_setup& setup) {
    if (host.config_integer(&setup, "htaccess") == 0) return false;
    for (const tp_key& key : kKeys)
        if (std::string_view(key.name) != "htaccess" && host.config_is_set(&setup, key.name) != 0)
            throw Refused(key.name, "is set beside `htaccess`: rules of the config are uses of their own");
    if (host.site_root(&setup).len == 0) throw Refused("htaccess", "the site has no `root`");
    return true;
}

}  // namespace turnpike::rewrite
