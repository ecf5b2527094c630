#include "measure/bed/configuration.h"

#include <utility>

namespace turnpike::measure {
namespace {

const std::string kPage = R"([[site.route]]
exact = "/page"
plugin = "page"
)";

const std::string kStatic = R"([[site.route]]
plugin = "static"
)";

const std::string kSendfile = kStatic + "memory_file = 0\nsend = \"sendfile\"\n";

const std::string kPhp = R"([[site.route]]
suffix = ".php"
plugin = "fastcgi"
preset = "php-fpm"
children = 4
)";

const std::string kPool = R"([[site.route]]
suffix = ".php"
plugin = "php"
children = 4
)";

const std::string kInline = R"([[site.route]]
suffix = ".php"
plugin = "php_inline"
insist = true
)";

const std::string kPhpCgiRoute = R"([[site.route]]
suffix = ".php"
plugin = "cgi"
interpreter = ["{PHP_CGI}"]
env = { REDIRECT_STATUS = "200" }
)";

const std::string kLookups =
    R"(params = { LOOKUPS_SQLITE = "{FOLDER}/data/lookups.sqlite", LOOKUPS_SOCKET = "{FOLDER}/database/socket", )"
    R"(LOOKUPS_PORT = "{DATABASE_PORT}", LOOKUPS_PASSWORD = "{DATABASE_PASSWORD}" }
)";

const std::string kResponderRoute = R"([[site.route]]
exact = "/page"
plugin = "fastcgi"
command = ["../programs/responder"]
instances = 4
)";

void addE0(std::vector<Configuration>& all) {
    for (const char* arm : {"1", "2"})
        all.push_back({std::string("E0-aa-") + arm, 0, "one of two that are the same", "", kSendfile});
    for (const char* calls : {"0", "50", "200", "1000"})
        all.push_back({std::string("E0-inject-") + calls, 0,
                       std::string(calls) + " system calls more for each request, which do nothing",
                       std::string("inject_null_calls = ") + calls + "\n", kPage});
    all.push_back({"E0-ledger-on", 0, "with the ledger, as always", "", kSendfile});
    all.push_back({"E0-ledger-off", 0, "without the ledger", "ledger = false\n", kSendfile});
}

void addE1(std::vector<Configuration>& all) {
    all.push_back({"E1-sendfile", 0, "files leave by sendfile", "", kSendfile});
    all.push_back(
        {"E1-read", 0, "files leave by read and write", "", kStatic + "memory_file = 0\nsend = \"read\"\n"});
    all.push_back({"E1-memory", 0, "files are kept in memory", "", kStatic + "memory_file = \"1MiB\"\n"});
}

constexpr const char *kInlineText = "PHP in the worker itself",
                     *kPoolText = "PHP in interpreters of its own, over shared memory";

void addE3(std::vector<Configuration>& all) {
    all.push_back(
        {"E3-none", 0, "static files, connections are accepted at once", "defer_accept = \"0s\"\n", kStatic});
    all.push_back({"E3-defer_accept", 0, "static files, connections are accepted when they have data",
                   "defer_accept = \"1s\"\n", kStatic});
}

void addE4(std::vector<Configuration>& all) {
    const std::string cgi = "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n";
    all.push_back({"E4-c-static", 0, "a CGI program in C, linked statically", "", cgi});
    all.push_back({"E4-c-dynamic", 0, "a CGI program in C", "", cgi});
    all.push_back({"E4-php-cgi", kPhpCgi, "PHP as a CGI program", "", kPhpCgiRoute});
    all.push_back({"E4-in-process", 0, "the same answer without a process: from a plugin", "", kPage});
}

void addE5(std::vector<Configuration>& all) {
    for (const bool is_php : {false, true})
        for (const bool is_tcp : {false, true})
            for (const bool is_kept : {true, false}) {
                const std::string backend = is_php ? "php-fpm" : "responder", transport = is_tcp ? "tcp" : "unix";
                const std::string connection = is_kept ? "kept" : "new";
                std::string name = "E5-";
                name.append(backend).append("-").append(transport).append("-").append(connection);
                all.push_back({std::move(name), is_php ? kPhpFpm : kResponder,
                               backend + " over " + (is_tcp ? "TCP" : "a unix socket") +
                                   (is_kept ? ", connections are kept" : ", a connection for each request"),
                               "",
                               (is_php ? kPhp : kResponderRoute) +
                                   (is_tcp ? "listen = \"127.0.0.1:{BACKEND_PORT}\"\n" : "") +
                                   (is_kept ? "" : "keep = false\n")});
            }
    all.push_back({"E5-in-process", 0, "the same answer without a hop: from a plugin", "", kPage});
    all.push_back({"E5-php-pool-memory-kept", kEmbeddedPhp, kPoolText, "", kPool});
    all.push_back({"E5-php-inline", kEmbeddedPhp, kInlineText, "", kInline});
}

void addE6(std::vector<Configuration>& all) {
    all.push_back({"E6-inline", kEmbeddedPhp, kInlineText, "", kInline});
    all.push_back({"E6-pool", kEmbeddedPhp, kPoolText, "", kPool});
    all.push_back({"E6-fpm-unix", kPhpFpm, "PHP by php-fpm over a unix socket, connections are kept", "", kPhp});
    all.push_back({"E6-fpm-tcp", kPhpFpm, "PHP by php-fpm over TCP, connections are kept", "",
                   kPhp + "listen = \"127.0.0.1:{BACKEND_PORT}\"\n"});
    all.push_back({"E6-cgi", kPhpCgi, "PHP as a CGI program", "", kPhpCgiRoute});
}

void addWithPhp(std::vector<Configuration>& all) {
    all.push_back({"E7-sqlite", kPhpFpm | kSqlite, "PHP that looks rows up in SQLite", "", kPhp + kLookups});
    all.push_back({"E7-mariadb", kPhpFpm | kMariaDb,
                   "PHP that looks rows up in MariaDB (mariadbd --defaults-file=database/my.cnf)", "",
                   kPhp + kLookups});
    all.push_back({"E7-sqlite-pool", kEmbeddedPhp | kSqlite, "embedded PHP that looks rows up in SQLite", "",
                   kPool + kLookups});
    all.push_back({"E7-mariadb-pool", kEmbeddedPhp | kMariaDb,
                   "embedded PHP that looks rows up in MariaDB (mariadbd --defaults-file=database/my.cnf)", "",
                   kPool + kLookups});
    all.push_back({"E9-php", kPhpFpm, "static files and PHP", "", kPhp + kStatic});
    all.push_back({"E9-php-db", kPhpFpm | kMariaDb,
                   "static files and PHP with MariaDB (mariadbd --defaults-file=database/my.cnf)", "",
                   kPhp + kLookups + kStatic});
}

std::vector<Configuration> makeAll() {
    std::vector<Configuration> all;
    addE0(all);
    addE1(all);
    addE3(all);
    addE4(all);
    addE5(all);
    addE6(all);
    addWithPhp(all);
    for (size_t i = 0; i < all.size(); ++i) all[i].run_folder = "run/" + std::to_string(i);
    return all;
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

const std::string kWhole = R"(# {NAME}: {WHAT}.
# `turnpike measure --keep FOLDER` lays out all that it needs, and `turnpike serve -c FOLDER/{NAME}.toml` starts it.
[server]
listen = ["127.0.0.1:{PORT}"]
workers = 1
plugin_folder = "plugins"
runtime_folder = "{RUN}"
spool_folder = "{RUN}/spool"
error_log = "log/{NAME}"
access_format = "off"
{SERVER}
[limits]
connections_per_address = 0
requests_per_connection = 1000000000

[[site]]
name = "site"
root = "site"

{ROUTES})";

}  // namespace

std::string Configuration::text(const Place& place) const {
    std::string text = kWhole;
    const std::pair<const char*, std::string> values[] = {
        {"{SERVER}", server},
        {"{ROUTES}", routes},
        {"{RUN}", run_folder},
        {"{NAME}", name},
        {"{WHAT}", what},
        {"{PORT}", std::to_string(place.port)},
        {"{BACKEND_PORT}", std::to_string(place.backend_port)},
        {"{DATABASE_PORT}", std::to_string(place.database_port)},
        {"{DATABASE_PASSWORD}", place.database_password},
        {"{PHP_CGI}", place.php_cgi},
        {"{FOLDER}", place.folder},
    };
    for (const auto& [place_name, value] : values) replaceAll(text, place_name, value);
    return text;
}

const std::vector<Configuration>& configurations() {
    static const std::vector<Configuration> all = makeAll();
    return all;
}

const Configuration* findConfiguration(const std::string& name) {
    for (const Configuration& one : configurations())
        if (one.name == name) return &one;
    return nullptr;
}

}  // namespace turnpike::measure
