// stage.h - what the cases of truth_test.cpp share: a server with a route of each kind, the programs and servers
// behind it, and the tracer.
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "plugins/proxy/tls_upstream.h"
#include "support/certificates.h"
#include "support/fastcgi_program.h"
#include "support/server_process.h"
#include "tracer.h"

namespace turnpike::truth {

inline constexpr const char* kSite = R"(
[[site]]
name = "truth"
hosts = ["*"]
root = "SITE"
tls = { certificate = "SITE/site.pem", key = "SITE/site.key" }
error_pages = { 410 = "/small.txt" }

[[site.route]]
prefix = "/cgi/"
plugin = "cgi"

[[site.route]]
prefix = "/fastcgi-unix"
plugin = "fastcgi"
command = ["SITE/cgi/program"]
directory = "/"

[[site.route]]
prefix = "/fastcgi-tcp"
plugin = "fastcgi"
children = 1
address = "127.0.0.1:TCP"

[[site.route]]
prefix = "/secure"
plugin = "proxy"
targets = ["SECURE"]
tls = { trust = "SITE/target.pem" }

PHP
[[site.route]]
exact = "/gone"
plugin = "static"
try = ["/not-there", "=410"]

[[site.route]]
prefix = "/list/"
plugin = "static"
autoindex = true

[[site.route]]
prefix = "/"
plugin = "probe"

[[site.route]]
prefix = "/"
plugin = "static"
)";

inline std::string replaced(std::string text, const std::string& name, const std::string& value) {
    if (size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
    return text;
}

/// Everything that the cases share: starting it takes longer than all of them.
struct Stage {
    Stage() : tcp(TRUTH_PROGRAM) {
        const char* php =
            "[[site.route]]\nsuffix = \".php\"\nplugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 1\n";
        const char* embedded = "[[site.route]]\nprefix = \"/embedded/\"\nplugin = \"php\"\nchildren = 1\n\n";
        std::string sites = replaced(
            kSite, "PHP", (hasEmbeddedPhp() ? std::string(embedded) : "") + (findPhp().empty() ? "" : php));
        sites = replaced(sites, "TCP", std::to_string(tcp.port()));
        sites = replaced(sites, "SECURE", secure.target());
        for (size_t at; (at = sites.find("SITE")) != std::string::npos;) sites.replace(at, 4, folder.path());
        fill();
        const std::string listen =
            "listen = [\"127.0.0.1:PORT\", \"127.0.0.1:" + std::to_string(tls_port) + " tls\"]\n";
        server =
            std::make_unique<ServerProcess>(sites, listen + "access_format = \"json\"", "body_memory = \"64KiB\"");
        tracer = std::make_unique<Tracer>(*server);
    }
    static bool hasEmbeddedPhp() { return std::filesystem::exists(TURNPIKE_BUILD "/plugins/php.so"); }
    static std::string findPhp() {
        for (const auto& entry : std::filesystem::directory_iterator("/usr/sbin"))
            if (entry.path().filename().string().starts_with("php-fpm")) return entry.path();
        return "";
    }
    void fill() const {
        ::chmod(folder.path().c_str(), 0755);
        const MadeCertificate made = makeCertificate();
        folder.write("site.pem", made.certificate);
        folder.write("site.key", made.key);
        folder.write("target.pem", target.certificate);
        ::chmod((folder.path() + "/site.key").c_str(), 0600);
        folder.write("small.txt", "small\n");
        folder.write("large.bin", std::string(3u << 20, 'l'));
        // What was written a moment ago is looked at again when its time is settled, and the descriptor that was
        // kept of it is closed for nobody in particular.
        for (const char* name : {"/small.txt", "/large.bin"}) {
            const std::string path = folder.path() + name;
            std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
        }
        folder.write("list/one", "");
        folder.write("embedded/size.php", "<?php echo strlen(file_get_contents('php://input')), ' bytes';");
        folder.write("size.php", "<?php echo strlen(file_get_contents('php://input')), ' bytes';");
        folder.write("cgi/complains", "#!/bin/sh\necho 'so it is' >&2\nprintf 'Content-Type: a/b\\n\\nhi\\n'\n");
        folder.write("cgi/long",
                     "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\n'\nexec dd if=../large.bin bs=4M 2>/dev/null\n");
        std::filesystem::copy_file(TRUTH_PROGRAM, folder.path() + "/cgi/program");
        for (const char* name : {"program", "complains", "long"})
            ::chmod((folder.path() + "/cgi/" + name).c_str(), 0755);
    }

    TempFolder folder;
    FastCgiProgram tcp;
    MadeCertificate target = makeCertificate({.hosts = {"IP:127.0.0.1"}});
    proxy::test::TlsUpstream secure{{.shown = target}};
    uint16_t tls_port = freePort();
    std::unique_ptr<ServerProcess> server;
    std::unique_ptr<Tracer> tracer;
    size_t lines = 0;  // of the access log, so far
};

}  // namespace turnpike::truth
