// HTTP/2 as its clients meet it: curl, nghttp and h2load, programs and PHP behind it, and reloads under load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "php_site.h"
#include "processes.h"
#include "support/http2_client.h"
#include "support/server_process.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

using ::testing::HasSubstr;

class Http2 : public ::testing::Test {
 protected:
    Http2() {
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n"
            "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n"
            "[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n";
        server.folder().write("public/small.txt", "small\n");
        server.folder().write("public/large.txt", std::string(300'000, 'l'));
        server.folder().write("public/cgi-bin/env",
                              "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nenv\ncat\n");
        ::chmod(server.path("public/cgi-bin/env").c_str(), 0755);
    }
    /// Not every client knows localhost where no file names it.
    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server.port()) + path;
    }
    static std::string prints(const std::string& command) {
        std::string output;
        EXPECT_EQ(runProgram(command, &output), 0) << command << "\n" << output;
        return output;
    }
    static std::string curl(const std::string& what) {
        return prints("curl -sS --noproxy '*' --http2-prior-knowledge " + what);
    }
    Turnpike server;
};

TEST_F(Http2, ServesCurl) {
    ASSERT_TRUE(server.start());
    EXPECT_EQ(curl(url("/small.txt")), "small\n");
    EXPECT_EQ(curl("-o /dev/null -w '%{http_version} %{size_download}' " + url("/large.txt")), "2 300000");
    EXPECT_EQ(curl("-I -o /dev/null -w '%{http_code}' " + url("/small.txt")), "200");
    const std::string env =
        curl("--data-binary some-body -H 'Cookie: a=1; b=2' '" + url("/cgi-bin/env?q=1") + "'");
    for (const char* line : {"SERVER_PROTOCOL=HTTP/2.0\n", "REQUEST_SCHEME=http\n", "REQUEST_METHOD=POST\n",
                             "QUERY_STRING=q=1\n", "CONTENT_LENGTH=9\n", "HTTP_COOKIE=a=1; b=2\n", "some-body"})
        EXPECT_THAT(env, HasSubstr(line));
    EXPECT_THAT(env, HasSubstr("HTTP_HOST=127.0.0.1:" + std::to_string(server.port()) + "\n"));
}

TEST_F(Http2, ServesOtherClientsAndCountsTheirRequests) {
    server.setup.limits = "requests_per_connection = 1000000";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(prints("nghttp --no-dep " + url("/small.txt")), "small\n");
    const std::string load = prints("h2load -n 20000 -c 8 -m 32 " + url("/small.txt"));
    EXPECT_THAT(load, HasSubstr("20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout"));
    EXPECT_THAT(load, HasSubstr("20000 2xx"));
    const auto counted = [&] {
        auto totals = server.status()->getObject("totals");
        return totals ? totals->getObject("counters")->getValue<Poco::UInt64>("requests") : 0;
    };
    EXPECT_TRUE(eventually([&] { return counted() == 20001; })) << counted();
}

TEST_F(Http2, ServesPhp) {
    if (!hasPhpFpm() && !hasEmbeddedPhp()) GTEST_SKIP() << "no PHP here";
    for (const std::string& site : {hasPhpFpm() ? phpFpmSite() : "", hasEmbeddedPhp() ? embeddedSite() : ""}) {
        if (site.empty()) continue;
        Turnpike php;
        php.setup.sites = site;
        php.folder().write("public/echo.php",
                           "<?php echo $_SERVER['SERVER_PROTOCOL'], ' ', $_SERVER['HTTP_HOST'], ' ', "
                           "strlen(file_get_contents('php://input')), \"\\n\";");
        ASSERT_TRUE(php.start());
        const std::string at = "localhost:" + std::to_string(php.port());
        php.folder().write("upload", std::string(200'000, 'u'));
        EXPECT_EQ(curl("--data-binary @" + php.path("upload") + " http://" + at + "/echo.php"),
                  "HTTP/2.0 " + at + " 200000\n");
    }
}

/// Asks all the time, several streams at once, and goes to a new connection when it is told to.
class Streams {
 public:
    explicit Streams(uint16_t port) : port_(port), thread_([this] { run(); }) {}
    ~Streams() {
        done_ = true;
        thread_.join();
    }
    uint64_t good() const { return good_; }
    std::string misses() {
        std::lock_guard lock(guard_);
        return misses_;
    }

 private:
    void run() {
        while (!done_) {
            Http2Client client(port_);
            if (client.isClosed()) miss("refused");
            while (!done_ && !client.goAway(0) && !client.isClosed()) {
                askSome(client);
                // For the processes that a reload starts: whoever never sleeps may keep them waiting for seconds.
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        }
    }
    void askSome(Http2Client& client) {
        std::vector<uint32_t> streams;
        streams.reserve(8);
        for (int i = 0; i < 8; ++i) streams.push_back(client.get(i % 2 == 0 ? "/small.txt" : "/large.txt"));
        for (size_t i = 0; i < streams.size(); ++i) {
            const Http2Answer& answer = client.answer(streams[i]);
            const size_t size = i % 2 == 0 ? 6 : 300'000;
            if (answer.ended && answer.status == 200 && answer.body.size() == size) {
                ++good_;
            } else if (!client.goAway(0) || streams[i] <= client.lastStream()) {
                // Above the last stream a client knows that nothing was done, and asks elsewhere.
                miss("status " + std::to_string(answer.status) + ", " + std::to_string(answer.body.size()) +
                     " bytes");
            }
        }
    }
    void miss(const std::string& what) {
        std::lock_guard lock(guard_);
        misses_ += what + "\n";
    }

    uint16_t port_;
    std::atomic<bool> done_ = false;
    std::atomic<uint64_t> good_ = 0;
    std::mutex guard_;
    std::string misses_;
    std::thread thread_;
};

TEST_F(Http2, LosesNothingWhenTheServerReloads) {
    server.setup.limits = "requests_per_connection = 100000";
    ASSERT_TRUE(server.start());
    Streams first(server.port()), second(server.port());
    for (int round = 0; round < 20; ++round) {
        const uint64_t before = first.good(), other = second.good();
        ASSERT_TRUE(server.reload()) << round;
        ASSERT_TRUE(eventually([&] { return first.good() > before + 16 && second.good() > other + 16; }));
    }
    EXPECT_EQ(first.misses() + second.misses(), "");
    EXPECT_EQ(server.number("worker_deaths"), 0);
}

}  // namespace
}  // namespace turnpike::e2e
