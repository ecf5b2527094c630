// What a client gets of what a program writes.
#include <fstream>

#include "fixture.h"

namespace turnpike::cgi {
namespace {

class CgiResponse : public CgiTest {
 protected:
    CgiResponse() { host.set("idle_timeout", "20s"); }

    static std::string counted(size_t size) {
        std::string text(size, '\0');
        for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 251);
        return text;
    }
};

TEST_F(CgiResponse, IsADocumentWithItsLength) {
    load();
    auto& request = get("/cgi-bin/hello");
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.field("content-type"), "text/plain");
    EXPECT_EQ(request.text(), "hello\n");
    EXPECT_EQ(request.announced(), 6) << "a short answer leaves in one piece";
    EXPECT_FALSE(request.aborted());
}

TEST_F(CgiResponse, CarriesStatusAndFields) {
    load();
    auto& request = get("/cgi-bin/status.cgi");
    EXPECT_EQ(request.status(), 404u);
    EXPECT_EQ(request.text(), "<p>no</p>");
    const fake::Fields expected = {{"content-type", "text/html"}, {"set-cookie", "a=1"}, {"set-cookie", "b=2"}};
    EXPECT_EQ(request.fields(), expected);
}

TEST_F(CgiResponse, LetsAProgramFinishThatRedirectsLocally) {
    load();
    std::string name = freshName();
    auto& request = get("/cgi-bin/works_after_local.cgi?" + name);
    EXPECT_EQ(request.redirects().size(), 1u);
    EXPECT_EQ(::access(name.c_str(), F_OK), 0) << "it was ended before it had done its work";
    ::unlink(name.c_str());
}

TEST_F(CgiResponse, ToHeadHasNoInventedLength) {
    load();
    auto& request = host.request("HEAD", "/cgi-bin/hello");
    finish(request);
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.announced(), TP_LENGTH_UNKNOWN);
    EXPECT_EQ(request.text(), "");
}

TEST_F(CgiResponse, FollowsALocalRedirect) {
    load();
    auto& request = host.request("POST", "/cgi-bin/local.cgi").body("gone");
    finish(request);
    EXPECT_EQ(request.text(), "GET /cgi-bin/echo_path.cgi /from-local?x=1 /cgi-bin/local.cgi");
    EXPECT_EQ(request.redirects().size(), 1u);
    EXPECT_EQ(request.status(), 200u);
}

TEST_F(CgiResponse, EndsALoopOfLocalRedirects) {
    load();
    auto& request = get("/cgi-bin/loop.cgi");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_NE(request.cause().find("local redirects do not end"), std::string::npos) << request.cause();
}

TEST_F(CgiResponse, RefusesALocalRedirectThatIsNoPath) {
    load();
    auto& request = get("/cgi-bin/bad_local.cgi");
    EXPECT_EQ(request.status(), 502u);
    EXPECT_NE(request.cause().find("is no path"), std::string::npos) << request.cause();
}

TEST_F(CgiResponse, SendsTheClientElsewhere) {
    load();
    auto& request = get("/cgi-bin/client.cgi");
    EXPECT_EQ(request.status(), 302u);
    EXPECT_EQ(request.field("location"), "https://example.org/there");
    EXPECT_TRUE(request.redirects().empty());
}

TEST_F(CgiResponse, OfAnNphProgramKeepsItsStatusLine) {
    load();
    auto& request = get("/cgi-bin/nph-whole.cgi");
    EXPECT_EQ(request.status(), 203u);
    EXPECT_EQ(request.text(), "own response");
    EXPECT_EQ(request.field("connection"), "");
    EXPECT_EQ(get("/cgi-bin/nph-bad.cgi").status(), 502u);
}

TEST_F(CgiResponse, OfAnySizeIsWhole) {
    load();
    for (size_t size : {65495u, 65536u, 65537u, 3000000u}) {
        auto& request = host.get("/cgi-bin/big?" + std::to_string(size)).takes(50000);
        finish(request);
        EXPECT_TRUE(request.text() == counted(size)) << size << " bytes, got " << request.text().size();
        EXPECT_FALSE(request.truncated());
    }
}

// The middle of it never comes into the server's memory.
TEST_F(CgiResponse, GoesByWhenItIsLong) {
    load();
    constexpr size_t kSize = 3000000;
    for (const size_t window : {fake::kUnlimited, size_t{50000}}) {
        auto& request = host.get("/cgi-bin/blob?" + std::to_string(kSize)).takes(window);
        finish(request);
        EXPECT_TRUE(request.text() == counted(kSize)) << request.text().size();
        EXPECT_GT(request.spliced(), 0u);
        EXPECT_FALSE(request.truncated());
    }
    auto& head = host.request("HEAD", "/cgi-bin/blob?" + std::to_string(kSize));
    finish(head);
    EXPECT_EQ(head.spliced(), 0u);
}

TEST_F(CgiResponse, GoesByNoFurtherThanItsLength) {
    load();
    for (const size_t length : {size_t{1000000}, size_t{100000}, size_t{65536}}) {
        auto& request = host.get("/cgi-bin/blob?2000000").field("length", std::to_string(length));
        finish(request);
        EXPECT_EQ(request.announced(), static_cast<int64_t>(length));
        EXPECT_TRUE(request.text() == counted(length)) << length << " bytes, got " << request.text().size();
        EXPECT_FALSE(request.truncated());
    }
    auto& cut = host.get("/cgi-bin/blob?1000000").field("length", "2000000");
    finish(cut);
    EXPECT_TRUE(cut.truncated());
    EXPECT_GT(cut.spliced(), 0u);
}

TEST_F(CgiResponse, GoesByAtTheClientsPace) {
    load();
    auto& request = host.get("/cgi-bin/blob?3000000").takes(200000);
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.spliced() > 0 && request.waits() > 1; }));
    request.takes(0);
    host.settle();
    const uint64_t before = request.spliced();
    host.advance(30'000);
    host.settle();
    EXPECT_EQ(request.spliced(), before);
    EXPECT_FALSE(request.done()) << "the program is not idle: it waits for the client";
    request.takes(fake::kUnlimited);
    finish(request);
    EXPECT_TRUE(request.text() == counted(3000000));
    auto& leaves = host.get("/cgi-bin/blob?3000000").leavesAfter(1000000);
    finish(leaves);
    EXPECT_TRUE(leaves.aborted());
}

TEST_F(CgiResponse, WaitsForASlowClient) {
    load();
    auto& request = host.get("/cgi-bin/big?1000000").takes(0);
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.waits() > 0; }));
    uint64_t calls = host.io.calls(TP_CLASS_BACKEND);
    host.advance(15'000);
    ASSERT_TRUE(host.runUntil([&] { return true; }));
    EXPECT_EQ(host.io.calls(TP_CLASS_BACKEND), calls) << "nothing is read while the client takes nothing";
    host.advance(15'000);
    EXPECT_FALSE(request.done()) << "the program is not idle: it waits for the client";
    request.takes(fake::kUnlimited);
    finish(request);
    EXPECT_TRUE(request.text() == counted(1000000));
}

TEST_F(CgiResponse, LeavesInPiecesWhenTheProgramTakesItsTime) {
    load();
    std::string name = freshName();
    auto& request = host.get("/cgi-bin/progress.cgi?" + name);
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first "; })) << request.why();
    EXPECT_EQ(request.announced(), TP_LENGTH_UNKNOWN);
    std::ofstream(name) << "go";
    finish(request);
    EXPECT_EQ(request.text(), "first second");
    ::unlink(name.c_str());
}

TEST_F(CgiResponse, MayBeginWithInterimOnes) {
    load();
    std::string name = freshName();
    auto& request = host.get("/cgi-bin/hints.cgi?" + name);
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.interims().size() == 2; })) << request.why();
    EXPECT_EQ(request.interims()[0].status, 103u);
    EXPECT_EQ(request.interims()[0].fields, (fake::Fields{{"link", "</a.css>; rel=preload"}}));
    EXPECT_EQ(request.interims()[1].status, 102u);
    EXPECT_EQ(request.status(), 0u) << "the answer has not begun";
    std::ofstream(name) << "go";
    finish(request);
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.text(), "hello\n");
    ::unlink(name.c_str());
}

TEST_F(CgiResponse, MayBeginWithInterimOnesOfANonParsedProgram) {
    load();
    auto& request = get("/cgi-bin/nph-hints.cgi");
    ASSERT_EQ(request.interims().size(), 1u);
    EXPECT_EQ(request.interims()[0].status, 103u);
    EXPECT_EQ(request.text(), "hello\n");
}

TEST_F(CgiResponse, IsMoreThanInterimOnes) {
    load();
    auto& only = get("/cgi-bin/only_hints.cgi");
    EXPECT_EQ(only.interims().size(), 1u);
    EXPECT_EQ(only.failedWith(), 502u);
    EXPECT_NE(only.cause().find("wrote only interim heads"), std::string::npos) << only.cause();
    auto& many = get("/cgi-bin/many_hints.cgi");
    EXPECT_EQ(many.interims().size(), 16u);
    EXPECT_EQ(many.failedWith(), 502u);
    EXPECT_NE(many.cause().find("more than 16 interim heads"), std::string::npos) << many.cause();
}

TEST_F(CgiResponse, ShorterThanItsLengthEndsTheConnection) {
    load();
    auto& request = get("/cgi-bin/short_length.cgi");
    EXPECT_EQ(request.announced(), 100);
    EXPECT_TRUE(request.truncated());
}

TEST_F(CgiResponse, IsCompleteAlthoughTheProgramWorksOn) {
    host.set("timeout", "5s");
    load();
    auto& request = host.get("/cgi-bin/works_on.cgi");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "answered");
    EXPECT_FALSE(request.aborted());
    EXPECT_EQ(host.processes.running(), 1u);
    host.advance(5'000);
    EXPECT_TRUE(host.runUntil([&] { return host.processes.running() == 0; })) << "its deadline stays";
}

TEST_F(CgiResponse, EndsWhenOnlyALeftOverChildHoldsTheOutput) {
    load();
    auto& request = host.get("/cgi-bin/leaves_child.cgi");
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "answered" && host.processes.running() == 0; }));
    EXPECT_FALSE(request.done());
    host.advance(20'000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u);
    EXPECT_FALSE(request.aborted());
}

TEST_F(CgiResponse, MarksItsPhases) {
    load();
    auto& request = get("/cgi-bin/hello");
    EXPECT_EQ(request.marks(), 1u << TP_PHASE_CONNECTED | 1u << TP_PHASE_SENT | 1u << TP_PHASE_FIRST_BYTE |
                                   1u << TP_PHASE_LAST_BYTE);
}

TEST_F(CgiResponse, CostsFewCrossings) {
    load();
    get("/cgi-bin/hello");  // makes the empty input that all share
    uint64_t before = host.io.calls(TP_CLASS_BACKEND);
    get("/cgi-bin/hello");
    // Two pipes, four ends to close, two reads of the output (bytes and end), at most one of the errors.
    EXPECT_LE(host.io.calls(TP_CLASS_BACKEND) - before, 9u);
    EXPECT_LE(host.io.calls(TP_CLASS_FILE), 4u);
}

TEST_F(CgiResponse, LeavesNothingOpen) {
    load();
    get("/cgi-bin/hello");
    size_t before = openDescriptors();
    for (const char* target :
         {"/cgi-bin/hello", "/cgi-bin/silent.cgi", "/cgi-bin/no_interpreter.cgi", "/cgi-bin/local.cgi",
          "/cgi-bin/garbage.cgi", "/cgi-bin/crash", "/cgi-bin/big?200000", "/cgi-bin/blob?500000"})
        get(target);
    auto& post = host.request("POST", "/cgi-bin/ignores_body.cgi").body(std::string(300000, 'x'));
    finish(post);
    host.settle();
    EXPECT_EQ(openDescriptors(), before);
    EXPECT_EQ(host.loop.watches(), 0u);
}

}  // namespace
}  // namespace turnpike::cgi
