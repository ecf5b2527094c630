#include "php/interpreter/request.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "records.h"

namespace turnpike::php::test {
namespace {

constexpr std::string_view kFirst = "first:";

/// What became of one connection.
struct Wire {
    std::deque<std::string>
        input;  // a piece for each read, the first of a request is marked; then the worker is gone
    std::string output;
    int endings = 0;
    bool closing = false, closed = false, closing_before_end = false;
};

class WireStream final : public Stream {
 public:
    explicit WireStream(Wire& wire) : wire_(wire) {}
    ~WireStream() override { wire_.closed = true; }
    WireStream(const WireStream&) = delete;
    WireStream& operator=(const WireStream&) = delete;

    bool begin() override {
        while (!wire_.input.empty() && !wire_.input.front().starts_with(kFirst)) wire_.input.pop_front();
        if (wire_.input.empty()) return false;
        wire_.input.front().erase(0, kFirst.size());
        return true;
    }
    size_t read(char* to, size_t size) override {
        if (wire_.input.empty() || wire_.input.front().starts_with(kFirst)) return 0;
        std::string& piece = wire_.input.front();
        size_t take = piece.copy(to, size);
        piece.erase(0, take);
        if (piece.empty()) wire_.input.pop_front();
        return take;
    }
    bool hasInput() override { return !wire_.input.empty(); }
    bool write(std::string_view head, std::string_view data) override {
        wire_.output.append(head).append(data);
        return true;
    }
    void flush() override {}
    void ending() override { ++wire_.endings; }
    void closing() override {
        wire_.closing = true;
        wire_.closing_before_end = wire_.output.find(std::string("\x01\x03\x00", 3)) == std::string::npos;
    }

 private:
    Wire& wire_;
};

class WireAcceptor final : public Acceptor {
 public:
    std::unique_ptr<Stream> accept() override {
        if (next == wires.size()) return nullptr;
        return std::make_unique<WireStream>(wires[next++]);
    }
    std::vector<Wire> wires;
    size_t next = 0;
};

std::string get(std::string_view uri = "/a.php", size_t flags = 1) {
    return std::string(kFirst) + begin(1, flags) +
           record(4, pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", uri)) + record(4, "") + record(5, "");
}

std::string post(std::string_view body) {
    return std::string(kFirst) + begin() + record(4, pair("REQUEST_METHOD", "POST")) + record(4, "") +
           record(5, body);
}

class RequestTest : public testing::Test {
 protected:
    Wire& wire(std::deque<std::string> input) {
        acceptor.wires.emplace_back().input = std::move(input);
        return acceptor.wires.back();
    }
    void SetUp() override { acceptor.wires.reserve(8); }

    WireAcceptor acceptor;
    Slot slot;
    std::unique_ptr<Request> request = std::make_unique<Request>(acceptor, slot);
};

TEST_F(RequestTest, AnswersOneAfterTheOtherOnAKeptConnection) {
    Wire& kept = wire({get("/1"), get("/2")});
    ASSERT_TRUE(request->receive());
    EXPECT_STREQ(request->param("REQUEST_URI"), "/1");
    EXPECT_EQ(slot.state, State::Busy);
    EXPECT_EQ(describe(slot.work), "GET /1 ()");
    request->end(0);
    ASSERT_TRUE(request->receive());
    EXPECT_STREQ(request->param("REQUEST_URI"), "/2");
    request->end(0);
    EXPECT_FALSE(kept.closing);
    EXPECT_FALSE(request->receive());
    EXPECT_TRUE(kept.closed);
}

TEST_F(RequestTest, EndsOnceHoweverOftenItIsEnded) {
    Wire& kept = wire({get()});
    ASSERT_TRUE(request->receive());
    request->end(0);
    size_t size = kept.output.size();
    request->end(255);
    EXPECT_FALSE(request->endEarly(0));
    EXPECT_EQ(kept.output.size(), size);
    EXPECT_EQ(kept.endings, 1);
}

TEST_F(RequestTest, AnnouncesTheLastBeforeItsEnd) {
    Wire& kept = wire({get()});
    request->beLast();
    ASSERT_TRUE(request->receive());
    request->end(0);
    EXPECT_TRUE(kept.closing_before_end);
    EXPECT_TRUE(kept.closed);
}

TEST_F(RequestTest, AnnouncesTheEndIfToldToEndMeanwhile) {
    Wire& kept = wire({get()});
    ASSERT_TRUE(request->receive());
    slot.stop = 1;
    EXPECT_FALSE(Stop(slot).isTold());
    request->end(0);
    EXPECT_TRUE(kept.closing_before_end);
    EXPECT_TRUE(kept.closed);
}

TEST_F(RequestTest, ClosesWhatShallNotBeKept) {
    Wire& once = wire({get("/", 0)});
    ASSERT_TRUE(request->receive());
    request->end(0);
    EXPECT_TRUE(once.closed);
}

TEST_F(RequestTest, ClosesTheConnectionOfAScriptThatGoesOn) {
    Wire& early = wire({get()});
    ASSERT_TRUE(request->receive());
    EXPECT_TRUE(request->put("done"));
    EXPECT_TRUE(request->endEarly(0));
    EXPECT_TRUE(early.closing_before_end);
    EXPECT_TRUE(early.closed);
    EXPECT_TRUE(request->put("more"));
    EXPECT_FALSE(request->flush());
    char byte;
    EXPECT_EQ(request->readBody(&byte, 1), 0u);
}

TEST_F(RequestTest, ReadsABodyInPiecesOfAnySize) {
    std::string body(70000, 'b');
    wire({post(body.substr(0, 60000)) + record(5, body.substr(60000), 1, 7), record(5, "")});
    ASSERT_TRUE(request->receive());
    std::string got;
    char piece[999];
    for (size_t n; (n = request->readBody(piece, sizeof piece)) > 0;) got.append(piece, n);
    EXPECT_EQ(got, body);
}

TEST_F(RequestTest, NoticesAnAbortWhenOutputLeaves) {
    wire({get(), record(2, "")});
    ASSERT_TRUE(request->receive());
    EXPECT_TRUE(request->put("small"));
    EXPECT_FALSE(request->flush());
}

TEST_F(RequestTest, NoticesAnAbortBehindAnUnreadBody) {
    wire({post("unread"), record(5, "") + record(2, "")});
    ASSERT_TRUE(request->receive());
    EXPECT_FALSE(request->put(std::string(50000, 'x')));
}

TEST_F(RequestTest, IsIdleAfterAnAnswerWhateverIsLeftOfTheRequest) {
    wire({post("unread") + record(5, ""), get("/next")});
    ASSERT_TRUE(request->receive());
    request->end(0);
    ASSERT_TRUE(request->receive());
    EXPECT_STREQ(request->param("REQUEST_URI"), "/next");
}

TEST_F(RequestTest, GoesOnWithAnotherConnectionAfterABadOne) {
    Wire& bad = wire({std::string(kFirst) + record(9, "")});
    wire({get("/good")});
    ASSERT_TRUE(request->receive());
    EXPECT_TRUE(bad.closed);
    EXPECT_STREQ(request->param("REQUEST_URI"), "/good");
}

}  // namespace
}  // namespace turnpike::php::test
