// The preset php-fpm: which requests reach a backend at all, and a real php-fpm with the configuration that the
// plugin writes, as an ordinary user. Without php-fpm on this machine the second part is skipped.
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "fastcgi/php_fpm.h"
#include "fixture.h"

namespace turnpike::fastcgi::test {
namespace {

using ::testing::HasSubstr;

class PhpSite : public FastCgiTest {
 protected:
    PhpSite() {
        char folder[] = "/tmp/turnpike-php-XXXXXX";
        root = ::mkdtemp(folder);
        ::chmod(root.c_str(), 0755);
        host.site.root = root;
        host.site.index = {"index.html", "index.php"};
        host.set("preset", "php-fpm");
    }
    ~PhpSite() override { std::filesystem::remove_all(root); }

    void write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories(std::filesystem::path(root + name).parent_path());
        std::ofstream(root + name) << text;
    }
    bool isDeclined(const std::string& target) {
        auto& request = host.get(target);
        EXPECT_TRUE(host.run(request)) << target;
        return request.declined();
    }

    std::string root;
};

TEST_F(PhpSite, AsksOnlyForScriptsThatExist) {
    write("/index.php", "");
    write("/up.jpg", "");
    write("/.git/x.php", "");
    write("/folder.php/readme", "");
    write("/notes.txt", "");
    std::filesystem::create_symlink("/etc/passwd", root + "/link.php");
    load();
    for (const char* target : {"/missing.php", "/missing.php/x", "/up.jpg", "/up.jpg/x.php", "/.git/x.php",
                               "/folder.php", "/folder.php/", "/link.php", "/notes.txt", "/index.phpx",
                               "/index.PHP", "/index.php.", "/notes.txt/index.php", "/nowhere/"})
        EXPECT_TRUE(isDeclined(target)) << target;
    EXPECT_EQ(backend.connections, 0u);
}

// PHP-FPM writes one head: behind it comes the page, whatever the status.
TEST_F(PhpSite, SendsNoInterimHeads) {
    write("/index.php", "");
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(6, "Status: 103\r\nLink: </a>\r\n\r\nX-Evil: 1\n\nthe page") + endRecord());
    });
    load();
    EXPECT_THAT(causeOf(host.get("/index.php"), 502), HasSubstr("its status is 103, which is that of an interim"));
    EXPECT_EQ(backend.requests, 1u);
}

TEST_F(PhpSite, SplitsThePathAtTheScript) {
    struct Case {
        const char *target, *file, *name, *path_info;
    };
    const Case cases[] = {{"/index.php", "/index.php", "/index.php", ""},
                          {"/index.php/a/b.php", "/index.php", "/index.php", "/a/b.php"},
                          {"/", "/index.php", "/index.php", ""},
                          {"/blog/", "/blog/index.php", "/blog/index.php", ""},
                          {"/blog/post.php?id=3", "/blog/post.php", "/blog/post.php", ""}};
    write("/index.php", "");
    write("/blog/index.php", "");
    write("/blog/post.php", "");
    load();
    for (const Case& c : cases)
        for (int again = 0; again < 2; ++again) {  // the second time from memory
            auto& request = host.get(c.target);
            ASSERT_TRUE(host.run(request)) << request.why();
            auto params = backend.seen().back().params;
            EXPECT_EQ(params["SCRIPT_FILENAME"], root + c.file);
            EXPECT_EQ(params["SCRIPT_NAME"], c.name);
            EXPECT_EQ(params["PATH_INFO"], c.path_info);
            EXPECT_EQ(params["DOCUMENT_ROOT"], root);
        }
    EXPECT_EQ(backend.requests, 2 * std::size(cases));
}

TEST_F(PhpSite, LooksAgainAfterASecond) {
    write("/gone.php", "");
    load();
    EXPECT_FALSE(isDeclined("/gone.php"));
    std::filesystem::remove(root + "/gone.php");
    host.advance(1100);
    EXPECT_TRUE(isDeclined("/gone.php"));
}

/// php-fpm as Turnpike would start it.
class RealPhp : public PhpSite {
 protected:
    void SetUp() override {
        if (findPhpFpm(phpFpmFolders()).empty()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
        home_ = root + "-run";
        ::mkdir(home_.c_str(), 0700);
        uid_t owner = ::getuid() == 0 ? kUser : ::getuid();
        ASSERT_EQ(::chown(home_.c_str(), owner, static_cast<gid_t>(-1)), 0);
        host.backends.addressOf("test-php-fpm", "unix:" + home_ + "/socket");
        host.set("children", "2");
        ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
        startPhp(host.backends.declared(0));
        ASSERT_TRUE(becomes([this] { return ::access((home_ + "/socket").c_str(), F_OK) == 0; }));
    }
    void TearDown() override {
        if (pid_ > 0) {
            ::kill(pid_, SIGTERM);
            ::waitpid(pid_, nullptr, 0);
        }
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    std::string run(fake::Request& request) {
        EXPECT_TRUE(host.run(request)) << request.why();
        return request.text();
    }
    pid_t pid_ = 0;

 private:
    static constexpr uid_t kUser = 65534;

    static std::string replace(std::string text, const std::string& from, const std::string& to) {
        for (size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), to);
        return text;
    }
    void startPhp(const fake::Backend& backend_spec) {
        std::string config = home_ + "/config";
        std::ofstream(config) << replace(backend_spec.config_text, "{socket}", home_ + "/socket");
        ::chmod(config.c_str(), 0644);
        std::vector<std::string> words;
        for (const std::string& word : backend_spec.command) words.push_back(replace(word, "{config}", config));
        std::vector<char*> argv;
        argv.reserve(words.size() + 1);
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ != 0) return;
        if (::getuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(kUser) != 0 || ::setuid(kUser) != 0))
            ::_exit(1);
        char* none[] = {nullptr};
        ::execve(argv[0], argv.data(), none);
        ::_exit(127);
    }
    std::string home_;
};

TEST_F(RealPhp, AnswersWithTheSitesVariables) {
    write("/index.php",
          "<?php header('X-Php: yes'); echo $_SERVER['SCRIPT_FILENAME'], ' ', $_SERVER['PATH_INFO'] ?? '', "
          "' ', $_GET['q'], ' ', isset($_SERVER['PATH']) ? 'env' : 'clean';");
    auto& request = host.get("/index.php/more?q=1");
    EXPECT_EQ(run(request), root + "/index.php /more 1 clean");
    EXPECT_EQ(request.field("x-php"), "yes");
}

TEST_F(RealPhp, KeepsItsConnection) {
    write("/pid.php", "<?php echo getmypid();");
    std::string first = run(host.get("/pid.php"));
    uint64_t before = host.io.calls(TP_CLASS_BACKEND);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(run(host.get("/pid.php")), first);
    EXPECT_EQ(host.io.calls(TP_CLASS_BACKEND) - before, 40u);
}

TEST_F(RealPhp, ReadsUploads) {
    write("/post.php", "<?php echo strlen(file_get_contents('php://input')), ' ', $_SERVER['CONTENT_LENGTH'];");
    for (size_t size : {5u, 65528u, 300000u}) {
        std::string number = std::to_string(size);
        EXPECT_EQ(run(host.request("POST", "/post.php").body(std::string(size, 'u'))), number + " " + number);
        EXPECT_EQ(run(host.request("POST", "/post.php").body(std::string(size, 'u')).spoolToFile()),
                  number + " " + number);
    }
}

TEST_F(RealPhp, SendsALongPage) {
    write("/long.php", "<?php for ($i = 0; $i < 40000; ++$i) echo str_repeat('x', 49), \"\\n\";");
    EXPECT_EQ(run(host.get("/long.php").takes(100000)).size(), 2'000'000u);
}

TEST_F(RealPhp, LogsItsErrorsAndStatus) {
    write("/bad.php",
          "<?php ini_set('log_errors', '1'); ini_set('error_log', ''); http_response_code(418); "
          "error_log('something odd'); echo 'tea';");
    auto& request = host.get("/bad.php");
    EXPECT_EQ(run(request), "tea");
    EXPECT_EQ(request.status(), 418u);
    EXPECT_TRUE(host.logged("something odd"));
}

TEST_F(RealPhp, CannotAnswerWithAnInterimStatus) {
    int number = 0;
    const std::string page = "header('Link: </a>'); echo \"X-Evil: 1\\n\\nthe page\";";
    for (const std::string status :
         {"http_response_code(103);", "header('Status: 102');", "header('HTTP/1.1 199 X');",
          "ini_set('default_mimetype', ''); http_response_code(103);"}) {
        const std::string name = "/interim" + std::to_string(++number) + ".php";
        write(name, "<?php " + status + page);
        auto& request = host.get(name);
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), 502u) << status;
        EXPECT_THAT(request.cause(), HasSubstr("which is that of an interim answer")) << status;
        EXPECT_TRUE(request.interims().empty()) << status;
    }
}

TEST_F(RealPhp, LosesNoIdempotentRequestWhenAChildIsKilled) {
    write("/slow.php",
          "<?php if (@file_get_contents(__DIR__ . '-run/once') === false) {"
          " file_put_contents(__DIR__ . '-run/once', getmypid()); posix_kill(getmypid(), 9); } echo 'ok';");
    auto& request = host.get("/slow.php");
    EXPECT_EQ(run(request), "ok") << request.cause();
}

TEST_F(RealPhp, LosesNoRequestWhenPhpIsReloaded) {
    write("/slow.php", "<?php usleep(20000); echo 'ok';");
    for (int round = 0; round < 2; ++round) {
        std::vector<fake::Request*> requests;
        requests.reserve(20);
        for (int i = 0; i < 20; ++i) requests.push_back(&host.begin(host.get("/slow.php")));
        host.runUntil([] { return false; }, 50);
        ::kill(pid_, SIGUSR2);
        for (auto* request : requests) EXPECT_EQ(run(*request), "ok") << request->cause();
    }
}

TEST_F(RealPhp, StopsAScriptWhoseClientLeft) {
    write("/endless.php",
          "<?php file_put_contents(__DIR__ . '-run/begun', ''); for (;;) { echo str_repeat('x', 4096);"
          " flush(); usleep(10000); }");
    auto& request = host.get("/endless.php");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return std::filesystem::exists(root + "-run/begun"); }));
    request.leave();
    ASSERT_TRUE(host.run(request));
    ASSERT_TRUE(becomes([this] { return host.backends.declared(0).held == 0; }));
    write("/hello.php", "<?php echo 'free';");
    for (int i = 0; i < 4; ++i) EXPECT_EQ(run(host.get("/hello.php")), "free");
}

}  // namespace
}  // namespace turnpike::fastcgi::test
