// Answers on their way through the plugin: good ones of every framing, and bad ones one by one.
#include <atomic>

#include "fixture.h"

namespace turnpike::proxy::test {
namespace {

TEST_F(ProxyTest, PassesAnAnswerOn) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(
            "HTTP/1.1 404 Not Here\r\nX-One: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n"
            "Content-Length: 5\r\n\r\nhello");
    });
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 404u);
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(request.announced(), 5);
    EXPECT_EQ(request.fields(), (fake::Fields{{"x-one", "1"}, {"set-cookie", "a=b"}, {"set-cookie", "c=d"}}));
}

TEST_F(ProxyTest, KeepsItsConnection) {
    load();
    for (int i = 0; i < 20; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "hello");
    }
    EXPECT_EQ(upstream.connections, 1u);
    EXPECT_EQ(upstream.requests, 20u);
}

TEST_F(ProxyTest, KeepsNoConnectionWhenItMayNot) {
    host.set("keep", "false");
    load();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(host.run(get()));
        EXPECT_EQ(upstream.lastSeen().field("connection"), "close");
    }
    EXPECT_EQ(upstream.connections, 3u);
}

struct Framed {
    const char *name, *answer, *body;
    int64_t announced;
    unsigned connections;  // after two requests
};

class ProxyFraming : public ProxyTest, public ::testing::WithParamInterface<Framed> {};

// In pieces of every size: no answer depends on how it was cut.
TEST_P(ProxyFraming, IsReadWhateverTheCut) {
    const std::string answer = GetParam().answer;
    std::atomic<size_t> step{1};
    const bool closes = GetParam().connections > 1;
    upstream.setScript([&](Peer& peer, const Seen&) {
        for (size_t at = 0; at < answer.size(); at += step) peer.write(answer.substr(at, step));
        if (closes) peer.hangUp();
    });
    load();
    for (step = 1; step <= answer.size(); step += step < 8 ? 1 : 17) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), 200u) << request.cause();
        EXPECT_EQ(request.text(), GetParam().body) << step.load();
        EXPECT_FALSE(request.truncated());
    }
    if (!closes) {
        EXPECT_EQ(upstream.connections, 1u);
    }
    upstream.stop();  // before what its script refers to goes
}

INSTANTIATE_TEST_SUITE_P(
    Answers, ProxyFraming,
    ::testing::Values(
        Framed{"Length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", "0123456789", 10, 1},
        Framed{"Empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", 0, 1},
        Framed{"Chunked",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
               "0123456789", -1, 1},
        Framed{"Close", "HTTP/1.1 200 OK\r\n\r\n0123456789", "0123456789", -1, 2},
        Framed{"OldClose", "HTTP/1.0 200 OK\r\nServer: old\r\n\r\n0123456789", "0123456789", -1, 2},
        Framed{"OldKept", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", "hi", 2, 1},
        Framed{"Interim",
               "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
               "hi", 2, 1},
        Framed{"NoReason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "hi", 2, 1}),
    [](const auto& made) { return made.param.name; });

TEST_F(ProxyTest, PassesTrailersOn) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(
            "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
            "X-Sum: 7 \r\nContent-Length: 3\r\n\r\n");
    });
    load();
    auto& request = get().takesTrailers();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(request.trailers(), (fake::Fields{{"X-Sum", "7"}})) << "and none that frames the message";
}

TEST_F(ProxyTest, RemovesWhatConcernsTheConnectionOnly) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(
            goodAnswer("x",
                       "Connection: X-Hop, keep-alive, Content-Type\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                       "Proxy-Connection: close\r\nTE: trailers\r\nUpgrade: h2c\r\nContent-Type: text/plain\r\n"));
    });
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.fields(), (fake::Fields{{"content-type", "text/plain"}}));
}

TEST_F(ProxyTest, TakesNoBodyForAnAnswerToHead) {
    upstream.setScript(
        [](Peer& peer, const Seen&) { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"); });
    load();
    for (int i = 0; i < 2; ++i) {
        auto& request = host.request("HEAD", "/x").field("host", "t");
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.announced(), 50);
        EXPECT_EQ(request.text(), "");
    }
    EXPECT_EQ(upstream.connections, 1u);
}

TEST_F(ProxyTest, TakesNoBodyWithNotModified) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\nETag: \"a\"\r\n\r\n");
    });
    load();
    for (int i = 0; i < 2; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), 304u);
        EXPECT_EQ(request.field("etag"), "\"a\"");
    }
    EXPECT_EQ(upstream.connections, 1u);
}

// Bytes behind an answer may be meant as the next one's: who asks next must not get them.
TEST_F(ProxyTest, UsesNoConnectionWithBytesBehindAnAnswer) {
    std::atomic<int> asked{0};
    upstream.setScript([&](Peer& peer, const Seen&) {
        const bool is_first = asked++ == 0;
        peer.write(goodAnswer("one") + (is_first ? goodAnswer("smuggled") : ""));
    });
    load();
    for (int i = 0; i < 2; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "one");
    }
    EXPECT_EQ(upstream.connections, 2u);
    EXPECT_TRUE(host.logged("sent bytes behind its answer"));
    upstream.stop();  // before what its script refers to goes
}

struct Bad {
    const char *name, *answer, *cause;
};
class ProxyBadAnswer : public ProxyTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(ProxyBadAnswer, IsA502ThatSaysWhy) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(GetParam().answer);
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(post("x"), 502), ::testing::HasSubstr(GetParam().cause));
}

INSTANTIATE_TEST_SUITE_P(
    Answers, ProxyBadAnswer,
    ::testing::Values(
        Bad{"NotHttp", "SSH-2.0-OpenSSH_9.2\r\n", "what is no HTTP/1.x answer"},
        Bad{"Http2", "HTTP/2 200\r\n\r\n", "what is no HTTP/1.x answer"},
        Bad{"NoVersionDigit", "HTTP/1.x 200 OK\r\n\r\n", "a bad status line"},
        Bad{"ShortStatus", "HTTP/1.1 20\r\n\r\n", "a bad status line"},
        Bad{"LongStatus", "HTTP/1.1 2000 OK\r\n\r\n", "a bad status line"},
        Bad{"Status099", "HTTP/1.1 099 OK\r\n\r\n", "a status that does not exist"},
        Bad{"Status600", "HTTP/1.1 600 OK\r\n\r\n", "a status that does not exist"},
        Bad{"BareLf", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "a line that does not end in CRLF"},
        Bad{"BareCr", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "control byte in a field value"},
        Bad{"BareCrInStatus", "HTTP/1.1 200 O\rK\r\n\r\n", "a bad status line"},
        Bad{"Folded", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "folded field line"},
        Bad{"BlankBeforeColon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n", "blank before the colon"},
        Bad{"NoColon", "HTTP/1.1 200 OK\r\nX\r\n\r\n", "field line without a colon"},
        Bad{"TwoLengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "more than one Content-Length"},
        Bad{"ListOfLengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx", "a bad Content-Length"},
        Bad{"SignedLength", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", "a bad Content-Length"},
        Bad{"HugeLength", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nx",
            "a bad Content-Length"},
        Bad{"LengthAndChunked",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "Transfer-Encoding and Content-Length"},
        Bad{"ChunkedAndLength",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "Transfer-Encoding and Content-Length"},
        Bad{"OtherCoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "a transfer coding"},
        Bad{"TwoCodings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "more than one Transfer-Encoding"},
        Bad{"OldChunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding in HTTP/1.0"},
        Bad{"BadChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n", "sent a bad answer"},
        Bad{"UnaskedSwitch", "HTTP/1.1 101 OK\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "a protocol that nobody asked for"},
        Bad{"SwitchToNothing", "HTTP/1.1 101 OK\r\n\r\n", "101 without Upgrade"},
        Bad{"NoAnswer", "", "without an answer"},
        Bad{"HalfHead", "HTTP/1.1 200 OK\r\nContent-Le", "in the middle of its answer"},
        Bad{"InterimOnly", "HTTP/1.1 103 Early Hints\r\n\r\n", "in the middle of its answer"}),
    [](const auto& made) { return made.param.name; });

TEST_F(ProxyTest, RefusesAHeadWithoutEnd) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 200 OK\r\n");
        while (peer.write("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
        }
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("a head of more than 32 KiB"));
}

TEST_F(ProxyTest, PassesInterimAnswersOnBut100) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Hop: 1\r\n"
            "Connection: x-hop\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("Transfer-Encoding and Content-Length"));
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Hop: 1\r\n"
            "Connection: x-hop\r\nContent-Length: 7\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
            goodAnswer("hi"));
    });
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    ASSERT_EQ(request.interims().size(), 2u);
    EXPECT_EQ(request.interims()[0].status, 103u);
    EXPECT_EQ(request.interims()[0].fields, (fake::Fields{{"link", "</a.css>"}}));
    EXPECT_EQ(request.interims()[1].status, 102u);
    EXPECT_EQ(request.text(), "hi");
}

// What it knew before its connection broke may have changed something: nobody else is asked.
TEST_F(ProxyTest, AsksNobodyElseBehindAnInterimAnswer) {
    ScriptedUpstream other;
    targets_ = {upstream.address(), other.address()};
    for (ScriptedUpstream* one : {&upstream, &other})
        one->setScript([](Peer& peer, const Seen&) {
            peer.write("HTTP/1.1 103 Early Hints\r\n\r\n");
            peer.hangUp();
        });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("in the middle of its answer"));
    EXPECT_EQ(upstream.requests + other.requests, 1u);
}

TEST_F(ProxyTest, RefusesInterimAnswersThatAreTooLarge) {
    upstream.setScript([](Peer& peer, const Seen&) {
        const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: <" + std::string(20000, 'a') + ">\r\n\r\n";
        peer.write(hint + hint + goodAnswer("hi"));
    });
    load();
    auto& request = get();
    EXPECT_THAT(causeOf(request, 502), ::testing::HasSubstr("too large ones"));
    EXPECT_EQ(request.interims().size(), 1u);
}

TEST_F(ProxyTest, RefusesInterimAnswersWithoutEnd) {
    upstream.setScript([](Peer& peer, const Seen&) {
        while (peer.write("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("too many interim answers"));
}

// A cut body never looks like a whole one.
TEST_F(ProxyTest, EndsTheConnectionWhenABodyIsCut) {
    load();
    for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhalf"}) {
        upstream.setScript([answer](Peer& peer, const Seen&) {
            peer.write(answer);
            peer.hangUp();
        });
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_TRUE(request.truncated() || request.status() == 502) << answer;
        EXPECT_THAT(request.cause(), ::testing::HasSubstr("in the middle of its answer"));
    }
}

TEST_F(ProxyTest, NeverTakesAHalfForAWholeWhereverTheUpstreamDies) {
    load();
    for (const std::string answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Y: z\r\n\r\nbody",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\nX-T: u\r\n\r\n"})
        for (size_t cut = 0; cut <= answer.size(); ++cut) {
            const bool resets = cut % 2 == 1 && cut < answer.size();
            upstream.setScript([begin = answer.substr(0, cut), resets](Peer& peer, const Seen&) {
                peer.write(begin);
                peer.hangUp(resets);
            });
            auto& request = post("x");
            ASSERT_TRUE(host.run(request)) << request.why();
            if (cut == answer.size())
                EXPECT_TRUE(request.status() == 200 && !request.truncated() && request.text() == "body") << answer;
            else
                EXPECT_TRUE(request.status() == 502 || request.truncated()) << answer << " cut at " << cut;
        }
}

/// The n-th byte is n modulo 251.
std::string counted(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 251);
    return text;
}

constexpr size_t kLong = 4'000'000;

/// `length`: the one that is promised; 0: the connection's end is the body's.
ScriptedUpstream::Script longAnswer(const std::string& body, size_t length, std::string behind = {}) {
    return [=](Peer& peer, const Seen&) {
        const std::string promise = length > 0 ? "Content-Length: " + std::to_string(length) + "\r\n" : "";
        peer.write("HTTP/1.1 200 OK\r\n" + promise + "\r\n" + body + behind);
        if (body.size() != length) peer.hangUp();
    };
}

TEST_F(ProxyTest, LetsTheMiddleOfALongBodyGoBy) {
    const std::string body = counted(kLong);
    load();
    for (const size_t length : {kLong, size_t{0}})
        for (const size_t window : {fake::kUnlimited, size_t{100'000}}) {
            upstream.setScript(longAnswer(body, length));
            auto& request = get().takes(window);
            ASSERT_TRUE(host.run(request, 60'000)) << request.why();
            EXPECT_TRUE(request.text() == body) << request.text().size();
            EXPECT_FALSE(request.truncated());
            EXPECT_GT(request.spliced(), 0u) << length << " " << window;
        }
    EXPECT_EQ(upstream.connections, 2u) << "the end of a body that has its length leaves the connection as it was";
}

TEST_F(ProxyTest, KnowsWhereALongBodyEnds) {
    const std::string body = counted(kLong);
    load();
    upstream.setScript(longAnswer(body, kLong, goodAnswer("smuggled")));
    for (int i = 0; i < 2; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request, 60'000)) << request.why();
        EXPECT_TRUE(request.text() == body) << request.text().size();
        EXPECT_GT(request.spliced(), 0u);
    }
    EXPECT_EQ(upstream.connections, 2u) << "bytes behind an answer may be meant as the next one's";
    upstream.setScript(longAnswer(body, kLong + 1000));
    auto& cut = get();
    ASSERT_TRUE(host.run(cut, 60'000)) << cut.why();
    EXPECT_TRUE(cut.truncated());
    EXPECT_GT(cut.spliced(), 0u);
    EXPECT_THAT(cut.cause(), ::testing::HasSubstr("in the middle of its answer"));
}

// The target is free for others as soon as the rest fits into memory.
TEST_F(ProxyTest, TakesTheEndOfALongBodyAheadOfASlowClient) {
    host.set("connections", "1");
    const std::string body = counted(kLong);
    upstream.setScript(longAnswer(body, kLong));
    load();
    auto& slow = get().takes(20'000);
    host.begin(slow);
    // It is behind: what it has not taken is in the last pipe, and in memory.
    ASSERT_TRUE(host.runUntil([&] { return slow.text().size() > kLong - 200'000 || slow.done(); }));
    slow.takes(0);
    auto& next = get("/next");
    ASSERT_TRUE(host.run(next, 60'000)) << "it waits for " << slow.why();
    EXPECT_FALSE(slow.done());
    slow.takes(fake::kUnlimited);
    ASSERT_TRUE(host.run(slow, 60'000)) << slow.why();
    EXPECT_TRUE(slow.text() == body) << slow.text().size();
    EXPECT_GT(slow.spliced(), 0u);
}

TEST_F(ProxyTest, LeavesALongBodyWhoseClientHasLeft) {
    const std::string body = counted(kLong);
    upstream.setScript(longAnswer(body, kLong));
    load();
    auto& request = get().leavesAfter(1'000'000);
    ASSERT_TRUE(host.run(request, 60'000)) << request.why();
    EXPECT_TRUE(request.aborted());
    auto& next = get();
    ASSERT_TRUE(host.run(next, 60'000)) << next.why();
    EXPECT_TRUE(next.text() == body) << next.text().size();
    EXPECT_EQ(upstream.connections, 2u);
}

TEST_F(ProxyTest, HoldsTheUpstreamBackForASlowClient) {
    const std::string part(65536, 'p');
    std::atomic<size_t> written{0};
    constexpr size_t kParts = 400;  // 25 MiB: more than all buffers between the two hold
    upstream.setScript([&](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(part.size() * kParts) + "\r\n\r\n");
        for (size_t i = 0; i < kParts && peer.write(part); ++i) written += part.size();
    });
    load();
    auto& request = get().takes(0);
    host.begin(request);
    size_t before = 1;
    ASSERT_TRUE(becomes([&] {
        host.settle(50);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return std::exchange(before, written.load()) == written.load() && written > 0;
    }));
    EXPECT_LT(written, part.size() * kParts) << "it stands";
    request.takes(fake::kUnlimited);
    ASSERT_TRUE(host.run(request, 60'000)) << request.why();
    EXPECT_EQ(request.text().size(), part.size() * kParts);
    upstream.stop();  // before what its script refers to goes
}

}  // namespace
}  // namespace turnpike::proxy::test
