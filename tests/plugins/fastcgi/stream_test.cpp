// Request bodies that are handed on while they come in.
#include <gtest/gtest.h>

#include "fixture.h"

namespace turnpike::fastcgi::test {
namespace {

class FastCgiStream : public FastCgiTest {
 protected:
    void SetUp() override { host.set("stream_body", "true"); }
    fake::Request& upload(const std::string& method, int64_t length) {
        return host.request(method, "/app/x").routePrefix("/app").length(length);
    }
};

TEST_F(FastCgiStream, BeginsBeforeTheBodyIsWhole) {
    load();
    auto& request = upload("POST", 10).part("hello");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.connections == 1; }));
    EXPECT_EQ(backend.requests, 0u);
    request.part("world").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(backend.seen().at(0).body, "helloworld");
    EXPECT_EQ(backend.seen().at(0).params["CONTENT_LENGTH"], "10");
}

TEST_F(FastCgiStream, TakesNoChildBeforeTheBodyBegins) {
    load();
    auto& request = upload("POST", 5);
    host.begin(request);
    host.settle(20);
    EXPECT_EQ(host.backends.declared(0).held, 0u);
    request.part("hello").end();
    ASSERT_TRUE(host.run(request)) << request.why();
}

TEST_F(FastCgiStream, HandsALargeBodyOnWholeAndInOrder) {
    load();
    constexpr size_t kParts = 40, kSize = 100'000;
    std::string whole;
    auto& request = upload("POST", kParts * kSize);
    for (size_t i = 0; i < kParts; ++i) {
        std::string part(kSize, static_cast<char>('a' + i % 26));
        whole += part;
        request.part(std::move(part));
    }
    request.end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(backend.seen().at(0).body == whole);
    ASSERT_TRUE(host.run(post("next"))) << "the connection is still good";
    EXPECT_EQ(backend.connections, 1u);
}

TEST_F(FastCgiStream, WritesAPartThatIsMoreThanARecordAtOnce) {
    load();
    auto& request = upload("POST", 5 + 65536 + 5).part("hello");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.connections == 1; }));
    host.settle();
    const uint64_t calls = host.io.calls(TP_CLASS_BACKEND);
    request.part(std::string(65536, 'x'));
    host.settle();
    EXPECT_EQ(host.io.calls(TP_CLASS_BACKEND), calls + 1);
    request.part("world").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(backend.seen().at(0).body == "hello" + std::string(65536, 'x') + "world");
}

TEST_F(FastCgiStream, GivesTheChildBackWhenTheClientLeaves) {
    load();
    auto& request = upload("POST", 10).part("hello");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.connections == 1; }));
    request.leave();
    EXPECT_TRUE(becomes([this] { return host.backends.declared(0).held == 0; }));
    EXPECT_EQ(backend.requests, 0u);
}

TEST_F(FastCgiStream, AsksNotAgainForABodyThatHasGone) {
    load();
    auto& request = upload("PUT", 15).part("hello");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.connections == 1; }));
    host.settle();
    uint64_t calls = host.io.calls(TP_CLASS_BACKEND);
    request.part("again");
    ASSERT_TRUE(becomes([&] { return host.io.calls(TP_CLASS_BACKEND) > calls; }));
    backend.stop();
    backend.start();
    request.part("world").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 502u);
    EXPECT_EQ(backend.requests, 0u);
}

TEST_F(FastCgiStream, AsksAgainWhileTheWholeBeginningIsHere) {
    load();
    auto& request = upload("PUT", 10).part("hello");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.connections == 1; }));
    host.settle(20);
    backend.stop();
    backend.start();
    ASSERT_TRUE(becomes([this] { return backend.connections == 2; }));
    request.part("world").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello") << request.cause();
    EXPECT_EQ(backend.seen().at(0).body, "helloworld");
}

TEST_F(FastCgiStream, TakesABodyOfUnknownLengthInWhole) {
    load();
    auto& request = host.request("POST", "/app/x").routePrefix("/app").part("hello");
    host.begin(request);
    host.settle(20);
    EXPECT_EQ(backend.connections, 0u);
    request.part("world").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(backend.seen().at(0).params["CONTENT_LENGTH"], "10");
}

}  // namespace
}  // namespace turnpike::fastcgi::test
