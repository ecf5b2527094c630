// Backends that break the protocol, in every way that was used against other servers: each gives a 502 (or ends
// the connection when the answer had begun) with the cause in the log, at once, and never a complete-looking
// answer.
#include <gmock/gmock.h>

#include "fixture.h"

namespace turnpike::fastcgi::test {
namespace {

using ::testing::HasSubstr;

const std::string kHead = "Content-Type: text/plain\r\n\r\n";

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

struct Mode {
    std::string name, bytes, cause;
    bool stays_open = false;  // the backend does not close after its bytes
    unsigned status = 502;
    uint32_t held = 0;  // connections afterwards: one when the records were right and only the program wrong
};

class FastCgiBadBackend : public FastCgiTest, public ::testing::WithParamInterface<Mode> {};

TEST_P(FastCgiBadBackend, GetsA502WithItsCause) {
    const Mode& mode = GetParam();
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.write(mode.bytes);
        peer.hangs_up = !mode.stays_open;
    });
    load();
    auto& request = post("x");  // not idempotent: asked once
    auto begun = std::chrono::steady_clock::now();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
    EXPECT_EQ(request.failedWith(), mode.status);
    EXPECT_TRUE(request.status() == mode.status || request.truncated()) << request.status();
    EXPECT_THAT(request.cause(), HasSubstr(mode.cause));
    EXPECT_EQ(backend.requests, 1u);
    EXPECT_EQ(host.backends.declared(0).held, mode.held);
    backend.setScript([](Peer& peer, const Seen&) { peer.write(goodAnswer("fine")); });
    auto& next = get();
    ASSERT_TRUE(host.run(next)) << next.why();
    EXPECT_EQ(next.text(), "fine");
}

const Mode kModes[] = {
    {"WrongVersion", record(6, kHead, 1, 2) + endRecord(), "a record of version 2", true},
    {"WrongId", record(6, kHead, 7) + endRecord(0, 0, 7), "a record of request 7", true},
    {"WrongIdOfEnd", record(6, kHead + "x") + endRecord(0, 0, 2), "a record of request 2", true},
    {"UnknownType", record(42, kHead) + endRecord(), "a record of type 42", true},
    {"ManagementRecord", record(10, "", 0) + goodAnswer("x"), "a record of type 10", true},
    {"ShortEnd", record(6, kHead) + record(3, "1234"), "END_REQUEST record of 4 bytes", true},
    {"LongEnd", record(6, kHead) + record(3, std::string(64, '\0')), "END_REQUEST record of 64 bytes", true},
    {"UnknownStatus", record(6, kHead) + endRecord(9), "unknown status 9", true},
    {"Garbage", std::string(5000, '\xee'), "a record of version 238", true},
    {"SpeaksHttp", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "a record of version 72", true},
    {"OutputAfterItsEnd", record(6, kHead) + record(6, "") + record(6, "x"), "after the end of that stream", true},
    {"ClosesEarly", "", "closed the connection without an answer"},
    {"ShortRecord", record(6, kHead + std::string(100, 'x')).substr(0, 60), "closed the connection in the middle"},
    {"ShortHeader", record(6, kHead).substr(0, 5), "closed the connection without an answer"},
    {"Truncated", record(6, kHead + "only a part"), "closed the connection in the middle of its answer"},
    {"TruncatedAfterStdoutEnd", record(6, kHead + "part") + record(6, ""), "closed the connection in the middle"},
    {"EndOnly", endRecord(), "an answer without a head", true, 502, 1},
    {"EmptyOutput", record(6, "") + endRecord(0, 3), "an answer without a head (exit status 3)", true, 502, 1},
    {"NoHeaderEnd", record(6, "Content-Type: text/plain\r\n") + endRecord(), "ends inside its head", true, 502, 1},
    {"InfiniteHeader", record(6, "X: " + std::string(60000, 'a')), "a bad response head", true},
    {"HeaderWithoutColon", record(6, "hello world\r\n\r\n") + endRecord(), "a bad response head", true},
    {"NulInHeader", record(6, std::string("X: a\0b\r\n\r\n", 10)) + endRecord(), "a bad response head", true},
    {"Status99999", record(6, "Status: 99999\r\n\r\n") + endRecord(), "a bad response head", true},
    {"Status101", record(6, "Status: 101 Switching\r\n\r\n") + endRecord(), "a bad response head", true},
    {"InterimStatus", record(6, "Status: 103\nContent-Type: a/b\n\nX-Evil: 1\n\nbody") + endRecord(),
     "its status is 103, which is that of an interim answer", true},
    {"InterimOnly", record(6, "Status: 103\n\n") + endRecord(), "interim heads and no answer", true, 502, 1},
    {"EndlessInterims", record(6, repeated("Status: 103\nLink: </a>\n\n", 2000)), "more than 16 interim heads",
     true},
    {"HugeInterim", record(6, "Status: 103\nLink: " + std::string(40000, 'a') + "\n\n"), "is larger than 32768",
     true},
    {"BadInterim", record(6, "Status: 103\nLink: a\rb\n\n"), "a control byte", true},
    {"ClosesAfterInterim", record(6, "Status: 103\n\n"), "in the middle of its answer"},
    {"StderrOnly", record(7, "oh no\n") + endRecord(), "an answer without a head", true, 502, 1},
    {"CannotMultiplex", endRecord(1), "FCGI_CANT_MPX_CONN", true},
    {"UnknownRole", endRecord(3), "FCGI_UNKNOWN_ROLE", true},
    {"Overloaded", endRecord(2), "FCGI_OVERLOADED", true, 503},
};

INSTANTIATE_TEST_SUITE_P(Modes, FastCgiBadBackend, ::testing::ValuesIn(kModes),
                         [](const auto& mode) { return mode.param.name; });

class FastCgiFailure : public FastCgiTest {};

TEST_F(FastCgiFailure, InsideAnAnswerNeverLooksComplete) {
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(6, kHead + "the first half"));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        peer.hangUp();
    });
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(request.truncated());
    EXPECT_THAT(request.cause(), HasSubstr("in the middle of its answer"));
}

TEST_F(FastCgiFailure, BytesAfterTheEndCloseTheConnection) {
    backend.setScript([](Peer& peer, const Seen&) { peer.write(goodAnswer("one") + goodAnswer("two")); });
    load();
    auto& first = get();
    ASSERT_TRUE(host.run(first));
    EXPECT_EQ(first.text(), "one");
    EXPECT_TRUE(host.logged("sent bytes after END_REQUEST"));
    auto& second = get();
    ASSERT_TRUE(host.run(second));
    EXPECT_EQ(second.text(), "one");
    EXPECT_EQ(backend.connections, 2u);
}

TEST_F(FastCgiFailure, AnIdleConnectionThatTalksIsClosed) {
    std::atomic<bool> talked{false};
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.write(goodAnswer("one"));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        peer.write(goodAnswer("forged"));
        talked = true;
    });
    load();
    ASSERT_TRUE(host.run(get()));
    ASSERT_TRUE(becomes([&] { return talked && host.backends.declared(0).held == 0; }));
}

TEST_F(FastCgiFailure, SaysThatNoAnswerCame) {
    host.set("timeout", "300ms");
    backend.setScript([](Peer& peer, const Seen&) { peer.waitRecord(2000); });
    load();
    EXPECT_THAT(causeOf(get(), 504), HasSubstr("did not answer within 300 ms"));
}

TEST_F(FastCgiFailure, HasNotBegunToAnswerWhileItOnlyComplains) {
    host.set("timeout", "600ms").set("gap_timeout", "200ms");
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(7, "PHP Warning: slow\n"));
        peer.waitRecord(5000);
    });
    load();
    EXPECT_THAT(causeOf(get(), 504), HasSubstr("did not answer within 600 ms"));
}

TEST_F(FastCgiFailure, IsLeftOutWhenItEndsWithoutAnAnswer) {
    ScriptedBackend good;
    backends_ = {backend.address(), good.address()};
    host.set("max_fails", "2").set("fail_pause", "60s");
    backend.setScript([](Peer& peer, const Seen&) { peer.write(endRecord(0, 255)); });
    load();
    for (int i = 0; i < 20; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
    }
    EXPECT_EQ(backend.requests, 2u);
}

TEST_F(FastCgiFailure, SaysThatAnAnswerPaused) {
    host.set("gap_timeout", "300ms");
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(6, "Content-Type: text/plain\n"));
        peer.waitRecord(2000);
    });
    load();
    EXPECT_THAT(causeOf(get(), 504), HasSubstr("paused inside its answer for 300 ms"));
}

TEST_F(FastCgiFailure, SaysThatTheRequestWasNotTaken) {
    host.set("gap_timeout", "300ms");
    load();
    backend.stop();
    int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);  // accepts nobody
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = backend.address().substr(5);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 8), 0);
    EXPECT_THAT(causeOf(post(std::string(4'000'000, 'x')), 504),
                HasSubstr("took nothing of the request for 300 ms"));
    ::close(listener);
    ::unlink(path.c_str());
}

}  // namespace
}  // namespace turnpike::fastcgi::test
