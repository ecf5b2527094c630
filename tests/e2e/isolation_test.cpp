// Two sites of two users: whoever runs PHP, a script of one finds nothing of the other's.
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "php_site.h"
#include "processes.h"

namespace turnpike::e2e {
namespace {

// Both are in every Debian, and no site's.
constexpr const char *kAnn = "games", *kBob = "backup", *kWorkers = "www-data";

struct How {
    const char* name;
    std::string route, closed;  // closed: with an open_basedir
    bool isThere;
    bool hasSocket;
};

/// Says what it could get hold of. `folder` and `pid`: whose; `socket`, `temporary`, `session`: paths.
constexpr const char* kThief = R"(<?php
error_reporting(0); header('Content-Type: text/plain');
$folder = $_GET['folder']; $pid = $_GET['pid'] === 'self' ? getmypid() : (int)$_GET['pid'];
if ($_GET['pid'] === 'self') { session_id('isolationself'); session_start(); session_write_close();
    $_GET['session'] = session_file('isolationself'); $_GET['temporary'] = tempnam(sys_get_temp_dir(), 'self'); }
function session_file($id) { return (session_save_path() ?: sys_get_temp_dir()) . '/sess_' . $id; }
function say($what, $got) { echo $what, $got === false || $got === null ? "=no\n" : "=yes\n"; }
say('secret', file_get_contents("$folder/secret.txt"));
say('folder', scandir($folder));
say('write', file_put_contents("$folder/left.txt", 'x'));
say('environment', file_get_contents("/proc/$pid/environ"));
say('descriptors', scandir("/proc/$pid/fd"));
say('mappings', file_get_contents("/proc/$pid/maps"));
say('memory', fopen("/proc/$pid/mem", 'r+'));
say('session', file_get_contents($_GET['session']));
say('temporary', file_get_contents($_GET['temporary']));
if ($_GET['socket']) say('socket', stream_socket_client('unix://' . $_GET['socket']));
say('signal', posix_kill($pid, 0));
)";

/// Says who it is and what it has open, and stays until it is let go.
constexpr const char* kVictim = R"(<?php
while (ob_get_level() > 0) ob_end_clean(); header('Content-Type: text/plain');
session_id('isolation' . getmypid()); session_start(); $_SESSION['secret'] = 1; session_write_close();
$temporary = tempnam(sys_get_temp_dir(), 'isolation'); file_put_contents($temporary, 'secret');
echo 'pid ', getmypid(), "\nuid ", posix_geteuid(), "\nsession ",
    (session_save_path() ?: sys_get_temp_dir()) . '/sess_isolation' . getmypid(), "\ntemporary $temporary\n";
foreach (scandir('/proc/self/fd') as $fd) { $to = @readlink("/proc/self/fd/$fd");
    if (strpos($to, 'socket:') === 0) echo "open $to\n";
    if (strpos($to, '/memfd:') === 0) echo 'open memfd:', @stat("/proc/self/fd/$fd")['ino'], "\n"; }
foreach (file('/proc/self/maps') as $line) { $part = preg_split('/\s+/', $line);
    if (strpos($line, '(deleted)')) echo 'open mapped:', $part[3], ':', $part[4], "\n"; }
echo "end\n"; flush();
while (!file_exists(__DIR__ . '/go')) { usleep(1000); clearstatcache(); }
@unlink($temporary);
)";

class Isolation : public ::testing::TestWithParam<How> {
 protected:
    void SetUp() override {
        if (!isRoot()) GTEST_SKIP() << "needs root, to run sites as other users";
        for (const char* name : {kAnn, kBob, kWorkers})
            if (::getpwnam(name) == nullptr) GTEST_SKIP() << "there is no user " << name;
        if (!GetParam().isThere) GTEST_SKIP() << "this PHP is not installed";
        makeSite("ann", kAnn);
        makeSite("bob", kBob);
        server.setup.sites = site("ann", kAnn) + site("bob", kBob);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }

    /// Its user's, for the workers to read and for nobody else.
    void makeSite(const std::string& name, const char* user) {
        server.folder().write(name + "/thief.php", kThief);
        server.folder().write(name + "/victim.php", kVictim);
        server.folder().write(name + "/secret.txt", "secret\n");
        for (const char* file : {"", "/thief.php", "/victim.php", "/secret.txt"}) {
            const std::string path = server.path(name) + file;
            ASSERT_EQ(::chown(path.c_str(), ::getpwnam(user)->pw_uid, ::getgrnam(kWorkers)->gr_gid), 0);
            ASSERT_EQ(::chmod(path.c_str(), *file == '\0' ? 0750 : 0640), 0);
        }
    }
    static std::string site(const std::string& name, const std::string& user) {
        std::string route = GetParam().route;
        return "[[site]]\nname = \"" + name + "\"\nhosts = [\"" + name + ".test\"]\nroot = \"FOLDER/" + name +
               "\"\nuser = \"" + user + "\"\n[[site.route]]\nsuffix = \".php\"\n" + route +
               "[[site.route]]\nplugin = \"static\"\n";
    }
    std::string ask(const std::string& name, const std::string& target) const {
        return turnpike::ask(server.port(),
                             "GET " + target + " HTTP/1.1\r\nHost: " + name + ".test\r\nConnection: close\r\n\r\n")
            .body;
    }

    struct Victim {
        std::unique_ptr<RawClient> client;
        std::map<std::string, std::string> is;
        std::set<std::string> open;
    };
    Victim victim(const std::string& name) const {
        Victim found;
        found.client = std::make_unique<RawClient>(server.port());
        found.client->send("GET /victim.php HTTP/1.1\r\nHost: " + name + ".test\r\nConnection: close\r\n\r\n");
        std::string text;
        eventually([&] { return (text += found.client->rest(50)).find("end\n") != std::string::npos; });
        std::istringstream lines(text);
        for (std::string word, value; lines >> word;) {
            if (word != "pid" && word != "uid" && word != "session" && word != "temporary" && word != "open")
                continue;
            lines >> value;
            word == "open" ? (void)found.open.insert(value) : (void)(found.is[word] = value);
        }
        EXPECT_FALSE(found.is["pid"].empty()) << text << server.errorLog();
        return found;
    }
    /// The sockets of that user's programs.
    std::vector<std::string> socketsOf(const char* user) const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(server.path("run"))) {
            struct stat st {};
            if (::lstat(entry.path().c_str(), &st) != 0 || !S_ISSOCK(st.st_mode)) continue;
            if (st.st_uid != ::getpwnam(user)->pw_uid) continue;
            EXPECT_EQ(st.st_mode & 0777, 0660u) << entry.path();
            EXPECT_EQ(st.st_gid, ::getgrnam(kWorkers)->gr_gid) << entry.path();
            found.push_back(entry.path());
        }
        return found;
    }

    Turnpike server;
};

TEST_P(Isolation, AScriptFindsNothingOfAnotherSite) {
    const Victim bob = victim("bob"), ann = victim("ann");
    EXPECT_EQ(bob.is.at("uid"), std::to_string(::getpwnam(kBob)->pw_uid));
    EXPECT_EQ(ann.is.at("uid"), std::to_string(::getpwnam(kAnn)->pw_uid));
    const std::vector<std::string> sockets = socketsOf(kBob), own_sockets = socketsOf(kAnn);
    ASSERT_EQ(!sockets.empty(), GetParam().hasSocket);
    const auto socket = [](const std::vector<std::string>& all) { return all.empty() ? "" : all.front(); };

    const std::string stolen =
        ask("ann", "/thief.php?folder=" + server.path("bob") + "&pid=" + bob.is.at("pid") +
                       "&session=" + bob.is.at("session") + "&temporary=" + bob.is.at("temporary") +
                       "&socket=" + socket(sockets));
    EXPECT_EQ(stolen.find("=yes"), std::string::npos) << stolen;
    // The same script gets all of it where it is its own, so that it would have shown.
    const std::string own =
        ask("ann", "/thief.php?folder=" + server.path("ann") + "&pid=self&socket=" + socket(own_sockets));
    EXPECT_EQ(own.find("=no\n"), std::string::npos) << own;
    EXPECT_EQ(std::count(own.begin(), own.end(), '\n'), std::count(stolen.begin(), stolen.end(), '\n'));

    EXPECT_EQ(std::filesystem::exists(server.path("bob/left.txt")), false);
    std::vector<std::string> shared;
    std::set_intersection(ann.open.begin(), ann.open.end(), bob.open.begin(), bob.open.end(),
                          std::back_inserter(shared));
    EXPECT_TRUE(shared.empty()) << "sockets or memory that both have: " << shared.size() << " " << shared.front();
    for (const char* name : {"ann/go", "bob/go"}) server.folder().write(name, "");
}

// Where sites share a user.
TEST_P(Isolation, AnOpenFolderIsAllThatAScriptMayOpen) {
    server.setup.sites =
        "[[site]]\nname = \"ann\"\nhosts = [\"ann.test\"]\nroot = \"FOLDER/ann\"\nuser = \"games\"\n"
        "[[site.route]]\nsuffix = \".php\"\n" +
        GetParam().closed;
    server.writeConfig();
    ASSERT_TRUE(server.reload()) << server.errorLog();
    server.folder().write("beside.txt", "secret\n");
    server.folder().write("ann/read.php",
                          "<?php error_reporting(0); ini_set('open_basedir', '/'); "
                          "echo strlen(file_get_contents($_GET['path']));");
    ASSERT_EQ(::chmod(server.path("ann/read.php").c_str(), 0644), 0);
    EXPECT_EQ(ask("ann", "/read.php?path=" + server.path("ann/secret.txt")), "7");
    EXPECT_EQ(ask("ann", "/read.php?path=" + server.path("beside.txt")), "0");
    EXPECT_EQ(ask("ann", "/read.php?path=/etc/passwd"), "0");
}

INSTANTIATE_TEST_SUITE_P(
    , Isolation,
    ::testing::Values(How{"cgi",
                          "plugin = \"cgi\"\nenv = { REDIRECT_STATUS = \"200\" }\n"
                          "interpreter = [\"/usr/bin/php-cgi\"]\n",
                          "plugin = \"cgi\"\nenv = { REDIRECT_STATUS = \"200\" }\n"
                          "interpreter = [\"/usr/bin/php-cgi\", \"-d\", \"open_basedir=FOLDER/ann\"]\n",
                          std::filesystem::exists("/usr/bin/php-cgi"), false},
                      How{"fpm", "plugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 3\n",
                          "plugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 3\n"
                          "params = { PHP_ADMIN_VALUE = \"open_basedir=FOLDER/ann\" }\n",
                          hasPhpFpm(), true},
                      How{"embedded", "plugin = \"php\"\nchildren = 3\n",
                          "plugin = \"php\"\nchildren = 3\nini = { open_basedir = \"FOLDER/ann\" }\n",
                          hasEmbeddedPhp(), true}),
    [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace turnpike::e2e
