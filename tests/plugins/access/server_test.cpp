// The access plugin in the real server: no spelling of a path leads around it, and names reach who asks for them.
#include <crypt.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "base64.h"
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

std::string hashOf(const char* password) {
    crypt_data data{};
    return crypt_r(password, "$2y$05$abcdefghijklmnopqrstuu", &data);
}
std::string as(const std::string& pair) { return "Authorization: Basic " + access::base64(pair) + "\r\n"; }

class AccessServer : public testing::Test {
 protected:
    AccessServer() {
        ::chmod(place.path().c_str(), 0755);  // the workers of a server started as root are somebody else
        for (const char* name : {"open.txt", "admin/secret.txt", "admin/index.html", "a b/secret.txt"})
            place.write(std::string("site/") + name, "content\n");
        place.write("site/cgi-bin/who",
                    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s %s' \"$REMOTE_USER\" "
                    "\"$AUTH_TYPE\"\n");
        ::chmod((place.path() + "/site/cgi-bin/who").c_str(), 0755);
        place.write("site/ask.html", "who are you?\n");
    }
    /// The key that names the file of users, which this writes.
    std::string users(const std::string& content) const {
        place.write("users", content);
        ::chmod((place.path() + "/users").c_str(), 0644);
        return "users = \"" + place.path() + "/users\"\n";
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

TEST_F(AccessServer, AsksForAPassword) {
    start(hook("paths = [\"/admin\"]\n" + users("ann:" + hashOf("secret") + "\n")));
    const Answer answer = get(server->port(), "/admin/secret.txt");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.field("www-authenticate"), "Basic realm=\"restricted\", charset=\"UTF-8\"");
    EXPECT_EQ(answer.body.find("content\n"), std::string::npos);
    EXPECT_EQ(status("/open.txt"), 200);
    EXPECT_EQ(status("/admin/secret.txt", as("ann:wrong")), 401);
    EXPECT_EQ(status("/admin/secret.txt", as("bob:secret")), 401);
    EXPECT_EQ(status("/admin/secret.txt", "Authorization: Basic !\r\n"), 401);
    for (int again = 0; again < 3; ++again) EXPECT_EQ(status("/%61dmin//secret.txt", as("ann:secret")), 200);
    EXPECT_EQ(status("/%61dmin//secret.txt"), 401);
    EXPECT_TRUE(server->waitForLog("wrong password for \"ann\""));
    EXPECT_EQ(server->errorLog().find("ann:secret"), std::string::npos);
}

TEST_F(AccessServer, TellsProgramsAndTheLogWhoItIs) {
    start(hook(users("ann:" + hashOf("secret") + "\n")));
    EXPECT_EQ(get(server->port(), "/cgi-bin/who", as("ann:secret")).body, "ann Basic");
    EXPECT_EQ(get(server->port(), "/cgi-bin/who", as("ann:secret")).body, "ann Basic");
    EXPECT_NE(server->waitForAccess(2).find(" - ann ["), std::string::npos) << server->accessLog();
}

TEST_F(AccessServer, KeepsItsChallengeWithAPageOfTheSite) {
    server = std::make_unique<ServerProcess>(
        site(place.path(), "error_pages = { 401 = \"/ask.html\" }\n" + hook(users("ann:" + hashOf("s")))));
    const Answer answer = get(server->port(), "/open.txt");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, "who are you?\n");
    EXPECT_NE(answer.field("www-authenticate").find("Basic realm="), std::string::npos);
}

TEST_F(AccessServer, ReadsItsUsersAgainWhenItReloads) {
    start(hook(users("ann:" + hashOf("old"))));
    EXPECT_EQ(status("/open.txt", as("ann:old")), 200);
    users("ann:" + hashOf("new"));
    EXPECT_EQ(status("/open.txt", as("ann:old")), 200);
    std::string output;
    EXPECT_EQ(server->run("reload", &output), 0) << output;
    EXPECT_EQ(status("/open.txt", as("ann:old")), 401);
    EXPECT_EQ(status("/open.txt", as("ann:new")), 200);
    users("ann:new\n");
    EXPECT_NE(server->run("reload", &output), 0);
    EXPECT_NE(output.find("users:1: \"ann\": the password is plain text"), std::string::npos) << output;
    EXPECT_EQ(status("/open.txt", as("ann:new")), 200);
}

TEST_F(AccessServer, AnswersOthersWhileItVerifies) {
    crypt_data data{};
    const std::string slow = crypt_r("secret", "$2y$13$abcdefghijklmnopqrstuu", &data);  // most of a second
    start(hook("paths = [\"/admin\"]\n" + users("ann:" + slow)));
    RawClient client(server->port());
    client.send("GET /admin/secret.txt HTTP/1.1\r\nHost: localhost\r\n" + as("ann:secret") + "\r\n");
    EXPECT_EQ(client.rest(30), "");
    EXPECT_EQ(status("/open.txt"), 200);
    EXPECT_EQ(client.rest(20), "") << "the other request was answered first";
    EXPECT_EQ(client.answer().body, "content\n");
}

TEST_F(AccessServer, SaysInTheConfigWhatIsWrong) {
    start("");
    server->writeConfig(site(place.path(), hook("allow = [\"10.0.0.1/8\"]")));
    std::string output;
    EXPECT_NE(server->run("check", &output), 0);
    EXPECT_NE(output.find("turnpike.toml:"), std::string::npos) << output;
    EXPECT_NE(output.find("\"10.0.0.1/8\" has bits set behind its network"), std::string::npos) << output;
}

}  // namespace
}  // namespace turnpike
