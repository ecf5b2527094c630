// The access plugin in the real server: no spelling of a path leads around it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "support/raw_client.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

std::string hook(const std::string& keys) { return "[[site.hook]]\nplugin = \"access\"\n" + keys + "\n"; }

std::string site(const std::string& place, const std::string& hooks) {
    return "[[site]]\nhosts = [\"*\"]\nroot = \"" + place + "/site\"\n" + hooks +
           "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n[[site.route]]\nplugin = \"static\"\n";
}

class AccessServer : public testing::Test {
 protected:
    AccessServer() {
        ::chmod(place.path().c_str(), 0755);  // the workers of a server started as root are somebody else
        for (const char* name : {"open.txt", "admin/secret.txt", "admin/index.html", "a b/secret.txt"})
            place.write(std::string("site/") + name, "content\n");
    }
    void start(const std::string& hooks) { server = std::make_unique<ServerProcess>(site(place.path(), hooks)); }
    int status(const std::string& target, const std::string& fields = "") const {
        return get(server->port(), target, fields).status;
    }

    TempFolder place;
    std::unique_ptr<ServerProcess> server;
};

TEST_F(AccessServer, RefusesAnAddress) {
    start(hook("paths = [\"/admin\"]\ndeny = [\"127.0.0.0/8\"]"));
    EXPECT_EQ(status("/open.txt"), 200);
    EXPECT_EQ(status("/admin/secret.txt"), 403);
    EXPECT_EQ(get(server->port(), "/admin/secret.txt").body.find("content"), std::string::npos);
}

TEST_F(AccessServer, AllowsAnAddress) {
    start(hook("allow = [\"127.0.0.1\"]"));
    EXPECT_EQ(status("/admin/secret.txt"), 200);
}

TEST_F(AccessServer, IsNotFooledByTheSpellingOfAPath) {
    start(hook("paths = [\"/admin\", \"/a b\"]\ndeny = [\"all\"]"));
    for (const char* target :
         {"/admin", "/admin/", "/admin/secret.txt", "/%61dmin/secret.txt", "/%61%64%6D%69%6e/secret.txt",
          "//admin/secret.txt", "/admin//secret.txt", "/./admin/secret.txt", "/admin/./secret.txt",
          "/x/../admin/secret.txt", "/x/%2e%2e/admin/secret.txt", "/%2e/admin/secret.txt",
          "/admin/x/../secret.txt", "/admin/secret.txt?x=/open.txt", "/a%20b/secret.txt",
          "/admin/..%2fadmin/secret.txt", "/admin%2fsecret.txt", "/%2fadmin/secret.txt",
          "http://localhost/admin/secret.txt"}) {
        const Answer answer = get(server->port(), target);
        // A spelling that is refused by itself is as good.
        EXPECT_TRUE(answer.status == 403 || answer.status == 400 || answer.status == 404)
            << target << " " << answer.status;
        EXPECT_EQ(answer.body.find("content\n"), std::string::npos) << target;
    }
    for (const char* target :
         {"/%61dmin/secret.txt", "//admin/secret.txt", "/admin/./secret.txt", "/a%20b/secret.txt"})
        EXPECT_EQ(status(target), 403) << target;
    EXPECT_EQ(status("/%6fpen.txt"), 200);
}

}  // namespace
}  // namespace turnpike
