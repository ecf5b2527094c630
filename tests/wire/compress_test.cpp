// Compressed answers of the real server, from its own plugins.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "inflate.h"
#include "wire.h"

namespace turnpike::wire {
namespace {

using compress::decoded;
using compress::pageOf;

class WireCompress : public WireTest<WireCompress> {
 public:
    static std::unique_ptr<Site> makeSite() {
        auto site = std::make_unique<Site>("", "[[site.hook]]\nplugin = \"compress\"\nbusy = 100\n");
        // Written long ago, so that the tags are strong.
        for (const auto& [name, size] :
             {std::pair("page.html", kPage), {"large.txt", kLarge}, {"huge.txt", kHuge}}) {
            site->root().write(name, pageOf(size));
            std::filesystem::last_write_time(
                site->root().path() + "/" + name,
                std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
        }
        // Says one line, and the other once somebody has let it.
        site->root().write("cgi-bin/talk",
                           "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nfirst\\n'\n"
                           "while ! [ -e \"$DOCUMENT_ROOT/$QUERY_STRING\" ]; do sleep 0.02; done\n"
                           "echo second\n");
        ::chmod((site->root().path() + "/cgi-bin/talk").c_str(), 0755);
        return site;
    }

 protected:
    static constexpr size_t kPage = 20'000, kLarge = 1'500'000, kHuge = 3'000'000;
    static constexpr const char* kGzip = "Accept-Encoding: gzip\r\n";

    static std::string tagOf(const std::string& fields) { return get(port(), "/page.html", fields).field("etag"); }
};

TEST_F(WireCompress, SendsFilesInTheCodingThatTheClientPrefers) {
    for (const char* coding : {"gzip", "br", "zstd"}) {
        const std::string accepted = std::string("Accept-Encoding: identity;q=0.1, ") + coding + "\r\n";
        for (const auto& [path, size] : {std::pair("/page.html", kPage), {"/large.txt", kLarge}}) {
            const Answer answer = get(port(), path, accepted);
            EXPECT_EQ(answer.status, 200);
            EXPECT_TRUE(answer.whole);
            EXPECT_EQ(answer.field("content-encoding"), coding);
            EXPECT_EQ(answer.field("vary"), "Accept-Encoding");
            EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
            EXPECT_EQ(answer.field("content-length"), "");
            EXPECT_EQ(answer.field("accept-ranges"), "");
            EXPECT_TRUE(answer.field("etag").starts_with("W/\"")) << answer.head;
            EXPECT_LT(answer.body.size(), size / 2);
            bool ended = false;
            EXPECT_TRUE(decoded(coding, answer.body, &ended) == pageOf(size)) << path;
            EXPECT_TRUE(ended);
        }
    }
}

TEST_F(WireCompress, LeavesTheRestAsItIs) {
    const Answer plain = get(port(), "/page.html");
    EXPECT_EQ(plain.field("content-encoding"), "");
    EXPECT_EQ(plain.field("vary"), "Accept-Encoding");
    EXPECT_EQ(plain.field("content-length"), std::to_string(kPage));
    EXPECT_TRUE(plain.field("etag").starts_with('"')) << plain.head;
    EXPECT_EQ(plain.body, pageOf(kPage));
    const Answer huge = get(port(), "/huge.txt", kGzip), small = get(port(), "/file.txt", kGzip);
    EXPECT_EQ(huge.field("content-length"), std::to_string(kHuge));
    EXPECT_EQ(huge.field("vary") + huge.field("content-encoding"), "");
    EXPECT_EQ(small.field("vary") + small.field("content-encoding"), "");
    const Answer known = get(port(), "/page.html", std::string(kGzip) + "Cookie: session=1\r\n");
    EXPECT_EQ(known.body, pageOf(kPage));
    EXPECT_EQ(known.field("vary"), "Accept-Encoding");
}

TEST_F(WireCompress, ReachesClientsOfOldVersionsUntilTheClose) {
    const std::string bytes =
        talk(port(), "GET /page.html HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n").bytes;
    bool ended = false;
    EXPECT_EQ(decoded("gzip", bytes.substr(bytes.find("\r\n\r\n") + 4), &ended), pageOf(kPage));
    EXPECT_TRUE(ended);
}

TEST_F(WireCompress, KeepsTheConnection) {
    RawClient client(port());
    client.send(request("/page.html", kGzip, "HEAD") + request("/page.html", kGzip) + request("/stream", kGzip));
    const Answer head = client.answer(true), page = client.answer(), stream = client.answer();
    EXPECT_EQ(head.field("content-encoding"), "gzip");
    EXPECT_EQ(head.field("content-length"), "");
    EXPECT_EQ(head.field("etag"), page.field("etag"));
    EXPECT_EQ(decoded("gzip", page.body), pageOf(kPage));
    EXPECT_EQ(decoded("gzip", stream.body), "one two three\n");
}

TEST_F(WireCompress, AnswersWhoKnowsTheWeakTag) {
    const std::string strong = tagOf(""), weak = tagOf(kGzip);
    ASSERT_EQ(weak, "W/" + strong);
    const Answer same = get(port(), "/page.html", kGzip + ("If-None-Match: " + weak + "\r\n"));
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.field("etag"), weak);
    EXPECT_EQ(same.field("vary"), "Accept-Encoding");
    EXPECT_EQ(same.field("content-encoding") + same.body, "");
    const Answer plain = get(port(), "/page.html", "If-None-Match: " + strong + "\r\n");
    EXPECT_EQ(plain.status, 304);
    EXPECT_EQ(plain.field("etag"), strong);
    EXPECT_EQ(plain.field("vary"), "Accept-Encoding");
    const Answer other = get(port(), "/page.html", kGzip + std::string("If-None-Match: W/\"other\"\r\n"));
    EXPECT_EQ(other.status, 200);
    EXPECT_EQ(get(port(), "/page.html", "If-Match: " + weak + "\r\n").status, 412);
}

TEST_F(WireCompress, SendsRangesOfTheBytesAsTheyAre) {
    const std::string strong = tagOf(""), range = std::string(kGzip) + "Range: bytes=100-299\r\n";
    for (const std::string& condition : {std::string(), "If-Range: " + strong + "\r\n"}) {
        const Answer part = get(port(), "/page.html", range + condition);
        EXPECT_EQ(part.status, 206);
        EXPECT_EQ(part.body, pageOf(kPage).substr(100, 200));
        EXPECT_EQ(part.field("etag"), strong);
        EXPECT_EQ(part.field("content-encoding"), "");
        EXPECT_EQ(part.field("vary"), "Accept-Encoding");
    }
    const Answer whole = get(port(), "/page.html", range + "If-Range: W/" + strong + "\r\n");
    EXPECT_EQ(whole.status, 200) << "a part of other bytes would not fit to what the client has";
    EXPECT_EQ(decoded("gzip", whole.body), pageOf(kPage));
}

TEST_F(WireCompress, SendsWhatAProgramSaysAtOnce) {
    for (const std::string coding : {"gzip", "br", "zstd"}) {
        RawClient client(port());
        client.send(request("/cgi-bin/talk?go-" + coding,
                            "Accept-Encoding: identity;q=0, " + coding + "\r\nConnection: close\r\n"));
        std::string bytes;
        for (int i = 0; i < 200 && decoded(coding, bodySoFar(bytes)) != "first\n"; ++i) bytes += client.rest(50);
        EXPECT_EQ(decoded(coding, bodySoFar(bytes)), "first\n") << coding;
        site().root().write("go-" + coding, "");
        bytes += client.rest();
        bool ended = false;
        EXPECT_EQ(decoded(coding, bodySoFar(bytes), &ended), "first\nsecond\n") << coding;
        EXPECT_TRUE(ended);
    }
}

TEST_F(WireCompress, GoesOnAfterClientsThatLeave) {
    for (int i = 0; i < 100; ++i) {  // more than may be compressed at once
        RawClient client(port());
        client.send(request(i % 2 == 0 ? "/pieces" : "/large.txt", "Accept-Encoding: br, zstd;q=0.5\r\n"));
        client.take(1000, 5);
        client.reset();
    }
    Answer answer;
    for (int tries = 0; tries < 300 && answer.field("content-encoding").empty(); ++tries) {
        ::usleep(10'000);
        answer = get(port(), "/large.txt", kGzip);
    }
    EXPECT_EQ(answer.field("content-encoding"), "gzip");
    EXPECT_TRUE(decoded("gzip", answer.body) == pageOf(kLarge));
    // Cut off in the middle, and not ended as if it were whole.
    const Answer half = get(port(), "/half", kGzip);
    EXPECT_FALSE(half.whole);
}

TEST_F(WireCompress, IsRefusedWithTheLineOfTheMistake) {
    TempFolder folder;
    folder.write("turnpike.toml",
                 "[server]\nplugin_folder = \"" TURNPIKE_BUILD
                 "/plugins\"\n[[site]]\nhosts = [\"*\"]\nroot = \".\"\n[[site.hook]]\nplugin = \"compress\"\n"
                 "gzip_level = 11\n[[site.route]]\nplugin = \"static\"\n");
    std::string said;
    EXPECT_NE(runProgram(TURNPIKE_PROGRAM " check -c " + folder.path() + "/turnpike.toml 2>&1", &said), 0);
    EXPECT_NE(said.find(":8:"), std::string::npos) << said;
    EXPECT_NE(said.find("must be from 1 to 9"), std::string::npos) << said;
}

}  // namespace
}  // namespace turnpike::wire
