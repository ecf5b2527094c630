// For one request of each kind: what the ledger says it crossed is what strace saw the worker do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <sstream>
#include <thread>

#include "stage.h"
#include "support/http2_client.h"
#include "support/raw_client.h"
#include "support/tls_client.h"

namespace turnpike::truth {
namespace {

using ledger::Class;

std::string describe(const ledger::Account& account, Class c) {
    const tp_crossing& of = account.of[static_cast<size_t>(c)];
    return std::string(ledger::name(c)) + ": " + std::to_string(of.calls) + " calls, " +
           std::to_string(of.errors) + " errors, " + std::to_string(of.bytes) + " bytes";
}
/// The log has no errors of its own.
std::string describeCalls(const ledger::Account& account, Class c) {
    const tp_crossing& of = account.of[static_cast<size_t>(c)];
    return std::string(ledger::name(c)) + ": " + std::to_string(of.calls) + " calls, " + std::to_string(of.bytes) +
           " bytes";
}

class Truth : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        if (!kSanitized) stage = new Stage;
    }
    static void TearDownTestSuite() {
        delete stage;
        stage = nullptr;
    }
    void SetUp() override {
        if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime makes system calls of its own";
        ASSERT_TRUE(stage->server->isUp());
        if (!stage->tracer->problem().empty()) GTEST_SKIP() << stage->tracer->problem();
    }

    struct Toll {
        ledger::Account inside, outside, requests;
    };

    static std::string request(const std::string& method, const std::string& path, const std::string& fields = "",
                               const std::string& body = "") {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
    }
    static std::string post(const std::string& path, size_t size) {
        return request("POST", path, "Connection: close\r\nContent-Length: " + std::to_string(size) + "\r\n",
                       std::string(size, 'p'));
    }

    /// Runs `load` between two marks and holds the ledger against the trace; `count`: how many requests it makes.
    template <class F>
    Toll toll(size_t count, F load, const std::string& may_call = "") {
        Toll result;
        Tracer::Mark from = stage->tracer->mark();
        load();
        Tracer::Mark to = stage->tracer->mark();
        EXPECT_TRUE(from.is_quiet && to.is_quiet) << "the worker does not come to rest";
        Count seen = stage->tracer->between(from, to);
        for (const std::string& line : seen.unexplained)
            if (may_call.empty() || !line.starts_with(may_call)) ADD_FAILURE() << "outside core/os: " << line;
        result.outside = seen.account;
        result.requests = requestsOf(count);
        for (size_t i = 0; i < ledger::kClasses; ++i) {
            tp_crossing& of = result.inside.of[i];
            of.calls = to.account.of[i].calls - from.account.of[i].calls;
            of.errors = to.account.of[i].errors - from.account.of[i].errors;
            of.bytes = to.account.of[i].bytes - from.account.of[i].bytes;
            auto c = static_cast<Class>(i);
            EXPECT_EQ(describe(result.inside, c), describe(result.outside, c));
        }
        result.inside.event_milli = to.account.event_milli - from.account.event_milli;
        EXPECT_EQ(result.inside.event_milli, result.outside.event_milli);
        return result;
    }

    /// The sum over the next `count` lines of the access log, which is written when the logs are reopened.
    static ledger::Account requestsOf(size_t count) {
        stage->server->signal(SIGUSR1);
        std::istringstream log(stage->server->waitForAccess(stage->lines + count));
        ledger::Account sum;
        std::string line;
        for (size_t i = 0; std::getline(log, line); ++i)
            if (i >= stage->lines) sum.add(accountOf(line));
        stage->lines += count;
        return sum;
    }

    /// Every crossing in these classes was a request's.
    static void expectCallsCharged(const Toll& toll, std::initializer_list<Class> classes) {
        for (Class c : classes) EXPECT_EQ(describeCalls(toll.requests, c), describeCalls(toll.outside, c));
    }
    /// And so was every wait.
    static void expectAllCharged(const Toll& toll, std::initializer_list<Class> classes) {
        expectCallsCharged(toll, classes);
        EXPECT_EQ(toll.requests.event_milli, toll.outside.event_milli);
    }

    static void one(const std::string& text, int status, const std::string& body = "") {
        Answer answer = ask(stage->server->port(), text);
        EXPECT_EQ(answer.status, status) << answer.head;
        EXPECT_TRUE(answer.whole);
        if (!body.empty()) {
            EXPECT_EQ(answer.body, body);
        }
    }
    static void get(const std::string& path, int status, const std::string& body = "") {
        one(request("GET", path, "Connection: close\r\n"), status, body);
    }
    static uint64_t calls(const ledger::Account& account, Class c) {
        return account.of[static_cast<size_t>(c)].calls;
    }

    static inline Stage* stage = nullptr;
};

/// Without strace: a client that always keeps up never makes the socket full.
TEST(SentFile, ArrivesWholeHoweverFastItIsRead) {
    TempFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    folder.write("large.bin", std::string(5u << 20, 'l'));
    ServerProcess server("[[site]]\nname = \"a\"\nhosts = [\"*\"]\nroot = \"" + folder.path() +
                         "\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n");
    RawClient client(server.port());
    client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    Answer answer = client.answer();
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body.size(), 5u << 20);
}

TEST_F(Truth, HoldsForAFileInMemory) {
    get("/small.txt", 200, "small\n");
    requestsOf(1);
    Toll t = toll(1, [] { get("/small.txt", 200, "small\n"); });
    expectAllCharged(t, {Class::Client, Class::Backend, Class::File, Class::Spawn});
    EXPECT_EQ(calls(t.requests, Class::Client), 3u);  // receive, send, close
}

TEST_F(Truth, HoldsForASentFile) {
    Toll t = toll(1, [] { get("/large.bin", 200, std::string(3u << 20, 'l')); });
    expectAllCharged(t, {Class::Client, Class::Backend, Class::File, Class::Spawn});
    EXPECT_GE(t.outside.of[TP_CLASS_CLIENT].bytes, 3u << 20);
}

/// The handshake is the worker's. OpenSSL's generator asks for its process id, to notice a fork, and for seeds.
TEST_F(Truth, HoldsForAHandshake) {
    toll(
        0, [] { EXPECT_TRUE(TlsClient(stage->tls_port).isOpen()); }, "getpid(");
    toll(
        0, [] { EXPECT_TRUE(TlsClient(stage->tls_port).isOpen()); }, "getpid(");
}

TEST_F(Truth, HoldsForRequestsOverTls) {
    TlsClient client(stage->tls_port);
    auto ask = [&](const std::string& path, size_t size) {
        ASSERT_TRUE(client.send(request("GET", path)));
        EXPECT_EQ(client.answer().body.size(), size) << path;
    };
    // A wait that brought nothing but the news that the handshake has left is the next request's.
    for (int i = 0; i < 2; ++i) {
        ask("/small.txt", 6);
        requestsOf(1);
    }
    Toll small = toll(1, [&] { ask("/small.txt", 6); });
    expectAllCharged(small, {Class::Client, Class::Backend, Class::File, Class::Spawn});
    EXPECT_EQ(calls(small.requests, Class::Client), 2u);  // receive, send
    Toll large = toll(1, [&] { ask("/large.bin", 3u << 20); });
    expectAllCharged(large, {Class::Client, Class::File});
    EXPECT_GE(large.outside.of[TP_CLASS_CLIENT].bytes, 3u << 20);
}

/// What a connection of HTTP/2 sends and receives for all of its streams is not one request's, and some of it is
/// nobody's: the sums are right, and what a stream asks programs and files for is its own.
TEST_F(Truth, HoldsForRequestsOverHttp2) {
    const std::vector<std::pair<std::string, std::string>> pages = {
        {"/small.txt", "small\n"}, {"/cgi/program", "0 bytes\n"}, {"/fastcgi-unix", "0 bytes\n"}};
    for (int round = 0; round < 2; ++round) {  // the first one makes what all programs share
        SCOPED_TRACE(round);
        Toll t = toll(pages.size() + 1, [&] {
            Http2Client client(stage->server->port());
            for (const auto& [path, body] : pages) EXPECT_EQ(client.answer(client.get(path)).body, body);
            const uint32_t upload = client.post("/cgi/program");
            client.data(upload, std::string(60'000, 'p'), true);
            EXPECT_EQ(client.answer(upload).body, "60000 bytes\n");
        });
        if (round == 0) continue;
        for (Class c : {Class::Backend, Class::File})
            EXPECT_EQ(describeCalls(t.requests, c), describeCalls(t.outside, c));
    }
}

TEST_F(Truth, HoldsForAListing) {
    Toll t = toll(1, [] { get("/list/", 200); });
    expectAllCharged(t, {Class::Client, Class::File});
}

TEST_F(Truth, HoldsForAFileThatIsNotThere) {
    Toll t = toll(1, [] { get("/nothing", 404); });
    expectAllCharged(t, {Class::Client, Class::File});
    EXPECT_GT(t.outside.of[TP_CLASS_FILE].errors, 0u);
}

TEST_F(Truth, HoldsForAnErrorPage) {
    Toll t = toll(1, [] { get("/gone", 410, "small\n"); });
    expectAllCharged(t, {Class::Client, Class::File});
}

TEST_F(Truth, HoldsForAPluginInTheWorker) {
    for (const char* path : {"/hello", "/1m", "/stream", "/timer"}) {
        SCOPED_TRACE(path);
        Toll t = toll(1, [&] { get(path, 200); });
        expectAllCharged(t, {Class::Client, Class::Backend, Class::File, Class::Spawn});
    }
}

TEST_F(Truth, HoldsForAPluginOnThePool) {
    for (int round = 0; round < 2; ++round)
        toll(
            1, [] { get("/pool", 200); }, "clock_nanosleep(");
}

TEST_F(Truth, HoldsForACgiProgram) {
    toll(1, [] { get("/cgi/program", 200, "0 bytes\n"); });  // the worker makes the empty input of all programs
    Toll t = toll(1, [] { get("/cgi/program", 200, "0 bytes\n"); });
    expectAllCharged(t, {Class::Client, Class::Backend, Class::File});
    EXPECT_EQ(calls(t.outside, Class::Spawn), 2u);  // the order and its end
}

/// By splice(), but for its begin: the bytes cross twice, and are in nobody's memory in between.
TEST_F(Truth, HoldsForALongAnswerThatGoesBy) {
    const auto spliced = [] {
        std::string told;
        EXPECT_EQ(stage->server->run("status", &told), 0);
        const size_t at = told.find("bytes_spliced");
        return at == std::string::npos ? 0 : std::strtoull(told.c_str() + at + 13, nullptr, 10);
    };
    for (int round = 0; round < 2; ++round) {  // the first one makes the pipe
        SCOPED_TRACE(round);
        const auto before = spliced();
        Toll t = toll(1, [] { get("/cgi/long", 200, std::string(3u << 20, 'l')); });
        expectAllCharged(t, {Class::Client, Class::Backend, Class::File});
        EXPECT_GE(t.outside.of[TP_CLASS_CLIENT].bytes, 3u << 20);
        EXPECT_GE(t.outside.of[TP_CLASS_BACKEND].bytes, 3u << 20);
        EXPECT_GT(spliced(), before + (1u << 20));
    }
}

TEST_F(Truth, HoldsForACgiProgramThatComplains) {
    toll(1, [] { get("/cgi/complains", 200, "hi\n"); });
}

TEST_F(Truth, HoldsForACgiProgramWithABody) {
    for (size_t size : {10u, 60'000u, 200'000u, 3'000'000u}) {
        SCOPED_TRACE(size);
        Toll t = toll(1, [&] { one(post("/cgi/program", size), 200, std::to_string(size) + " bytes\n"); });
        expectAllCharged(t, {Class::Client, Class::Backend, Class::File});
    }
}

TEST_F(Truth, HoldsForAFastCgiProgram) {
    for (const char* path : {"/fastcgi-unix", "/fastcgi-tcp"})
        for (int round = 0; round < 2; ++round) {  // the first one connects
            SCOPED_TRACE(path);
            Toll t = toll(1, [&] { get(path, 200, "0 bytes\n"); });
            expectAllCharged(t, {Class::Client, Class::Backend, Class::File, Class::Spawn});
            EXPECT_GE(calls(t.requests, Class::Backend), 2u);
        }
}

TEST_F(Truth, HoldsForAFastCgiProgramWithABody) {
    for (const char* path : {"/fastcgi-unix", "/fastcgi-tcp"})
        for (size_t size : {10u, 60'000u, 200'000u, 3'000'000u}) {
            SCOPED_TRACE(std::string(path) + " " + std::to_string(size));
            Toll t = toll(1, [&] { one(post(path, size), 200, std::to_string(size) + " bytes\n"); });
            expectAllCharged(t, {Class::Client, Class::Backend, Class::File});
        }
}

/// The first request pays for the connection and its handshake; see HoldsForAHandshake for what is none of ours.
TEST_F(Truth, HoldsForATargetOverTls) {
    for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE(round);
        Toll t = toll(
            1, [&] { get("/secure", 200, "hello"); }, "getpid(");
        expectAllCharged(t, {Class::Client, Class::Backend, Class::File, Class::Spawn});
        if (round > 0) {
            EXPECT_EQ(calls(t.requests, Class::Backend), 2u);  // as without TLS: write, read
        }
    }
    EXPECT_EQ(stage->secure.handshakes, 1u);
}

/// No request is about, so the wait that told of it is the worker's.
TEST_F(Truth, HoldsForAKeptBackendThatLeaves) {
    get("/secure", 200, "hello");
    requestsOf(1);
    Toll t = toll(0, [&] { stage->secure.stop(); });
    EXPECT_GE(t.inside.event_milli, 1000u);
    stage->secure.start();
}

TEST_F(Truth, HoldsForPhp) {
    if (Stage::findPhp().empty()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    for (int round = 0; round < 2; ++round) {
        Toll t = toll(1, [] { get("/size.php", 200, "0 bytes"); });
        expectAllCharged(t, {Class::Client, Class::Backend, Class::File});
    }
    toll(1, [] { one(post("/size.php", 100'000), 200, "100000 bytes"); });
}

/// A wake may come when all that it tells of was read and answered: such a wait is the worker's.
TEST_F(Truth, HoldsForPhpOverSharedMemory) {
    if (!Stage::hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
    for (int round = 0; round < 3; ++round) {  // the first one connects
        SCOPED_TRACE(round);
        Toll t = toll(1, [] { get("/embedded/size.php", 200, "0 bytes"); });
        expectCallsCharged(t, {Class::Client, Class::Backend, Class::File});
        EXPECT_LE(t.requests.event_milli, t.outside.event_milli);
        if (round > 0) {
            EXPECT_LE(calls(t.requests, Class::Backend), 1u) << "the wake, if it slept";
        }
    }
    for (size_t size : {10u, 60'000u, 200'000u, 3'000'000u}) {
        SCOPED_TRACE(size);
        Toll t = toll(1, [&] { one(post("/embedded/size.php", size), 200, std::to_string(size) + " bytes"); });
        expectCallsCharged(t, {Class::Client, Class::Backend, Class::File});
        EXPECT_LE(t.requests.event_milli, t.outside.event_milli);
    }
}

TEST_F(Truth, HoldsForAChunkedUpload) {
    for (const char* path : {"/cgi/program", "/fastcgi-unix", "/echo"}) {
        SCOPED_TRACE(path);
        Toll t = toll(1, [&] {
            one(request("POST", path, "Connection: close\r\nTransfer-Encoding: chunked\r\n",
                        "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n"),
                200);
        });
        expectAllCharged(t, {Class::Client, Class::File});
    }
}

TEST_F(Truth, HoldsForABodyThatComesInPieces) {
    toll(1, [] {
        RawClient client(stage->server->port());
        client.sendSlowly(post("/cgi/program", 300), 50);
        EXPECT_EQ(client.answer().body, "300 bytes\n");
    });
}

TEST_F(Truth, HoldsForASpooledBody) {
    toll(1, [] { one(post("/spool", 10), 200, "10 bytes in memory\n"); });
    Toll t = toll(1, [] { one(post("/spool", 2'000'000), 200, "2000000 bytes in a file\n"); });
    expectAllCharged(t, {Class::Client, Class::File});
    EXPECT_EQ(t.outside.of[TP_CLASS_FILE].bytes, 2'000'000u);
}

TEST_F(Truth, HoldsForAKeptConnection) {
    Toll t = toll(5, [] {
        RawClient client(stage->server->port());
        for (const char* path : {"/small.txt", "/hello", "/nothing", "/fastcgi-unix"}) {
            client.send(request("GET", path));
            EXPECT_GT(client.answer().status, 0);
        }
        client.send(request("GET", "/small.txt", "Connection: close\r\n"));
        EXPECT_EQ(client.answer().body, "small\n");
    });
    expectAllCharged(t, {Class::Client, Class::File});
}

TEST_F(Truth, HoldsForPipelinedRequests) {
    Toll t = toll(3, [] {
        RawClient client(stage->server->port());
        std::string two = request("GET", "/small.txt") + request("GET", "/hello");
        client.send(two + request("GET", "/small.txt", "Connection: close\r\n"));
        for (int i = 0; i < 3; ++i) EXPECT_EQ(client.answer().status, 200);
    });
    expectAllCharged(t, {Class::Client, Class::File});
}

TEST_F(Truth, HoldsForAClientThatClosesBetweenRequests) {
    Toll t = toll(1, [] {
        RawClient client(stage->server->port());
        client.send(request("GET", "/small.txt"));
        EXPECT_EQ(client.answer().status, 200);
    });
    // The end of a connection that serves nobody is the worker's.
    EXPECT_EQ(calls(t.requests, Class::Client), 2u);
    EXPECT_EQ(calls(t.outside, Class::Client), 4u);
}

TEST_F(Truth, HoldsForAClientThatLeaves) {
    for (const char* path : {"/never", "/pieces"}) {
        SCOPED_TRACE(path);
        toll(1, [&] {
            RawClient client(stage->server->port());
            client.send(request("GET", path));
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            client.reset();
        });
    }
}

TEST_F(Truth, HoldsForABadRequest) {
    toll(1, [] {
        RawClient client(stage->server->port());
        client.send("GET / HTTP/1.1\r\nHost : x\r\n\r\n");
        EXPECT_EQ(client.answer().status, 400);
    });
    toll(0, [] { RawClient client(stage->server->port()); });  // one that says nothing
}

TEST_F(Truth, HoldsForABodyThatNobodyReads) {
    toll(1, [] {
        RawClient client(stage->server->port());
        client.send(request("POST", "/small.txt", "Content-Length: 100000\r\n", std::string(1000, 'b')));
        EXPECT_EQ(client.answer().status, 405);
    });
}

TEST_F(Truth, HoldsWhileTheLogsAreReopened) {
    toll(0, [] {
        stage->server->signal(SIGUSR1);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    });
}

}  // namespace
}  // namespace turnpike::truth
