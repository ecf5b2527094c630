#include "measure/experiment/site_ways.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace turnpike::measure {
namespace {

using config::PluginUse;
using config::RawKey;
using config::RawValue;

const RawKey* find(const PluginUse& use, const std::string& name) {
    for (const RawKey& key : use.keys)
        if (key.name == name) return &key;
    return nullptr;
}

void set(PluginUse& use, const std::string& name, RawValue value) {
    std::erase_if(use.keys, [&](const RawKey& key) { return key.name == name; });
    use.keys.push_back({name, std::move(value), {}});
}

PluginUse without(PluginUse use, std::initializer_list<const char*> names) {
    std::erase_if(use.keys, [&](const RawKey& key) {
        return std::any_of(names.begin(), names.end(), [&](const char* name) { return key.name == name; });
    });
    return use;
}

bool isPhpFpm(const PluginUse& use) {
    const RawKey* preset = find(use, "preset");
    return use.plugin == "fastcgi" && preset != nullptr && preset->value == RawValue(std::string("php-fpm"));
}

bool isPhpCgi(const PluginUse& use) {
    const RawKey* interpreter = find(use, "interpreter");
    if (use.plugin != "cgi" || interpreter == nullptr) return false;
    const auto* words = std::get_if<std::vector<std::string>>(&interpreter->value);
    return words != nullptr && !words->empty() && words->front().find("php") != std::string::npos;
}

bool isPhp(const PluginUse& use) { return isPhpFpm(use) || isPhpCgi(use); }

/// A FastCGI program that Turnpike itself starts: what it listens on is Turnpike's choice.
bool isOwnProgram(const PluginUse& use) { return use.plugin == "fastcgi" && find(use, "command") != nullptr; }

bool isElsewhere(const PluginUse& use) {
    return use.plugin == "fastcgi" && (find(use, "address") != nullptr || find(use, "addresses") != nullptr);
}

/// How FastCGI reaches its backend.
struct Hop {
    bool is_tcp = false, is_kept = true;
    bool operator==(const Hop&) const = default;
};

Hop hopOf(const PluginUse& use) {
    const RawKey* keep = find(use, "keep");
    return {find(use, "listen") != nullptr, keep == nullptr || keep->value != RawValue(false)};
}

void setHop(PluginUse& use, const Hop& hop) {
    if (hop.is_tcp) set(use, "listen", std::string());  // see givePorts()
    if (!hop.is_kept) set(use, "keep", false);
}

/// What a php-fpm of Turnpike's own would be given; of a CGI route its variables stay.
PluginUse asPhpFpm(const PluginUse& use, const Hop& hop) {
    PluginUse to;
    if (isPhpFpm(use)) to = without(use, {"address", "addresses", "listen", "keep", "command", "instances"});
    to.plugin = "fastcgi";
    set(to, "preset", std::string("php-fpm"));
    if (const RawKey* env = find(use, "env"); env != nullptr) set(to, "params", env->value);
    setHop(to, hop);
    return to;
}

PluginUse asCgi(const PluginUse& use, const std::string& php_cgi) {
    PluginUse to;
    to.plugin = "cgi";
    set(to, "interpreter", std::vector<std::string>{php_cgi});
    set(to, "suffixes", std::vector<std::string>{".php"});
    config::StringMap env = {{"REDIRECT_STATUS", "200"}};  // php-cgi answers nothing without it
    if (const RawKey* params = find(use, "params"); params != nullptr)
        if (const auto* map = std::get_if<config::StringMap>(&params->value))
            for (const auto& variable : *map)
                if (variable.first != env.front().first) env.push_back(variable);
    set(to, "env", env);
    return to;
}

PluginUse asProgram(const PluginUse& use, const Hop& hop) {
    PluginUse to = without(use, {"listen", "keep"});
    setHop(to, hop);
    return to;
}

std::string hopName(const Hop& hop) {
    return std::string(hop.is_tcp ? "tcp" : "unix") + ", " +
           (hop.is_kept ? "kept" : "a connection for each request");
}

std::string hopChange(const Hop& hop) {
    std::string text = hop.is_tcp ? "listen = \"127.0.0.1:9000\"" : "no `listen`";
    return text + (hop.is_kept ? ", no `keep`" : ", keep = false");
}

bool isSame(const PluginUse& a, const PluginUse& b) {
    return a.plugin == b.plugin &&
           std::equal(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(),
                      [](const RawKey& x, const RawKey& y) { return x.name == y.name && x.value == y.value; });
}

/// Routes that name one backend, in the same words, share it, and so its port.
void givePorts(config::Site& site) {
    std::vector<PluginUse> uses;
    for (const config::Route& route : site.routes) uses.push_back(route.use);
    for (config::Route& route : site.routes) {
        if (route.use.plugin != "fastcgi" || find(route.use, "listen") == nullptr) continue;
        const auto first =
            std::find_if(uses.begin(), uses.end(), [&](const PluginUse& use) { return isSame(use, route.use); });
        set(route.use, "listen", "127.0.0.1:{PORT" + std::to_string(first - uses.begin()) + "}");
    }
}

using Exchange = std::function<PluginUse(const PluginUse&)>;
using Applies = bool (*)(const PluginUse&);

class Ways {
 public:
    explicit Ways(const config::Site& site) : site_(site) {
        for (const char* name : {"as it is", "as it is, once more"}) {
            ways_.push_back({name, "", 0, site});
            givePorts(ways_.back().site);
        }
    }

    const PluginUse* first(Applies applies) const {
        for (const config::Route& route : site_.routes)
            if (applies(route.use)) return &route.use;
        return nullptr;
    }

    void add(const std::string& name, const std::string& change, uint32_t needs, Applies applies,
             const Exchange& exchange) {
        SiteWay way{name, change, needs, site_};
        for (config::Route& route : way.site.routes)
            if (applies(route.use)) route.use = exchange(route.use);
        givePorts(way.site);
        ways_.push_back(std::move(way));
    }

    std::vector<SiteWay> take() { return std::move(ways_); }

 private:
    const config::Site& site_;
    std::vector<SiteWay> ways_;
};

/// All hops but `there`, the one that there is; nothing: there is none like these.
void addHops(Ways& ways, const std::string& what, uint32_t needs, Applies applies, const std::optional<Hop>& there,
             PluginUse (*exchange)(const PluginUse&, const Hop&), const std::string& before) {
    for (const bool is_tcp : {false, true})
        for (const bool is_kept : {true, false}) {
            const Hop hop{is_tcp, is_kept};
            if (there == hop) continue;
            ways.add(what + ", " + hopName(hop), before + hopChange(hop), needs, applies,
                     [&](const PluginUse& use) { return exchange(use, hop); });
        }
}

}  // namespace

std::vector<SiteWay> waysOf(const config::Site& site, const std::string& php_cgi) {
    Ways ways(site);
    if (const PluginUse* php = ways.first(isPhp)) {
        const bool is_own = isPhpFpm(*php) && !isElsewhere(*php) && !isOwnProgram(*php);
        const std::string before = is_own ? "" : "plugin = \"fastcgi\", preset = \"php-fpm\", no `address`, ";
        addHops(ways, "php-fpm", kPhpFpm, isPhp, is_own ? std::optional(hopOf(*php)) : std::nullopt, asPhpFpm,
                before);
        if (!isPhpCgi(*php))
            ways.add("cgi", "plugin = \"cgi\", interpreter = [\"" + php_cgi + "\"]", kPhpCgi, isPhp,
                     [&](const PluginUse& use) { return asCgi(use, php_cgi); });
        return ways.take();
    }
    if (const PluginUse* program = ways.first(isOwnProgram))
        addHops(ways, "fastcgi", 0, isOwnProgram, hopOf(*program), asProgram, "");
    else if (const PluginUse* elsewhere = ways.first(isElsewhere)) {
        const bool is_kept = hopOf(*elsewhere).is_kept;
        ways.add(is_kept ? "fastcgi, a connection for each request" : "fastcgi, kept",
                 is_kept ? "keep = false" : "no `keep`", 0, isElsewhere, [&](const PluginUse& use) {
                     PluginUse to = without(use, {"keep"});
                     if (is_kept) set(to, "keep", false);
                     return to;
                 });
    }
    return ways.take();
}

}  // namespace turnpike::measure
