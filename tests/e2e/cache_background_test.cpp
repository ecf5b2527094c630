// Stale answers that nobody waits behind: the site is asked in the background, at a gate that the test opens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "cache_site.h"
#include "processes.h"
#include "support/http2_client.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CacheBackground : public CacheSite {
 protected:
    /// The first answer of each page is stale at once, the later ones are not. Run n of page q waits for gate q-n.
    void SetUp() override {
        CacheSite::SetUp();
        server.setup.workers = 1;
        program(
            "held",
            "cd ../../runs\nq=$QUERY_STRING\necho \"run $HTTP_COOKIE $HTTP_USER_AGENT\" >> $q\nn=`wc -l < $q`\n"
            "while ! [ -e go-$q-$n ]; do sleep 0.02; done\nif [ -e broken ]; then exit 1; fi\n"
            "age=600\nif [ $n = 1 ]; then age=0; fi\n"
            "printf 'Content-Type: text/plain\\nCache-Control: public, max-age='$age', "
            "stale-while-revalidate=600\\n\\n'\n"
            "echo version $n\n");
    }
    void open(const std::string& gate) const { server.folder().write("runs/go-" + gate, ""); }
    Answer held(const std::string& query, const std::string& fields = "") const {
        return get(server.port(), "/bin/held?" + query, fields);
    }
    static std::string version(int n) { return "version " + std::to_string(n) + "\n"; }
    void store(const std::string& query) const {
        open(query + "-1");
        EXPECT_EQ(held(query).body, version(1));
    }
    bool runsBecome(const std::string& query, size_t count) const {
        return eventually([&] { return runs(query) == count; });
    }
    bool becomes(const std::string& query, int n) const {
        return eventually([&] { return held(query).body == version(n); });
    }
    Poco::JSON::Object::Ptr ofTheSite() const {
        return server.status()->getArray("sites")->getObject(0)->getObject("counters");
    }
};

TEST_F(CacheBackground, NobodyWaitsForTheNewAnswer) {
    start();
    store("a");
    const Answer stale = held("a");
    EXPECT_EQ(stale.body, version(1));
    EXPECT_THAT(stale.field("cache-status"), StartsWith("Turnpike; hit"));
    ASSERT_TRUE(runsBecome("a", 2));
    for (int i = 0; i < 8; ++i) EXPECT_EQ(held("a").body, version(1));
    EXPECT_EQ(runs("a"), 2u) << "the site is asked once";
    open("a-2");
    EXPECT_TRUE(becomes("a", 2));
    EXPECT_EQ(runs("a"), 2u);
}

TEST_F(CacheBackground, HoldsNoConnection) {
    start();
    store("a");
    RawClient client(server.port());
    const std::string once = "GET /bin/held?a HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 3; ++i) {
        client.send(once);
        EXPECT_EQ(client.answer().body, version(1)) << i;
    }
    ASSERT_TRUE(runsBecome("a", 2));
    client.send("GET /bin/held?a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.answer().body, version(1));
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "");
    EXPECT_TRUE(closed) << "although the site has not answered yet";
    open("a-2");
    EXPECT_TRUE(becomes("a", 2));
}

TEST_F(CacheBackground, DoesTheSameOverHttp2) {
    start();
    store("a");
    Http2Client client(server.port());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.answer(client.get("/bin/held?a")).body, version(1)) << i;
    ASSERT_TRUE(runsBecome("a", 2));
    open("a-2");
    EXPECT_TRUE(eventually([&] { return client.answer(client.get("/bin/held?a")).body == version(2); }));
    EXPECT_EQ(runs("a"), 2u);
}

TEST_F(CacheBackground, GoesOnWhenTheClientLeaves) {
    start();
    store("a");
    {
        RawClient client(server.port());
        client.send("GET /bin/held?a HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(client.answer().body, version(1));
        client.reset();
    }
    ASSERT_TRUE(runsBecome("a", 2));
    ASSERT_TRUE(eventually([&] { return totals("connections") == 0; }));
    EXPECT_EQ(totals("requests_active"), 1) << "the request of the cache";
    open("a-2");
    EXPECT_TRUE(becomes("a", 2));
    EXPECT_EQ(runs("a"), 2u);
    EXPECT_EQ(totals("aborted"), 0);
}

TEST_F(CacheBackground, LetsClientsWaitPastTheBound) {
    server.setup.limits = "background_per_site = 1\n";
    start();
    store("a");
    store("b");
    EXPECT_EQ(held("a").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    std::string waited;
    std::thread client([&] { waited = held("b").body; });
    EXPECT_TRUE(runsBecome("b", 2));
    EXPECT_EQ(held("b").body, version(1)) << "only the one that fetches waits";
    EXPECT_TRUE(eventually([&] { return totals("requests_active") == 2; }));
    open("b-2");
    client.join();
    EXPECT_EQ(waited, version(2));
    open("a-2");
    EXPECT_TRUE(becomes("a", 2));
    EXPECT_EQ(runs("b"), 2u);
}

TEST_F(CacheBackground, CanBeTurnedOff) {
    server.setup.limits = "background = 0\n";
    start();
    store("a");
    open("a-2");
    EXPECT_EQ(held("a").body, version(2));
}

TEST_F(CacheBackground, KeepsWhatItHasWhileTheSiteFails) {
    start();
    store("a");
    server.folder().write("runs/broken", "");
    open("a-2");
    open("a-3");
    EXPECT_EQ(held("a").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    EXPECT_TRUE(server.waitForLog("a stored answer was not renewed: status 502"));
    EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(held("a").body, version(1));
        return runs("a") == 3;
    })) << "the turn of the one that failed is over";
    EXPECT_TRUE(eventually([&] { return totals("requests_active") == 0; }));
    ::unlink(server.path("runs/broken").c_str());
    open("a-4");
    EXPECT_TRUE(becomes("a", 4));
}

TEST_F(CacheBackground, IsWaitedForWhenItsWorkerGoes) {
    start();
    store("a");
    EXPECT_EQ(held("a").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    const std::set<pid_t> before = server.workers();
    server.signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return server.workers("draining") == before; }));
    EXPECT_EQ(held("a").body, version(1)) << "the next generation knows that it is being brought";
    EXPECT_EQ(runs("a"), 2u);
    open("a-2");
    EXPECT_TRUE(eventually([&] { return server.workers("draining").empty(); }));
    EXPECT_EQ(held("a").body, version(2));
    EXPECT_EQ(runs("a"), 2u);
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(CacheBackground, IsNotWaitedForForEver) {
    server.setup.limits = "drain = \"100ms\"\n";
    start();
    store("a");
    EXPECT_EQ(held("a").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(held("a").body, version(1)) << "its turn went with its worker";
    ASSERT_TRUE(runsBecome("a", 3));
    for (const char* gate : {"a-2", "a-3"}) open(gate);
    EXPECT_TRUE(becomes("a", 3));
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(CacheBackground, TakesNothingOfTheClientAlong) {
    start("harmless_cookies = [\"*\"]");
    store("a");
    EXPECT_EQ(held("a", "Cookie: secret=1\r\nUser-Agent: browser\r\n").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    EXPECT_THAT(server.read("runs/a"), HasSubstr("run  browser\n"));
    EXPECT_THAT(server.read("runs/a"), Not(HasSubstr("secret")));
    open("a-2");
    EXPECT_TRUE(becomes("a", 2));
    store("b");
    open("b-2");
    EXPECT_EQ(held("b", "Authorization: Basic YTpi\r\n").body, version(2)) << "who has told his name waits";
}

TEST_F(CacheBackground, PassesTheGuardsOfTheClientWithoutCountingForIt) {
    configure("", "[[site.hook]]\nplugin = \"rewrite\"\npath = \"^/pretty$\"\nrewrite = \"/bin/held?a\"\n");
    const std::string guard = "[[site.hook]]\nplugin = \"access\"\nallow = [\"127.0.0.1\"]\nrate = \"3/day\"\n";
    server.setup.sites.insert(server.setup.sites.find("[[site.hook]]"), guard);
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    open("a-1");
    EXPECT_EQ(get(server.port(), "/pretty").body, version(1));
    EXPECT_EQ(get(server.port(), "/pretty").body, version(1));
    ASSERT_TRUE(runsBecome("a", 2));
    open("a-2");
    ASSERT_TRUE(eventually([&] { return totals("requests_active") == 0; }));
    EXPECT_EQ(get(server.port(), "/pretty").body, version(2)) << "the third one";
    EXPECT_EQ(get(server.port(), "/pretty").status, 429);
}

TEST_F(CacheBackground, MakesClientsWaitWhereAGuardStopsIt) {
    configure("");
    const std::string guard =
        "[[site.hook]]\nplugin = \"rewrite\"\npath = \"^\"\nheaders = { x-pass = \"!yes\" }\nrefuse = 403\n";
    server.setup.sites.insert(server.setup.sites.find("[[site.hook]]"), guard);
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    const std::string pass = "X-Pass: yes\r\n";
    open("a-1");
    open("a-2");
    EXPECT_EQ(held("a", pass).body, version(1));
    EXPECT_EQ(held("a", pass).body, version(1));
    EXPECT_TRUE(server.waitForLog("a background request was ended before it came to the cache"));
    EXPECT_EQ(held("a", pass).body, version(2)) << "otherwise nobody would ever get a new one";
}

TEST_F(CacheBackground, IsAccountedForButNoVisit) {
    configure("");
    server.setup.sites.insert(server.setup.sites.find("[[site.hook]]"),
                              "access_format = \"{target} {status} {background_of}\"\n");
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    store("a");
    open("a-2");
    EXPECT_EQ(held("a").body, version(1));
    ASSERT_TRUE(eventually([&] { return totals("background") == 1 && totals("requests_active") == 0; }));
    EXPECT_EQ(totals("requests"), 3);
    EXPECT_EQ(totals("bytes_sent"), 20) << "what the site said in the background went to nobody";
    EXPECT_EQ(ofTheSite()->getValue<int>("requests"), 2);
    EXPECT_TRUE(
        eventually([&] { return server.read("access.log").find("/bin/held?a 200 -\n") != std::string::npos; }));
}

/// Answers for the visitor's cookie; who has none gets one where the query says so.
class CacheByCookie : public CacheBackground {
 protected:
    void SetUp() override {
        CacheBackground::SetUp();
        program("mine",
                "echo run >> ../../runs/mine\n"
                "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\nVary: Cookie\\n'\n"
                "if [ \"$HTTP_COOKIE$QUERY_STRING\" = session ]; then echo 'Set-Cookie: id=1'; fi\n"
                "printf '\\nfor \"%s\"' \"$HTTP_COOKIE\"\n");
        start("harmless_cookies = [\"*\"]\n");
    }
    Answer mine(const std::string& query, const std::string& fields) const {
        return get(server.port(), "/bin/mine?" + query, fields);
    }
};

TEST_F(CacheByCookie, GivesNobodyWhatWasMadeForTheCookieOfAnother) {
    EXPECT_EQ(mine("", "Cookie: name=eve\r\n").body, "for \"name=eve\"");
    ASSERT_TRUE(eventually([&] { return totals("background") == 1 && totals("requests_active") == 0; }));
    EXPECT_EQ(mine("", "Cookie: name=ann\r\n").body, "for \"\"");
    EXPECT_EQ(mine("", "").body, "for \"\"");
    EXPECT_EQ(runs("mine"), 2u);
}

TEST_F(CacheByCookie, AsksOnceAMinuteForWhatNobodyMayHave) {
    EXPECT_EQ(mine("session", "Cookie: id=7\r\n").body, "for \"id=7\"");
    ASSERT_TRUE(eventually([&] { return totals("background") == 1 && totals("requests_active") == 0; }));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(mine("session", "Cookie: id=7\r\n").body, "for \"id=7\"");
    EXPECT_EQ(totals("background"), 1);
    EXPECT_EQ(runs("mine"), 5u);
}

}  // namespace
}  // namespace turnpike::e2e
