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

/// `keys`: more of the plugin's.
inline std::string embeddedSite(const std::string& keys = "children = 3") {
    return R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
prefix = "/"
suffix = ".php"
plugin = "php"
)" + keys + R"(
[[site.route]]
prefix = "/"
plugin = "static"
)";
}

inline const char* kPhpFpmSite = R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
prefix = "/"
suffix = ".php"
plugin = "fastcgi"
preset = "php-fpm"
children = 3
[[site.route]]
prefix = "/"
plugin = "static"
)";

}  // namespace turnpike::e2e
