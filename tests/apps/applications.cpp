#include "applications.h"

#include <filesystem>

#include "browser.h"
#include "php_site.h"

namespace turnpike::apps {

const std::vector<Gateway>& gateways() {
    // php-cgi answers only where the server says that it has sent the request on (cgi.force_redirect).
    static const std::vector<Gateway> all = {
        {"cgi",
         "plugin = \"cgi\"\ninterpreter = [\"/usr/bin/php-cgi\"]\nsuffixes = [\".php\"]\n"
         "env = { REDIRECT_STATUS = \"200\" }\n",
         [] { return std::filesystem::exists("/usr/bin/php-cgi"); }, "php-cgi"},
        {"fastcgi", "plugin = \"fastcgi\"\npreset = \"php-fpm\"\n", e2e::hasPhpFpm, "php-fpm"},
        {"php", "plugin = \"php\"\n", e2e::hasEmbeddedPhp, "libphp-embed and php-dev, at build time"},
    };
    return all;
}

const std::vector<Way>& ways() {
    static const std::vector<Way> all = {
        {"http1", "http", "127.0.0.1:PORT", "", ""},
    };
    return all;
}

const std::vector<Application>& applications() {
    static const std::string kFrontController =
        "[[site.route]]\ntry = [\"$path\", \"$path/\", \"/index.php?$query\"]\nplugin = \"static\"\n";
    static const std::vector<Application> all = {
        {"wordpress", "/usr/share/wordpress/wp-settings.php", "wordpress wordpress-theme-twentytwentythree",
         "sh " TURNPIKE_SOURCE "/examples/wordpress/site.sh FOLDER", "index = [\"index.php\"]\n",
         kFrontController},
        {"mediawiki", "/usr/share/mediawiki/maintenance/install.php", "mediawiki php-cli",
         "sh " TURNPIKE_SOURCE "/tests/apps/install/mediawiki.sh FOLDER URL DATABASE PASSWORD SOCKET",
         "index = [\"index.php\"]\n",
         "[[site.route]]\nprefix = \"/wiki/\"\ntry = [\"/index.php?$query\"]\nplugin = \"static\"\n"
         "[[site.route]]\nplugin = \"static\"\n"},
        {"phpmyadmin", "/usr/share/phpmyadmin/index.php", "phpmyadmin",
         "sh " TURNPIKE_SOURCE "/tests/apps/install/phpmyadmin.sh FOLDER SOCKET",
         "index = [\"index.php\"]\nbody_limit = \"64MiB\"\n", "[[site.route]]\nplugin = \"static\"\n"},
    };
    return all;
}

std::string siteConfig(const Application& application, const Gateway& gateway, const Way& way) {
    return "[[site]]\nname = \"" + application.name + "\"\nroot = \"FOLDER/site\"\n" + application.site +
           way.hooks + "[[site.route]]\nsuffix = \".php\"\n" + gateway.route + application.routes;
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
