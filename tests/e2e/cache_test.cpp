// The cache as a site's owner meets it: programs that count how often they run, several workers, deaths, reloads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <regex>
#include <thread>
#include <vector>

#include "cache_site.h"
#include "load.h"
#include "processes.h"
#include "support/fastcgi_program.h"

namespace turnpike::e2e {
namespace {
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(CacheSite, AnswersInEveryWorkerWhatOneOfThemHasStored) {
    start();
    const Answer first = page("a");
    EXPECT_EQ(first.body, "a 1\n");
    EXPECT_EQ(first.field("cache-status"), "Turnpike; fwd=miss; fwd-status=200; stored");
    const Answer again = page("a");
    EXPECT_THAT(again.field("cache-status"), StartsWith("Turnpike; hit; ttl="));
    EXPECT_NE(again.field("age"), "");
    EXPECT_EQ(again.field("content-length"), "4");
    Load load(server.port(), {exactly("/bin/page?a", "a 1\n")}, 8, 8);
    EXPECT_TRUE(eventually([&] { return busyWorkers(10) >= 2; }));
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(runs(), 1u);
    EXPECT_EQ(page("b").body, "b 2\n");
    std::string said;
    EXPECT_EQ(server.run("status", &said), 0);
    EXPECT_THAT(said, ContainsRegex("cache/3 of site site  64.0 MiB .* [0-9]+ hits  2 misses  0 passed"));
}

// What a script says of the length of an answer that it does not send again binds nobody.
TEST_F(CacheSite, AsksAScriptWhetherItsAnswerStillHolds) {
    program("asked",
            "echo run \"$HTTP_IF_NONE_MATCH\" >> ../../runs/asked\n"
            "said='ETag: \"v1\"\\nCache-Control: max-age=600\\n'\n"
            "if [ \"$HTTP_IF_NONE_MATCH\" = '\"v1\"' ]; then\n"
            "printf \"Status: 304 Not Modified\\nContent-Length: 500\\n$said\\n\"; exit; fi\n"
            "printf \"Content-Type: text/plain\\n$said\\nhello\\n\"\n");
    configure("", "[[site.hook]]\nplugin = \"rewrite\"\npath = \"^/pretty$\"\nrewrite = \"/bin/asked\"\n");
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    for (const std::string path : {"/bin/asked", "/pretty"}) {
        EXPECT_EQ(get(server.port(), path).body, "hello\n");
        const Answer same = get(server.port(), path, "Cache-Control: no-cache\r\n");
        EXPECT_EQ(same.status, 200) << path;
        EXPECT_EQ(same.body, "hello\n") << path;
        EXPECT_EQ(same.field("cache-status"), "Turnpike; fwd=request; fwd-status=304; stored") << path;
        EXPECT_THAT(get(server.port(), path).field("cache-status"), StartsWith("Turnpike; hit; ttl="));
    }
    EXPECT_EQ(server.read("runs/asked"), "run \nrun \"v1\"\nrun \nrun \"v1\"\n");
    EXPECT_THAT(server.errorLog(), Not(HasSubstr("length")));
}

// The script runs until the test lets it end, so that all of them come meanwhile.
TEST_F(CacheSite, AsksTheSiteOnceWhenManyComeAtOnce) {
    program("slow",
            "echo run >> ../../runs/slow\nwhile ! [ -e ../../runs/go ]; do sleep 0.05; done\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\nslow\\n'\n");
    start("lock_wait = \"1m\"");
    constexpr int kClients = 40;
    std::atomic<int> right = 0;
    std::vector<std::thread> clients;
    clients.reserve(kClients);
    for (int i = 0; i < kClients; ++i)
        clients.emplace_back([&] { right += get(server.port(), "/bin/slow").body == "slow\n" ? 1 : 0; });
    EXPECT_TRUE(eventually([&] { return totals("requests_active") == kClients; }));
    server.folder().write("runs/go", "");
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(right, kClients);
    EXPECT_EQ(runs("slow"), 1u);
}

TEST_F(CacheSite, LetsAnotherWorkerTakeOverWhenTheOneThatFetchesIsKilled) {
    program("slow",
            "echo run >> ../../runs/slow\nwhile ! [ -e ../../runs/go ]; do sleep 0.05; done\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\nslow\\n'\n");
    start("lock_wait = \"1m\"");
    std::thread lost([&] { get(server.port(), "/bin/slow"); });
    ASSERT_TRUE(eventually([&] { return runs("slow") == 1; }));
    const pid_t fetching = activeWorker();
    ASSERT_TRUE(signalTo(fetching, SIGSTOP));  // the next ones come to the other workers
    constexpr int kClients = 8;
    std::atomic<int> right = 0;
    std::vector<std::thread> clients;
    clients.reserve(kClients);
    for (int i = 0; i < kClients; ++i)
        clients.emplace_back([&] { right += get(server.port(), "/bin/slow").body == "slow\n" ? 1 : 0; });
    EXPECT_TRUE(eventually([&] { return totals("requests_active") == kClients + 1; }));
    EXPECT_EQ(runs("slow"), 1u) << "they wait, whether it goes on or not";
    ASSERT_TRUE(signalTo(fetching, SIGKILL));
    EXPECT_TRUE(eventually([&] { return runs("slow") == 2; }));
    server.folder().write("runs/go", "");
    for (std::thread& client : clients) client.join();
    lost.join();
    EXPECT_EQ(right, kClients);
    EXPECT_EQ(get(server.port(), "/bin/slow").body, "slow\n");
    EXPECT_EQ(runs("slow"), 2u);
}

TEST_F(CacheSite, StoresNothingThatDidNotComeToItsEnd) {
    program("short",
            "echo run >> ../../runs/short\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\nContent-Length: 100\\n\\nhalf'\n");
    program("killed",
            "echo run >> ../../runs/killed\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\nhalf\\n'\nkill -9 $$\n");
    program("left",
            "echo run >> ../../runs/left\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\nhalf\\n'\n"
            "while ! [ -e ../../runs/go ]; do sleep 0.05; done\necho whole\n");
    start();
    for (const char* name : {"short", "killed"})
        for (size_t i = 1; i <= 3; ++i) {
            get(server.port(), std::string("/bin/") + name);
            EXPECT_EQ(runs(name), i) << name;
        }
    {
        RawClient client(server.port());
        client.send("GET /bin/left HTTP/1.1\r\nHost: localhost\r\n\r\n");
        std::string seen;
        EXPECT_TRUE(eventually([&] { return (seen += client.rest(20)).find("half") != std::string::npos; }));
        client.reset();
    }
    EXPECT_TRUE(eventually([&] { return totals("aborted") >= 1; }));
    server.folder().write("runs/go", "");
    EXPECT_EQ(get(server.port(), "/bin/left").body, "half\nwhole\n");
    EXPECT_EQ(runs("left"), 2u);
    get(server.port(), "/bin/left");
    EXPECT_EQ(runs("left"), 2u);
}

TEST_F(CacheSite, StoresNothingThatAPostHasOvertaken) {
    program("form",
            "if [ $REQUEST_METHOD = POST ]; then printf 'Content-Type: text/plain\\n\\nposted\\n'; exit; fi\n"
            "echo run >> ../../runs/form\nwhile ! [ -e ../../runs/go ]; do sleep 0.05; done\n"
            "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\nbefore\\n'\n");
    start();
    std::thread reader([&] { EXPECT_EQ(get(server.port(), "/bin/form").body, "before\n"); });
    EXPECT_TRUE(eventually([&] { return runs("form") == 1; }));
    const std::string post =
        "POST /bin/form HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx";
    const std::string host = "Host: localhost";
    EXPECT_EQ(ask(server.port(), std::string(post).replace(post.find("Host: 127.0.0.1"), 15, host)).body,
              "posted\n");
    server.folder().write("runs/go", "");
    reader.join();
    get(server.port(), "/bin/form");
    EXPECT_EQ(runs("form"), 2u);
    get(server.port(), "/bin/form");
    EXPECT_EQ(runs("form"), 2u);
}

TEST_F(CacheSite, SendsStaleAnswersWhileTheSiteIsBroken) {
    head("Content-Type: text/plain\nCache-Control: max-age=0, stale-if-error=600\n");
    start();
    EXPECT_EQ(page("a").body, "a 1\n");
    server.folder().write("runs/broken", "");
    for (int i = 0; i < 8; ++i) {
        const Answer stale = page("a");
        EXPECT_EQ(stale.status, 200);
        EXPECT_EQ(stale.body, "a 1\n");
        EXPECT_TRUE(stale.whole);
        EXPECT_EQ(stale.field("content-type"), "text/plain");
        EXPECT_THAT(stale.field("cache-status"), HasSubstr("fwd=stale; fwd-status=502; detail=stale-if-error"));
    }
    EXPECT_EQ(page("b").status, 502);
    EXPECT_THAT(server.errorLog(), HasSubstr("a stored answer is sent instead of status 502"));
}

TEST_F(CacheSite, SendsStaleAnswersWhileABackendIsStopped) {
#ifdef HELLO_FASTCGI
    auto backend = std::make_unique<FastCgiProgram>(HELLO_FASTCGI);
    configure(
        "default_ttl = \"1ms\"\nstale_if_error = \"10m\"",
        "[[site.route]]\nprefix = \"/app\"\nplugin = \"fastcgi\"\noutage = \"10ms\"\naddress = \"127.0.0.1:" +
            std::to_string(backend->port()) + "\"\n");
    ASSERT_TRUE(server.start());
    const Answer good = get(server.port(), "/app");
    ASSERT_EQ(good.status, 200) << good.body;
    backend.reset();
    Answer stale;
    EXPECT_TRUE(eventually([&] {  // once its millisecond is over
        stale = get(server.port(), "/app");
        return stale.field("cache-status").find("detail=stale-if-error") != std::string::npos;
    }));
    EXPECT_EQ(stale.status, 200);
    EXPECT_EQ(stale.body, good.body);
    EXPECT_EQ(get(server.port(), "/app?other").status / 100, 5);
#else
    GTEST_SKIP() << "built without libfcgi (package libfcgi-dev)";
#endif
}

/// Scripts and `turnpike purge` know what visitors ask for, not who answers it.
TEST_F(CacheSite, PurgesWhatIsAnsweredByAFrontController) {
    program("front",
            "echo run >> ../../runs/front\n"
            "printf 'Content-Type: text/plain\nCache-Control: max-age=600\n\nhello\n'\n");
    configure("", "[[site.hook]]\nplugin = \"rewrite\"\npath = \"^/wiki/\"\nrewrite = \"/bin/front?title=$0\"\n");
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    const std::string path = "/wiki/A%20page";
    const auto isPurgedBy = [&](const std::string& options) {
        get(server.port(), path);
        const size_t before = runs("front");
        get(server.port(), path);
        EXPECT_EQ(runs("front"), before);
        std::string said;
        EXPECT_EQ(server.run("purge " + options, &said), 0) << said;
        get(server.port(), path);
        return runs("front") == before + 1;
    };
    for (const char* options : {"--url '/wiki/A page'", "--url 'http://localhost/wiki/A page'", "--prefix /wiki/"})
        EXPECT_TRUE(isPurgedBy(options)) << options;
    for (const char* options : {"--prefix /bin/", "--url /wiki/A", "--url /bin/front"})
        EXPECT_FALSE(isPurgedBy(options)) << options;
}

TEST_F(CacheSite, PurgesByUrlPrefixAndTag) {
    head("Content-Type: text/plain\nCache-Control: max-age=600\nCache-Tag: post-1\n");
    start();
    std::string said;
    const auto isPurgedBy = [&](const std::string& options) {
        page("a");
        const size_t before = runs();
        page("a");
        EXPECT_EQ(runs(), before);
        EXPECT_EQ(server.run("purge " + options, &said), 0) << said;
        page("a");
        return runs() == before + 1;
    };
    EXPECT_EQ(page("a").field("cache-tag"), "");
    for (const char* options : {"--url '/bin/page?a'", "--url 'http://localhost/bin/page?a'", "--prefix /bin/",
                                "--tag post-1", "--all", "--site site --tag post-2 --tag post-1"})
        EXPECT_TRUE(isPurgedBy(options)) << options;
    for (const char* options : {"--url /bin/page", "--tag post-2", "--prefix /other"})
        EXPECT_FALSE(isPurgedBy(options)) << options;
    EXPECT_NE(server.run("purge", &said), 0);
    EXPECT_THAT(said, HasSubstr("say what is to go"));
    EXPECT_NE(server.run("purge --site other --all", &said), 0);
    EXPECT_THAT(said, HasSubstr("no site \"other\" with anything to purge"));
    EXPECT_NE(server.run("purge --url /" + std::string(1000, 'x'), &said), 0);
    EXPECT_THAT(said, HasSubstr("longer than 1000 bytes"));
}

TEST_F(CacheSite, LetsWhoKnowsTheTokenPurge) {
    server.setup.server = "purge_socket = \"FOLDER/purge.sock\"\n";
    start("purge_token = \"0123456789abcdef\"");
    server.folder().write("right", "0123456789abcdef\n");
    server.folder().write("wrong", "0123456789abcdeg\n");
    std::string said;
    const std::string open = "purge --socket " + server.path("purge.sock") + " --site site --all";
    page("a");
    EXPECT_NE(server.run(open, &said), 0);
    EXPECT_THAT(said, HasSubstr("no such site, or not its purge_token"));
    EXPECT_NE(server.run(open + " --token-file " + server.path("wrong"), &said), 0);
    EXPECT_NE(server.run("purge --all --token-file " + server.path("wrong"), &said), 0)
        << "the owner is told, too";
    page("a");
    EXPECT_EQ(runs(), 1u);
    EXPECT_EQ(server.run(open + " --token-file " + server.path("right"), &said), 0) << said;
    page("a");
    EXPECT_EQ(runs(), 2u);
    EXPECT_NE(server.run("status --socket " + server.path("purge.sock"), &said), 0);
    EXPECT_THAT(said, HasSubstr("only purge is done here"));
}

TEST_F(CacheSite, KeepsWhatItHasOverAReload) {
    start();
    page("a");
    configure("lock_wait = \"1s\"");
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(page("a").body, "a 1\n");
    const std::set<pid_t> workers = server.workers();
    for (const pid_t worker : workers) signalTo(worker, SIGKILL);
    ASSERT_TRUE(eventually([&] {
        const auto now = server.workers();
        return now.size() == 4 &&
               std::none_of(now.begin(), now.end(), [&](pid_t pid) { return workers.contains(pid); });
    }));
    EXPECT_EQ(page("a").body, "a 1\n");
    EXPECT_EQ(runs(), 1u);
    configure("memory = \"32MiB\"\nmax_object = \"512KiB\"");
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(page("a").body, "a 2\n") << "another size is another memory";
}

TEST_F(CacheSite, LeavesTheLengthOfWhatItStoresAlone) {
    program("sized",
            "printf 'Content-Type: text/plain\\nContent-Length: 6\\nCache-Control: max-age=600\\n\\nsized\\n'\n");
    start();
    for (const char* what : {"fwd=miss", "hit"}) {
        const Answer answer = get(server.port(), "/bin/sized");
        EXPECT_THAT(answer.field("cache-status"), HasSubstr(what));
        EXPECT_EQ(answer.field("content-length"), "6");
        EXPECT_EQ(answer.body, "sized\n");
    }
}

TEST_F(CacheSite, StoresBeforeOrBehindCompress) {
    if (::access((server.setup.plugin_folder + "/compress.so").c_str(), R_OK) != 0)
        GTEST_SKIP() << "built without the plugin compress";
    program("text",
            "echo run >> ../../runs/text\nprintf 'Content-Type: text/plain\\nCache-Control: public, "
            "max-age=600\\n\\n'\n"
            "i=0; while [ $i -lt 500 ]; do echo 'the same line'; i=$((i+1)); done\n");
    const auto text = [&](const char* query, const char* coding) {
        return get(server.port(), std::string("/bin/text?") + query,
                   std::string("Accept-Encoding: ") + coding + "\r\n");
    };
    configure("", "[[site.hook]]\nplugin = \"compress\"\n");
    ASSERT_TRUE(server.start());
    EXPECT_EQ(text("1", "gzip").field("content-encoding"), "gzip");
    EXPECT_EQ(text("1", "identity").body.size(), 7000u);
    EXPECT_EQ(text("1", "br").field("content-encoding"), "br");
    EXPECT_EQ(runs("text"), 1u) << "one stored answer for all";
    server.setup.sites = std::regex_replace(
        server.setup.sites,
        std::regex(
            "(\\[\\[site.hook\\]\\]\nplugin = \"cache\"\n)\n*(\\[\\[site.hook\\]\\]\nplugin = \"compress\"\n)"),
        "$2$1");
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    const Answer first = text("2", "gzip"), second = text("2", "gzip;q=0.5"), plain = text("2", "identity");
    EXPECT_EQ(first.field("content-encoding"), "gzip");
    EXPECT_THAT(second.field("cache-status"), StartsWith("Turnpike; hit"));
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.field("content-length"), std::to_string(first.body.size()));
    EXPECT_EQ(plain.body.size(), 7000u);
    EXPECT_EQ(plain.field("content-encoding"), "");
    EXPECT_THAT(text("2", "identity").field("cache-status"), StartsWith("Turnpike; hit"));
    EXPECT_EQ(runs("text"), 3u) << "one for each coding";
}

TEST_F(CacheSite, StandsBehindWhatRefusesRequests) {
    start();
    EXPECT_EQ(page("a").body, "a 1\n");
    const std::string guard = "[[site.hook]]\nplugin = \"access\"\ndeny = [\"127.0.0.1\"]\n";
    server.setup.sites.insert(server.setup.sites.find("[[site.hook]]"), guard);
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(page("a").status, 403);
    configure("");
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(page("a").body, "a 1\n") << "it was there all the time";
}

TEST_F(CacheSite, KeepsLargeAnswersOnDisk) {
    program("large",
            "echo run >> ../../runs/large\nprintf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\n'\n"
            "i=0; while [ $i -lt 300 ]; do printf '%10000d' $i; i=$((i+1)); done\n");
    start("disk = \"128MiB\"\ndisk_object = \"3500KiB\"");
    const Answer first = get(server.port(), "/bin/large");
    ASSERT_EQ(first.body.size(), 3'000'000u);
    for (int i = 0; i < 8; ++i) {
        const Answer again = get(server.port(), "/bin/large");
        ASSERT_EQ(again.body, first.body);
        ASSERT_EQ(again.field("content-length"), "3000000");
    }
    EXPECT_EQ(runs("large"), 1u);
}

TEST_F(CacheSite, SaysWhatIsWrongWithItsPlace) {
    configure("", "[[site.hook]]\nplugin = \"cache\"\n");
    server.writeConfig();
    EXPECT_NE(server.startAndFail(), 0);
    EXPECT_THAT(server.output(), HasSubstr("the site has shared memory \"cache/3\" already"));
}

}  // namespace
}  // namespace turnpike::e2e
