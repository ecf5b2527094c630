#include "measure/site/ways.h"

#include <algorithm>

#include "measure/site/route_keys.h"

namespace turnpike::measure {
namespace {

constexpr const char* kTransports[] = {"unix", "tcp"};
constexpr const char* kConnections[] = {"kept", "new"};
constexpr const char* kPhpPlugin = "php";  // interpreters of the site's own, where that plugin is installed

// What only means something for a backend that the route names itself.
constexpr std::initializer_list<const char*> kNamedBackend = {
    "address", "addresses", "command", "environment", "directory",   "instances",  "restart",
    "name",    "listen",    "balance", "max_fails",   "fail_window", "fail_pause", "allow_remote"};

std::string connectionText(const std::string& connection) {
    return connection == "kept" ? ", connections kept" : ", a connection for each request";
}

std::string baseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string firstAddress(const RouteKeys& keys) {
    const std::vector<std::string> list = keys.list("addresses");
    return list.empty() ? keys.text("address") : list.front();
}

bool isFastCgi(const config::Route& route) { return route.use.plugin == "fastcgi"; }
bool isCgi(const config::Route& route) { return route.use.plugin == "cgi"; }

/// Who runs the backend of a FastCGI route, as the first part of the way's name.
std::string backendOf(const RouteKeys& keys) {
    if (!firstAddress(keys).empty()) return "external";
    return keys.has("command") ? "fastcgi" : "php-fpm";
}

std::string transportOf(const RouteKeys& keys) {
    const std::string address = firstAddress(keys);
    return address.starts_with("unix:") || (address.empty() && !keys.has("listen")) ? "unix" : "tcp";
}

std::string connectionOf(const RouteKeys& keys) { return keys.isTrue("keep", true) ? "kept" : "new"; }

bool isPhp(const config::Route& route, const std::string& path) {
    const RouteKeys keys(route.use.keys);
    if (isFastCgi(route)) return keys.text("preset") == "php-fpm";
    if (!isCgi(route)) return route.use.plugin == kPhpPlugin;
    const std::vector<std::string> interpreter = keys.list("interpreter");
    if (!interpreter.empty()) return baseName(interpreter.front()).starts_with("php");
    return path.substr(0, path.find('?')).ends_with(".php");
}

class Maker {
 public:
    Maker(const config::Site& site, const config::Route& now, const std::string& path, const Present& present)
        : site_(site), now_(now), keys_(now.use.keys), path_(path), present_(present) {}

    Ways make() {
        if (isFastCgi(now_) && backendOf(keys_) != "php-fpm") addOwnBackend();
        if (isPhp(now_, path_)) addPhp();
        putNowFirst();
        if (ways_.all.size() == 1) ways_.why_alone = whyAlone();
        return std::move(ways_);
    }

 private:
    void add(std::string name, std::string what, config::Route route, std::string missing = {}) {
        ways_.all.push_back({std::move(name), std::move(what), std::move(route), std::move(missing)});
    }

    config::Route routeWith(const char* plugin, const RouteKeys& keys) const {
        config::Route route = now_;
        route.use.plugin = plugin;
        route.use.keys = keys.all();
        return route;
    }

    void addFastCgi(const std::string& backend, RouteKeys keys, const std::string& transport,
                    const std::string& connection, const std::string& missing) {
        keys.remove({"listen", "keep"});
        if (transport == "tcp") keys.set("listen", std::string("127.0.0.1:0"));
        if (connection == "new") keys.set("keep", false);
        const std::string who = backend == "fastcgi" ? baseName(keys.list("command").front()) : backend;
        add(backend + "-" + transport + "-" + connection,
            who + (transport == "tcp" ? " over TCP" : " over a unix socket") + connectionText(connection),
            routeWith("fastcgi", keys), missing);
    }

    /// What the route names itself goes on to answer, reached in other ways.
    void addOwnBackend() {
        const std::string backend = backendOf(keys_);
        for (const char* connection : kConnections) {
            if (backend == "external") {
                RouteKeys keys = keys_;
                keys.set("keep", connection == kConnections[0]);
                add(backend + "-" + transportOf(keys_) + "-" + connection,
                    "the backend at " + firstAddress(keys_) + connectionText(connection),
                    routeWith("fastcgi", keys));
                ways_.all.back().is_external = true;
            } else {
                for (const char* transport : kTransports) addFastCgi(backend, keys_, transport, connection, "");
            }
        }
    }

    void addPhp() {
        const std::string no_fpm = present_.php_fpm.empty() ? "php-fpm is not installed (package php-fpm)" : "";
        const std::string no_cgi = present_.php_cgi.empty() ? "php-cgi is not installed (package php-cgi)" : "";
        for (const char* transport : kTransports)
            for (const char* connection : kConnections)
                addFastCgi("php-fpm", fpmKeys(), transport, connection, no_fpm);
        config::Route cgi = routeWith("cgi", cgiKeys());
        if (cgi.try_files.empty() && path_.substr(0, path_.find('?')).ends_with('/')) cgi.try_files = tryIndex();
        add("cgi", "CGI: a php-cgi process for each request", std::move(cgi), no_cgi);
        if (std::find(present_.plugins.begin(), present_.plugins.end(), kPhpPlugin) != present_.plugins.end())
            add("embedded", "PHP in interpreters of the site's own, over shared memory",
                routeWith(kPhpPlugin, RouteKeys({})));
    }

    /// A php-fpm that Turnpike starts. Of the keys stays what holds for any backend.
    RouteKeys fpmKeys() const {
        if (!isFastCgi(now_)) {
            RouteKeys keys({});
            keys.set("preset", std::string("php-fpm"));
            if (config::StringMap params = environment(keys_.map("env"), false); !params.empty())
                keys.set("params", std::move(params));
            keys.set("pass_authorization", keys_.isTrue("pass_authorization", false));
            return keys;
        }
        RouteKeys keys = keys_;
        if (backendOf(keys_) == "php-fpm") return keys;
        const int64_t children = keys.number("children", 0), instances = keys.number("instances", 1);
        if (children == 0 && keys.has("command")) keys.set("children", instances);
        keys.remove(kNamedBackend);
        return keys;
    }

    RouteKeys cgiKeys() const {
        RouteKeys keys({});
        keys.set("interpreter", std::vector<std::string>{present_.php_cgi});
        keys.set("suffixes", std::vector<std::string>{".php"});
        keys.set("env", environment(keys_.map("params"), true));
        keys.set("memory", int64_t{0});  // php-fpm has no such limit either: PHP's memory_limit holds in both
        keys.set("pass_authorization", keys_.isTrue("pass_authorization", true));
        return keys;
    }

    /// php-cgi refuses to run without REDIRECT_STATUS, php-fpm has no use for it.
    static config::StringMap environment(config::StringMap map, bool is_cgi) {
        std::erase_if(map, [](const auto& entry) { return entry.first == "REDIRECT_STATUS"; });
        if (is_cgi) map.emplace_back("REDIRECT_STATUS", "200");
        return map;
    }

    /// The FastCGI plugin looks for a folder's script by itself, the CGI plugin has to be led there.
    std::vector<std::string> tryIndex() const {
        std::vector<std::string> list;
        for (const std::string& name : site_.index)
            if (name.ends_with(".php")) list.push_back("$path" + name);
        if (!list.empty()) list.emplace_back("$path");
        return list;
    }

    std::string nameOfNow() const {
        if (isFastCgi(now_)) return backendOf(keys_) + "-" + transportOf(keys_) + "-" + connectionOf(keys_);
        return now_.use.plugin == kPhpPlugin ? "embedded" : now_.use.plugin;
    }

    void putNowFirst() {
        const std::string name = nameOfNow();
        auto found =
            std::find_if(ways_.all.begin(), ways_.all.end(), [&](const Way& way) { return way.name == name; });
        if (found == ways_.all.end())
            found = ways_.all.insert(found, Way{name, "plugin " + now_.use.plugin, {}, {}});
        found->route = now_;
        found->missing.clear();
        found->is_now = true;
        std::rotate(ways_.all.begin(), found, found + 1);
    }

    std::string whyAlone() const {
        if (now_.use.plugin == "static") return path_ + " is a file, and there is no other way to run a file";
        if (isCgi(now_))
            return path_ +
                   " is answered by a CGI program, and Turnpike cannot run it in another way: written for "
                   "FastCGI it would be started once instead of for each request";
        return path_ + " is answered by the plugin " + now_.use.plugin +
               " inside of the server: there is no other way to run it";
    }

    const config::Site& site_;
    const config::Route& now_;
    const RouteKeys keys_;
    const std::string& path_;
    const Present& present_;
    Ways ways_;
};

}  // namespace

Ways waysOf(const config::Site& site, const config::Route& now, const std::string& path, const Present& present) {
    return Maker(site, now, path, present).make();
}

}  // namespace turnpike::measure
