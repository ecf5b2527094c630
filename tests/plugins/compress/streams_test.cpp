// Bodies that come in pieces: every piece is readable at once, all of it comes back, and nothing is left behind.
#include <chrono>
#include <random>

#include "fixture.h"
#include "load.h"

namespace turnpike::compress {

/// The plugin, with an answer of unknown length in front of it that the test sends piece by piece.
class CompressStreams : public CompressTest {
 protected:
    static constexpr const char* kCodings[] = {"gzip", "br", "zstd"};

    void load() {
        static fake::Host* current;
        current = &host;
        table = *tp_plugin_entry(host.table());
        table.on_request = [](void*, tp_request* request) -> tp_verdict {
            const tp_field fields[] = {{str("content-type"), str("text/plain")}};
            current->table()->start(request, 200, fields, 1, TP_LENGTH_UNKNOWN);
            return TP_PENDING;
        };
        ASSERT_TRUE(host.load(table)) << host.problems().at(0);
    }
    Request& open(const std::string& coding) {
        Request& request = host.begin(host.get("/").field("Accept-Encoding", coding));
        host.settle();
        return request;
    }
    int32_t send(Request& request, std::string_view piece, uint32_t flags = 0) {
        const tp_str part = str(piece);
        return host.table()->send(request.handle(), &part, 1, flags);
    }
    void close(Request& request) {
        host.table()->send(request.handle(), nullptr, 0, TP_LAST);
        ASSERT_TRUE(host.run(request)) << request.why();
    }
    void sendInPieces(Request& request, std::string_view whole, size_t size) {
        for (; !whole.empty(); whole.remove_prefix(std::min(size, whole.size())))
            ASSERT_EQ(send(request, whole.substr(0, size)), TP_SENT);
        close(request);
    }
    static void expectBody(const Request& request, const std::string& coding, const std::string& expected) {
        ASSERT_EQ(request.field("content-encoding"), coding);
        bool ended = false;
        EXPECT_TRUE(decoded(coding, request.text(), &ended) == expected) << coding;
        EXPECT_TRUE(ended) << coding;
    }

    tp_plugin table{};
};

TEST_F(CompressStreams, ComeBackFromPiecesOfEverySize) {
    load();
    const std::string page = pageOf(600);
    for (const char* coding : kCodings)
        for (size_t size = 1; size <= page.size(); ++size) {
            Request& request = open(coding);
            sendInPieces(request, page, size);
            expectBody(request, coding, page);
        }
}

TEST_F(CompressStreams, ComeBackFromLargePieces) {
    load();
    const std::string page = pageOf(3'000'000);
    for (const char* coding : kCodings)
        for (const size_t size : {4096u, 16384u, 65536u, 3'000'000u}) {
            Request& request = open(coding);
            sendInPieces(request, page, size);
            expectBody(request, coding, page);
            EXPECT_LT(request.text().size(), page.size() / 2) << coding << size;
        }
}

// The output is larger than the input, and than any block.
TEST_F(CompressStreams, ComeBackWhereNothingCanBeSaved) {
    load();
    std::minstd_rand random(1);
    std::string noise(300'000, '\0');
    for (char& c : noise) c = static_cast<char>(random() >> 8);
    for (const char* coding : kCodings)
        for (const size_t size : {1000u, 65536u, 300'000u}) {
            Request& request = open(coding);
            sendInPieces(request, noise, size);
            expectBody(request, coding, noise);
            EXPECT_LT(request.text().size(), noise.size() + noise.size() / 20) << coding << size;
        }
}

TEST_F(CompressStreams, MayBeEmpty) {
    load();
    for (const char* coding : kCodings) {
        Request& request = open(coding);
        close(request);
        expectBody(request, coding, "");
    }
}

TEST_F(CompressStreams, AreReadableAfterEachPiece) {
    load();
    for (const char* coding : kCodings) {
        Request& request = open(coding);
        std::string sent;
        for (int i = 0; i < 50; ++i) {
            const std::string piece = i % 7 == 6 ? "" : "event " + std::to_string(i) + "\n";
            sent += piece;
            const size_t before = request.text().size();
            send(request, piece);
            EXPECT_EQ(decoded(coding, request.text()), sent) << coding;
            EXPECT_EQ(request.text().size() == before, piece.empty()) << "nothing to flush";
        }
        close(request);
        expectBody(request, coding, sent);
    }
}

TEST_F(CompressStreams, LeaveNothingBehindWhenTheClientLeaves) {
    host.set("at_once", "1");
    load();
    for (int i = 0; i < 3; ++i) {
        Request& left = open("gzip");
        EXPECT_EQ(left.field("content-encoding"), "gzip") << "the one before has given its place back";
        send(left, pageOf(100'000));
        left.leave();
        ASSERT_TRUE(host.run(left)) << left.why();
        EXPECT_TRUE(left.aborted());
    }
    Request& failed = open("gzip");
    EXPECT_EQ(failed.field("content-encoding"), "gzip");
    send(failed, "half");
    host.table()->fail(failed.handle(), 502, str("the other half is missing"));
    ASSERT_TRUE(host.run(failed)) << failed.why();
    Request& next = open("br");
    sendInPieces(next, "page", 4);
    expectBody(next, "br", "page");
}

TEST_F(CompressStreams, AreBoundedInNumber) {
    host.set("at_once", "2");
    load();
    Request &first = open("gzip"), &second = open("zstd"), &third = open("br");
    EXPECT_EQ(third.field("content-encoding"), "");
    EXPECT_EQ(third.field("vary"), "Accept-Encoding");
    for (Request* request : {&third, &first, &second}) sendInPieces(*request, pageOf(5000), 100);
    expectBody(first, "gzip", pageOf(5000));
    expectBody(second, "zstd", pageOf(5000));
    EXPECT_EQ(third.text(), pageOf(5000));
    Request& fourth = open("br");
    sendInPieces(fourth, "page", 4);
    expectBody(fourth, "br", "page");
}

TEST_F(CompressStreams, AreOfOneWorkerOnlyWhileItHasTime) {
    host.set("busy", "1");
    load();
    for (int i = 0; i < 40; ++i) {
        Request& request = open("gzip");
        const std::string coding = request.field("content-encoding");
        sendInPieces(request, pageOf(500'000), 500'000);
        if (coding.empty()) {
            EXPECT_EQ(request.field("vary"), "Accept-Encoding");
            EXPECT_EQ(request.text(), pageOf(500'000));
            return;
        }
    }
    FAIL() << "compressing 20 MB is more than the hundredth of a second";
}

TEST(CompressLoad, IsCountedForEachSecond) {
    using namespace std::chrono_literals;
    const Load::Clock::time_point start(1000s);
    Load load(10);
    EXPECT_FALSE(load.isHigh(start));
    load.add(start + 1ms, start + 100ms);
    EXPECT_FALSE(load.isHigh(start + 100ms));
    load.add(start + 200ms, start + 201ms);
    EXPECT_TRUE(load.isHigh(start + 201ms));
    EXPECT_TRUE(load.isHigh(start + 999ms));
    EXPECT_FALSE(load.isHigh(start + 1000ms));
    load.add(start + 1000ms, start + 1250ms);
    EXPECT_TRUE(load.isHigh(start + 2100ms)) << "150 ms are carried over";
    EXPECT_FALSE(load.isHigh(start + 3100ms));
    EXPECT_FALSE(load.isHigh(start + 1'000'000s));
}

TEST(CompressLoad, OfAHundredPercentHasNoLimit) {
    using namespace std::chrono_literals;
    const Load::Clock::time_point start(1000s);
    Load load(100);
    load.add(start, start + 900s);
    EXPECT_FALSE(load.isHigh(start + 900s));
}

}  // namespace turnpike::compress
