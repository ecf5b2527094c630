#include "applications.h"

#include <filesystem>

#include "browser.h"
#include "php_site.h"

namespace turnpike::apps {
namespace {

constexpr const char* kPurgeToken = "a token of the test";

std::string variablesOf(const Application& application, const Way& way) {
    // php-cgi answers only where the server says that it has sent the request on (cgi.force_redirect).
    std::string all = "REDIRECT_STATUS = \"200\"";
    if (way.is_cached)
        all += ", TURNPIKE_PURGE_SOCKET = \"FOLDER/purge.sock\", TURNPIKE_PURGE_SITE = \"" + application.name +
               "\", TURNPIKE_PURGE_TOKEN = \"" + kPurgeToken + "\"";
    return "{ " + all + " }\n";
}

}  // namespace

const std::vector<Gateway>& gateways() {
    static const std::vector<Gateway> all = {
        {"cgi", "plugin = \"cgi\"\ninterpreter = [\"/usr/bin/php-cgi\"]\nsuffixes = [\".php\"]\n", "env",
         [] { return std::filesystem::exists("/usr/bin/php-cgi"); }, "php-cgi"},
        {"fastcgi", "plugin = \"fastcgi\"\npreset = \"php-fpm\"\n", "params", e2e::hasPhpFpm, "php-fpm"},
        {"php", "plugin = \"php\"\n", "params", e2e::hasEmbeddedPhp, "libphp-embed and php-dev, at build time"},
    };
    return all;
}

const std::vector<Way>& ways() {
    static const std::vector<Way> all = {
        {"http1", false, false},
        {"http1_cache", false, true},
        {"http2", true, false},
        {"http2_cache", true, true},
    };
    return all;
}

const std::vector<Application>& applications() {
    static const std::vector<Application> all = {
        {"wordpress", "/usr/share/wordpress/wp-settings.php", "wordpress wordpress-theme-twentytwentythree",
         "sh " TURNPIKE_SOURCE "/examples/wordpress/site.sh FOLDER && cp " TURNPIKE_SOURCE
         "/examples/cache/purge.php FOLDER/wp-content/mu-plugins/",
         "preset = \"wordpress\"\ndefault_ttl = \"10m\"\n"},
        {"mediawiki", "/usr/share/mediawiki/mw-config/index.php", "mediawiki",
         "sh " TURNPIKE_SOURCE "/tests/apps/install/mediawiki.sh FOLDER && cp " TURNPIKE_SOURCE
         "/examples/cache/purge.php FOLDER/",
         "preset = \"mediawiki\"\n"},
        // Nothing of it is for two: with a lifetime and without a preset its cookies alone must keep it apart.
        {"phpmyadmin", "/usr/share/phpmyadmin/index.php", "phpmyadmin",
         "sh " TURNPIKE_SOURCE "/tests/apps/install/phpmyadmin.sh FOLDER SOCKET", "default_ttl = \"10m\"\n"},
    };
    return all;
}

std::string serverConfig(const Way& way) { return way.is_cached ? "purge_socket = \"FOLDER/purge.sock\"\n" : ""; }

std::string siteConfig(const Application& application, const Gateway& gateway, const Way& way) {
    std::string site = "[[site]]\nname = \"" + application.name + "\"\nroot = \"FOLDER/site\"\npreset = \"" +
                       application.name + "\"\n";
    if (way.is_secure) site += "tls = { certificate = \"FOLDER/site.pem\", key = \"FOLDER/site.key\" }\n";
    if (way.is_cached)
        site += "[[site.hook]]\nplugin = \"cache\"\npurge_token = \"" + std::string(kPurgeToken) + "\"\n" +
                application.cache;
    return site + "[[site.route]]\nsuffix = \".php\"\n" + gateway.route + gateway.variables + " = " +
           variablesOf(application, way);
}

std::string missing(const Application& application, const Gateway& gateway) {
    if (!gateway.is_there()) return "no " + gateway.name + " here (" + gateway.hint + ")";
    for (const auto& [file, package] : {std::pair<std::string, std::string>{application.needs, application.hint},
                                        {"/usr/sbin/mariadbd", "mariadb-server"},
                                        {"/usr/bin/chromium", "chromium"},
                                        {"/usr/bin/node", "nodejs"}})
        if (!std::filesystem::exists(file)) return file + " is not here (" + package + ")";
    if (!std::filesystem::exists(browserModules() + "/playwright-core"))
        return "playwright-core is not in " + browserModules() + " (./run apps installs it)";
    return "";
}

}  // namespace turnpike::apps
