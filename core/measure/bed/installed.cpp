#include "measure/bed/installed.h"

#include <cerrno>
#include <string_view>
#include <vector>

#include "config/defaults.h"
#include "config/machine.h"
#include "config/paths.h"
#include "os/file.h"
#include "os/local.h"

namespace turnpike::measure {
namespace {

std::vector<std::string> namesIn(const std::string& folder) {
    auto names = config::diskFiles().names(folder);
    return names ? *names : std::vector<std::string>();
}

/// The first program of that name, or, with `is_stem`, whose name goes on with a version: "php-fpm8.2".
std::string find(std::string_view name, bool is_stem = false) {
    for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"}) {
        const std::string begin = std::string(folder) + "/";
        if (std::string path = begin + std::string(name); os::exists(path)) return path;
        if (!is_stem) continue;
        for (const std::string& found : namesIn(folder))
            if (found.starts_with(name) && found.find_first_not_of("0123456789.", name.size()) == found.npos)
                return begin + found;
    }
    return {};
}

/// PHP's extensions are files; where they lie depends on the version of its own interface.
bool hasExtension(std::string_view name) {
    const std::string file = std::string("/").append(name).append(".so");
    for (const std::string root : {"/usr/lib/php", "/usr/local/lib/php/extensions", "/usr/lib64/php/modules"}) {
        if (os::exists(root + file)) return true;
        for (const std::string& folder : namesIn(root))
            if (os::exists(std::string(root).append("/").append(folder).append(file))) return true;
    }
    return false;
}

std::string thingsFolder(const config::Machine& machine) {
    std::string installed = config::absolutePath(TURNPIKE_MEASURE_FROM_PROGRAM, "", machine.executable_folder);
    if (os::exists(installed)) return installed;
    return config::folderOf(machine.executable_folder) + "/measure";
}

void add(std::string& text, const char* what) { text += (text.empty() ? "" : ", ") + std::string(what); }

}  // namespace

std::string Installed::missing(uint32_t needs) const {
    std::string what;
    if ((needs & kResponder) != 0 && responder.empty())
        add(what, "the FastCGI responder (build Turnpike with libfcgi-dev)");
    if ((needs & kPhpFpm) != 0 && php_fpm.empty()) add(what, "php-fpm (package php-fpm)");
    if ((needs & kEmbeddedPhp) != 0 && !has_embedded_php)
        add(what, "the plugin php (build Turnpike with php-dev and libphp-embed)");
    if ((needs & kPhpCgi) != 0 && php_cgi.empty()) add(what, "php-cgi (package php-cgi)");
    if ((needs & kSqlite) != 0 && !has_pdo_sqlite) add(what, "PHP's SQLite (package php-sqlite3)");
    if ((needs & kMariaDb) != 0 && !has_pdo_mysql) add(what, "PHP's MySQL client (package php-mysql)");
    if ((needs & kMariaDb) != 0 && (mariadbd.empty() || mariadb_install.empty()))
        add(what, "mariadbd (package mariadb-server)");
    return what;
}

Result<Installed> findInstalled(const std::string& program) {
    config::Machine machine = config::thisMachine();
    machine.executable_folder = config::folderOf(program);
    config::Server server;
    config::fillDefaults(server, machine, config::diskFiles());
    Installed found;
    found.program = program;
    found.plugins = server.plugin_folder;
    found.things = thingsFolder(machine);
    if (!os::exists(found.things + "/pages"))
        return Error{ENOENT, "the pages to measure are missing: " + found.things +
                                 "/pages is not there; install Turnpike again, or build all of it"};
    if (machine.user_id == 0) {
        auto workers = os::findIdentity(server.user, server.group);
        if (!workers) return workers.error();
        found.workers = *workers;
    }
    if (os::exists(found.things + "/programs/responder")) found.responder = found.things + "/programs/responder";
    found.php_fpm = find("php-fpm", true);
    found.php_cgi = find("php-cgi", true);
    found.mariadbd = find("mariadbd");
    found.mariadb_install = find("mariadb-install-db");
    found.has_pdo_sqlite = hasExtension("pdo_sqlite");
    found.has_embedded_php = os::exists(found.plugins + "/php.so") && os::exists(found.plugins + "/php_inline.so");
    found.has_pdo_mysql = hasExtension("pdo_mysql");
    return found;
}

}  // namespace turnpike::measure
