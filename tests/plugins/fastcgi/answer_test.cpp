// What comes of a request that a good backend answers.
#include "fixture.h"

namespace turnpike::fastcgi::test {
namespace {

class FastCgiAnswer : public FastCgiTest {};

TEST_F(FastCgiAnswer, ReachesTheClient) {
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(request.field("content-type"), "text/plain");
    EXPECT_EQ(request.cause(), "");
}

TEST_F(FastCgiAnswer, HasALengthWhenItIsThereAtOnce) {
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.announced(), 5);
}

TEST_F(FastCgiAnswer, MarksItsPhases) {
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.marks(), (1u << TP_PHASE_COUNT) - 1);
}

TEST_F(FastCgiAnswer, MayBeginWithInterimOnesInAnyPieces) {
    const std::string hints =
        "Status: 103 Early Hints\r\nLink: </a.css>\r\nConnection: close\r\n\r\nStatus: 102\n\n";
    const std::string output = hints + "Content-Type: text/plain\r\n\r\nhello";
    std::atomic<size_t> step = 1;
    backend.setScript([&](Peer& peer, const Seen&) {
        for (size_t at = 0; at < output.size(); at += step) peer.write(record(6, output.substr(at, step)));
        peer.write(record(6, "") + endRecord());
    });
    load();
    for (const size_t size : {size_t{1}, size_t{7}, hints.size(), output.size()}) {
        step = size;
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        ASSERT_EQ(request.interims().size(), 2u) << size;
        EXPECT_EQ(request.interims()[0].status, 103u);
        EXPECT_EQ(request.interims()[0].fields, (fake::Fields{{"link", "</a.css>"}}));
        EXPECT_EQ(request.interims()[1].status, 102u);
        EXPECT_EQ(request.status(), 200u) << request.cause();
        EXPECT_EQ(request.text(), "hello");
    }
    backend.stop();  // before what its script refers to goes
}

// The time to the first byte is that of the answer, and begins again with each interim one.
TEST_F(FastCgiAnswer, BeginsBehindItsInterimOnes) {
    std::atomic<bool> goes_on = false;
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.write(record(6, "Status: 103\n\n"));
        while (!goes_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        peer.write(goodAnswer("hello"));
    });
    host.set("gap_timeout", "50ms").set("timeout", "20s");
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.interims().size() == 1; })) << request.why();
    const uint64_t hinted = request.markedNs(TP_PHASE_FIRST_BYTE);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    host.runUntil([&] { return std::chrono::steady_clock::now() > until; });
    EXPECT_EQ(request.failedWith(), 0u) << request.cause();
    goes_on = true;
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
    EXPECT_GT(request.markedNs(TP_PHASE_FIRST_BYTE), hinted);
    backend.stop();
}

TEST_F(FastCgiAnswer, CostsOneWriteAndOneReadOnAKeptConnection) {
    load();
    ASSERT_TRUE(host.run(get()));
    uint64_t before = host.io.calls(TP_CLASS_BACKEND);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(host.io.calls(TP_CLASS_BACKEND) - before, 20u);
    EXPECT_EQ(backend.connections, 1u);
}

TEST_F(FastCgiAnswer, UsesANewConnectionEachTimeWithoutKeep) {
    host.set("keep", "false");
    load();
    for (int i = 0; i < 3; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "hello");
    }
    EXPECT_EQ(backend.connections, 3u);
    EXPECT_FALSE(backend.seen()[0].keep);
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(FastCgiAnswer, PassesTheVariables) {
    host.setMap("params", {{"APP_MODE", "test"}});
    load();
    ASSERT_TRUE(host.run(get("/app/some/page?x=1").field("User-Agent", "tester").field("Proxy", "http://evil/")));
    auto params = backend.seen().at(0).params;
    EXPECT_EQ(params["SCRIPT_NAME"], "/app");
    EXPECT_EQ(params["PATH_INFO"], "/some/page");
    EXPECT_EQ(params["QUERY_STRING"], "x=1");
    EXPECT_EQ(params["REQUEST_METHOD"], "GET");
    EXPECT_EQ(params["HTTP_USER_AGENT"], "tester");
    EXPECT_EQ(params["APP_MODE"], "test");
    EXPECT_EQ(params.count("HTTP_PROXY"), 0u);
}

TEST_F(FastCgiAnswer, IsNotAskedForOfAnotherName) {
    load();
    auto& request = get("/apple");
    ASSERT_TRUE(host.run(request));
    EXPECT_TRUE(request.declined()) << "it only begins like /app";
}

TEST_F(FastCgiAnswer, PassesAuthorizationOnlyWhereItIsTheBackendsBusiness) {
    load();
    ASSERT_TRUE(host.run(get().field("Authorization", "Basic eDp5")));
    EXPECT_EQ(backend.seen().at(0).params["HTTP_AUTHORIZATION"], "Basic eDp5");
}

TEST_F(FastCgiAnswer, KeepsAuthorizationBackWhenToldSo) {
    host.set("pass_authorization", "false");
    load();
    ASSERT_TRUE(host.run(get().field("Authorization", "Basic eDp5")));
    EXPECT_EQ(backend.seen().at(0).params.count("HTTP_AUTHORIZATION"), 0u);
}

TEST_F(FastCgiAnswer, SendsBodiesOfEverySize) {
    load();
    backend.setScript([](Peer& peer, const Seen& seen) {
        peer.write(goodAnswer(seen.params.at("CONTENT_LENGTH") + " " + std::to_string(seen.body.size())));
    });
    for (size_t size : {1u, 7u, 8u, 65527u, 65528u, 65529u, 131056u, 131057u, 1000000u})
        for (bool to_file : {false, true}) {
            std::string body(size, 'b');
            auto& request = post(body);
            if (to_file) request.spoolToFile();
            ASSERT_TRUE(host.run(request)) << request.why();
            EXPECT_EQ(request.text(), std::to_string(size) + " " + std::to_string(size));
            EXPECT_EQ(backend.seen().back().body, body);
        }
}

TEST_F(FastCgiAnswer, CostsOneWriteWithASmallBody) {
    load();
    ASSERT_TRUE(host.run(get()));
    uint64_t before = host.io.calls(TP_CLASS_BACKEND);
    ASSERT_TRUE(host.run(post(std::string(60000, 'x'))));
    EXPECT_EQ(host.io.calls(TP_CLASS_BACKEND) - before, 3u) << "look if it is alive, write, read";
}

TEST_F(FastCgiAnswer, WaitsForTheWholeBodyBeforeItTakesAConnection) {
    load();
    auto& request = host.request("POST", "/app/x").routePrefix("/app").part("first");
    host.begin(request);
    host.settle(20);
    EXPECT_EQ(host.backends.declared(0).held, 0u);
    EXPECT_EQ(backend.connections, 0u);
    request.part("second").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(backend.seen().at(0).body, "firstsecond");
    EXPECT_EQ(backend.seen().at(0).params["CONTENT_LENGTH"], "11");
}

TEST_F(FastCgiAnswer, StreamsALongAnswerAtTheClientsPace) {
    load();
    std::string body;
    for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i) + ",";
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.write(record(6, "Content-Type: text/plain\n\n"));
        for (size_t at = 0; at < body.size(); at += 50000) peer.write(record(6, body.substr(at, 50000), 1, 1, 3));
        peer.write(record(6, "") + endRecord());
    });
    auto& request = get().takes(40000);
    ASSERT_TRUE(host.run(request, 20000)) << request.why();
    EXPECT_TRUE(request.text() == body);
    EXPECT_GT(request.waits(), 10u);
}

TEST_F(FastCgiAnswer, StopsReadingWhenTheClientTakesNothing) {
    load();
    std::atomic<size_t> written{0};
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.write(record(6, "Content-Type: text/plain\n\n"));
        std::string chunk = record(6, std::string(50000, 'x'));
        for (int i = 0; i < 100 && peer.write(chunk); ++i) written += 50000;
        peer.write(endRecord());
    });
    auto& request = get().takes(0);
    host.begin(request);
    host.runUntil([] { return false; }, 300);
    EXPECT_LT(written, 1'500'000u) << "256 KiB and what the socket holds";
    request.takes(10'000'000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text().size(), 5'000'000u);
}

TEST_F(FastCgiAnswer, FreesTheBackendWhileTheClientIsStillSlow) {
    host.set("children", "1");
    load();
    backend.setScript([](Peer& peer, const Seen&) { peer.write(goodAnswer(std::string(60000, 'x'))); });
    auto& slow = get().takes(0);
    host.begin(slow);
    ASSERT_TRUE(host.run(get()));
    EXPECT_FALSE(slow.done());
    slow.takes(1'000'000);
    ASSERT_TRUE(becomes([&] { return slow.done(); })) << slow.why();
    EXPECT_EQ(slow.text().size(), 60000u);
}

TEST_F(FastCgiAnswer, IsTheSameHoweverItsBytesArrive) {
    load();
    std::string bytes = record(7, "note\n") + record(6, "Content-Type: text/plain\r\nX-A: b\r\n\r\nbo", 1, 1, 2) +
                        record(6, "dy") + record(6, "") + endRecord();
    for (size_t cut = 1; cut < bytes.size(); cut += 3) {
        backend.setScript([&](Peer& peer, const Seen&) {
            peer.write(bytes.substr(0, cut));
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            peer.write(bytes.substr(cut));
        });
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "body") << cut;
        EXPECT_EQ(request.field("x-a"), "b");
    }
    EXPECT_EQ(backend.connections, 1u);
}

TEST_F(FastCgiAnswer, OfManyTinyRecordsIsWhole) {
    load();
    std::string bytes = record(6, "Content-Type: text/plain\n\n"), body;
    for (int i = 0; i < 20000; ++i) {
        std::string piece = std::to_string(i);
        body += piece;
        bytes += record(6, piece, 1, 1, static_cast<unsigned>(i % 4));
    }
    bytes += endRecord();
    // A copy: the backend's last write may return after the test has all of it.
    backend.setScript([bytes](Peer& peer, const Seen&) { peer.write(bytes); });
    for (size_t window : {1u << 30, 10000u}) {
        auto& request = get().takes(window);
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_TRUE(request.text() == body);
    }
}

TEST_F(FastCgiAnswer, PutsTheErrorStreamIntoTheLog) {
    load();
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(7, "PHP Warning: one\nPHP ") + record(7, "Warning: two\r\nlast"));
        peer.write(goodAnswer("ok"));
    });
    ASSERT_TRUE(host.run(get()));
    EXPECT_TRUE(host.logged("PHP Warning: one"));
    EXPECT_TRUE(host.logged("PHP Warning: two"));
    EXPECT_TRUE(host.logged("last"));
}

TEST_F(FastCgiAnswer, LogsAtMost8KiBOfAnErrorStream) {
    load();
    backend.setScript([](Peer& peer, const Seen&) {
        std::string line(99, 'e');
        for (int i = 0; i < 10000; ++i) peer.write(record(7, line + "\n"));
        peer.write(goodAnswer("ok"));
    });
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "ok");
    size_t logged = 0;
    for (const auto& line : host.lines()) logged += line.text.size();
    EXPECT_LT(logged, 8400u);
    EXPECT_TRUE(host.logged("991808 bytes of the backend's error stream dropped"));
}

TEST_F(FastCgiAnswer, FollowsALocalRedirect) {
    load();
    backend.setScript([](Peer& peer, const Seen& seen) {
        if (seen.params.at("PATH_INFO") == "/x")
            peer.write(record(6, "Location: /app/y?z\n\n") + endRecord());
        else
            peer.write(goodAnswer(seen.params.at("QUERY_STRING")));
    });
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.redirects(), (std::vector<std::string>{"/app/y?z"}));
    EXPECT_EQ(request.text(), "z");
}

TEST_F(FastCgiAnswer, ToHeadHasNoInventedLength) {
    load();
    backend.setScript([](Peer& peer, const Seen&) { peer.write(goodAnswer("")); });
    auto& request = host.request("HEAD", "/app/x").routePrefix("/app");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.announced(), TP_LENGTH_UNKNOWN);
}

TEST_F(FastCgiAnswer, MayComeBeforeTheRequestIsRead) {
    load();
    backend.setScript([&](Peer& peer, const Seen&) { peer.write(goodAnswer("ok")); });
    auto& request = post(std::string(3'000'000, 'x'));
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "ok");
}

}  // namespace
}  // namespace turnpike::fastcgi::test
