// php_site.h - a site of PHP scripts in the server's folder, and what a browser does with its forms.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {

inline bool hasPhpFpm() {
    for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"})
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().filename().string().starts_with("php-fpm")) return true;
    return false;
}

/// turnpike-php is built where libphp and its headers are.
inline bool hasEmbeddedPhp() { return std::filesystem::exists(TURNPIKE_BUILD "/plugins/turnpike-php"); }

/// Scripts by the plugin that `route` names, with its keys; everything else is a file. `hooks`: TOML of them.
inline std::string phpSite(const std::string& route, const std::string& hooks = "") {
    return R"(
[[site]]
name = "site"
root = "FOLDER/public"
)" + hooks +
           R"(
[[site.route]]
prefix = "/"
suffix = ".php"
)" + route +
           R"(
[[site.route]]
prefix = "/"
plugin = "static"
)";
}
/// `keys`: more of the plugin's.
inline std::string embeddedSite(const std::string& keys = "children = 3") {
    return phpSite("plugin = \"php\"\n" + keys);
}
inline std::string phpFpmSite(const std::string& more = "") {
    return phpSite("plugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 3\n" + more);
}

}  // namespace turnpike::e2e
