#include "fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace turnpike::conformance {
namespace {

constexpr const char* kSite = R"(
[[site]]
name = "conformance"
hosts = ["*"]
root = "SITE"
KEYS
[[site.route]]
prefix = "/cgi/"
plugin = "cgi"
pass_authorization = true

[[site.route]]
prefix = "/cgi-default/"
plugin = "cgi"

[[site.route]]
prefix = "/fcg/environment"
plugin = "fastcgi"
command = ["SITE/cgi/environment"]
directory = "/"

[[site.route]]
prefix = "/fcg/says"
plugin = "fastcgi"
command = ["SITE/cgi/says"]
directory = "/"
)";
constexpr const char* kFpm = R"(
[[site.route]]
prefix = "/fpm/"
plugin = "fastcgi"
preset = "php-fpm"
children = 1
)";
constexpr const char* kPhpCgi = R"(
[[site.route]]
prefix = "/phc/"
plugin = "cgi"
interpreter = ["/usr/bin/php-cgi"]
suffixes = [".php"]
pass_authorization = true
)";
constexpr const char* kPhp = R"(
[[site.route]]
prefix = "/php/"
plugin = "php"
children = 1
)";
constexpr const char* kPhpInline = R"(
[[site.route]]
prefix = "/phi/"
plugin = "php_inline"
insist = true
)";
constexpr const char* kRest = R"(
[[site.route]]
prefix = "/"
plugin = "static"
)";

bool canListenOnIpv6() {
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    bool can = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (fd >= 0) close(fd);
    return can;
}

bool hasPhpFpm() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/sbin"))
        if (entry.path().filename().string().starts_with("php-fpm")) return true;
    return false;
}

void install(const TempFolder& folder) {
    ::chmod(folder.path().c_str(), 0755);
    folder.write("plain.txt", "plain\n");
    folder.write("caf\xc3\xa9.txt", "utf-8\n");
    for (const char* name : {"cgi", "cgi-default", "fpm", "phc", "php", "phi"})
        std::filesystem::create_directory(folder.path() + "/" + name);
    for (const char* name : {"/cgi/environment", "/cgi-default/environment", "/cgi/caf\xc3\xa9"})
        std::filesystem::copy_file(CONFORMANCE_ENVIRONMENT, folder.path() + name);
    std::filesystem::copy_file(CONFORMANCE_SAYS, folder.path() + "/cgi/says");
    for (const char* name :
         {"/fpm/environment.php", "/phc/environment.php", "/php/environment.php", "/phi/environment.php"})
        std::filesystem::copy_file(CONFORMANCE_PHP, folder.path() + name);
}

}  // namespace

Gateways::Gateways(const std::string& keys, const std::string& routes)
    : has_ipv6_(canListenOnIpv6()), programs_{{"cgi", "/cgi"}, {"fastcgi", "/fcg"}} {
    install(folder_);
    std::string site = kSite;
    site.replace(site.find("KEYS"), 4, keys + routes);
    if (hasPhpFpm()) {
        site += kFpm;
        php_.push_back({"php-fpm", "/fpm"});
    }
    if (std::filesystem::exists("/usr/bin/php-cgi")) {
        site += kPhpCgi;
        php_.push_back({"php-cgi", "/phc"});
    }
    if (std::filesystem::exists(TURNPIKE_BUILD "/plugins/turnpike-php")) {
        site += kPhp;
        php_.push_back({"php", "/php"});
    }
    if (std::filesystem::exists(TURNPIKE_BUILD "/plugins/php_inline.so")) {
        site += kPhpInline;
        php_.push_back({"php_inline", "/phi"});
    }
    site += kRest;
    for (size_t at; (at = site.find("SITE")) != std::string::npos;) site.replace(at, 4, folder_.path());
    server_ =
        std::make_unique<ServerProcess>(site, has_ipv6_ ? "listen = [\"127.0.0.1:PORT\", \"[::1]:PORT\"]" : "");
}

}  // namespace turnpike::conformance
