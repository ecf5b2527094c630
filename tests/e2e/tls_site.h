// tls_site.h - the real server on a TLS port, with certificates made for the test.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "support/certificates.h"
#include "support/server_process.h"
#include "support/tls_client.h"
#include "turnpike.h"

namespace turnpike::e2e {

class TlsSite : public ::testing::Test {
 protected:
    TlsSite() : plain_port_(freePort()) {
        server.setup.listen = "127.0.0.1:PORT tls\", \"127.0.0.1:" + std::to_string(plain_port_);
        server.folder().write("public/small.txt", "small\n");
        keep("site", makeCertificate());
        server.setup.sites = site("localhost", "site");
        // tests/limits/vm.sh has a kernel that encrypts: all that is so must be so then as well.
        if (std::getenv("TURNPIKE_TEST_KTLS") != nullptr) server.setup.server = "ktls = true\n";
    }

    /// Files NAME.pem and NAME.key, as an operator would have them.
    void keep(const std::string& name, const MadeCertificate& made) const {
        server.folder().write(name + ".pem", made.certificate);
        server.folder().write(name + ".key", made.key);
        ::chmod(server.path(name + ".key").c_str(), 0600);
    }
    /// A site with that host and certificate; `more` goes into its `tls`, `keys` into the site.
    static std::string site(const std::string& host, const std::string& name, const std::string& more = "",
                            const std::string& keys = "") {
        return "[[site]]\nname = \"" + name + "\"\nhosts = [\"" + host +
               "\"]\nroot = \"FOLDER/public\"\ntls = { certificate = \"FOLDER/" + name +
               ".pem\", key = \"FOLDER/" + name + ".key\"" + more + " }\n" + keys +
               "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n"
               "[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n";
    }
    static TlsClient::Options named(const std::string& host) {
        TlsClient::Options options;
        options.server_name = host;
        return options;
    }
    static std::string asking(const std::string& path, const std::string& host = "localhost") {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }
    uint16_t port() const { return server.port(); }
    uint16_t plainPort() const { return plain_port_; }
    int counted(const std::string& name) const {
        return server.status()->getObject("totals")->getObject("counters")->getValue<int>(name);
    }

    Turnpike server;

 private:
    uint16_t plain_port_;
};

}  // namespace turnpike::e2e
