// applications.h - the applications, the ways to run their PHP and the ways to reach them: each is one line of a
// list.
#pragma once
#include <ostream>
#include <string>
#include <vector>

namespace turnpike::apps {

/// How PHP is run.
struct Gateway {
    std::string name;
    std::string route;      // the keys of a route that takes scripts
    std::string variables;  // the key of more variables for them
    bool (*is_there)();
    std::string hint;  // the Debian package that brings it
};
/// How the browser reaches the site.
struct Way {
    std::string name;
    bool is_secure;  // HTTP/2 over TLS; otherwise HTTP/1.1 in the clear
    bool is_cached;  // the plugin `cache` stands before the application
};
struct Application {
    std::string name;         // also of its preset
    std::string needs, hint;  // a file that must exist; the Debian package that brings it
    std::string install;      // a shell command; its words FOLDER and SOCKET are replaced
    std::string cache;        // keys of its page cache
};

/// What GoogleTest says of them.
inline void PrintTo(const Gateway& one, std::ostream* to) { *to << one.name; }
inline void PrintTo(const Way& one, std::ostream* to) { *to << one.name; }
inline void PrintTo(const Application& one, std::ostream* to) { *to << one.name; }

const std::vector<Gateway>& gateways();
const std::vector<Way>& ways();
const std::vector<Application>& applications();

/// Further lines of [server] that siteConfig() relies on.
std::string serverConfig(const Way& way);
/// The site of `application` by its preset, with its root in FOLDER/site; for TLS it needs FOLDER/site.pem and
/// FOLDER/site.key.
std::string siteConfig(const Application& application, const Gateway& gateway, const Way& way);
/// Why one of these cannot be tested here, or nothing.
std::string missing(const Application& application, const Gateway& gateway);

}  // namespace turnpike::apps
