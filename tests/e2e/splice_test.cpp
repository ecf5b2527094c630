// The middle of a long answer goes from a program to the client past the server's memory, where nobody between
// them needs to see it; what comes of it is the same everywhere.
#include <sys/stat.h>

#include <string>

#include "support/http2_client.h"
#include "support/patience.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {

class Splice : public TlsSite {
 protected:
    void SetUp() override {
        server.setup.workers = 1;
        server.setup.server.clear();  // where the kernel encrypts, it could do this as well, and does not yet
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n"
            "tls = { certificate = \"FOLDER/site.pem\", key = \"FOLDER/site.key\" }\n"
            "[[site.hook]]\nplugin = \"cache\"\n[[site.route]]\nprefix = \"/bin/\"\nplugin = \"cgi\"\n";
        server.folder().write("public/bin/body", body);
        // As fast as the pipe takes it, behind the fields that the query names.
        program("long", "printf 'Content-Type: text/plain\\n\\n'; exec dd if=body bs=4M 2>/dev/null");
        program("kept",
                "printf 'Content-Type: text/plain\\nCache-Control: max-age=600\\n\\n'; exec dd if=body bs=4M "
                "2>/dev/null");
        ASSERT_TRUE(server.start()) << server.errorLog();
    }
    void program(const std::string& name, const std::string& text) const {
        server.folder().write("public/bin/" + name, "#!/bin/sh\n" + text + "\n");
        ::chmod(server.path("public/bin/" + name).c_str(), 0755);
    }
    static std::string counting(size_t size) {
        std::string text(size, '\0');
        for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 89);
        return text;
    }
    /// Of the first so many requests, once they have ended.
    uint64_t spliced(int requests) const {
        EXPECT_TRUE(eventually([&] { return counted("requests") >= requests; }));
        return server.status()
            ->getObject("totals")
            ->getObject("counters")
            ->getValue<Poco::UInt64>("bytes_spliced");
    }

    const std::string body = counting(3'000'000);
};

TEST_F(Splice, CarriesALongAnswerOverPlainHttp) {
    RawClient client(plainPort());
    ASSERT_TRUE(client.send(asking("/bin/long")));
    const Answer chunked = client.answer();
    EXPECT_TRUE(chunked.whole && chunked.body == body) << chunked.body.size();
    EXPECT_EQ(chunked.field("transfer-encoding"), "chunked");
    const uint64_t once = spliced(1);
    EXPECT_GT(once, 100'000u);
    EXPECT_LT(once, body.size()) << "the first of it came behind the head";
    ASSERT_TRUE(client.send("HEAD /bin/long HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_EQ(client.answer(true).status, 200);
    EXPECT_EQ(spliced(2), once);
    ASSERT_TRUE(client.send("GET /bin/long HTTP/1.0\r\nHost: localhost\r\n\r\n"));
    const Answer closed = client.answer();
    EXPECT_TRUE(closed.whole && closed.body == body) << closed.body.size();
    EXPECT_GT(spliced(3), once);
}

TEST_F(Splice, IsNotForWhatMustBeEncryptedFramedOrSeen) {
    TlsClient secure(port());
    ASSERT_TRUE(secure.send(asking("/bin/long")));
    EXPECT_TRUE(secure.answer().body == body);
    Http2Client streams(plainPort());
    EXPECT_TRUE(streams.answer(streams.get("/bin/long")).body == body);
    EXPECT_TRUE(get(plainPort(), "/bin/kept").body == body) << "the cache keeps it";
    EXPECT_TRUE(get(plainPort(), "/bin/kept").body == body) << "and has it";
    EXPECT_EQ(spliced(4), 0u);
}

TEST_F(Splice, IsLeftOutWhereTheConfigSaysSo) {
    server.setup.server = "splice = false\n";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_TRUE(get(plainPort(), "/bin/long").body == body);
    EXPECT_EQ(spliced(1), 0u);
}

// What programs write to a pipe is their cgroup's until the client has it.
TEST_F(Splice, IsNotForProgramsWhoseMemoryIsLimited) {
    server.setup.sites += "cgroup_memory = \"1GiB\"\n";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_TRUE(get(plainPort(), "/bin/long").body == body);
    EXPECT_EQ(spliced(1), 0u);
}

// More than the sockets between the two can hold.
TEST_F(Splice, GoesAtTheClientsPace) {
    const std::string large = counting(24'000'000);
    server.folder().write("public/bin/body", large);
    RawClient slow(plainPort());
    ASSERT_TRUE(slow.send(asking("/bin/long")));
    for (int i = 0; i < 20; ++i) slow.take(20'000, 20);
    EXPECT_EQ(get(plainPort(), "/bin/long").body.size(), large.size()) << "others do not wait for it";
    EXPECT_EQ(counted("requests"), 1);
    const Answer answer = slow.answer();
    EXPECT_TRUE(answer.whole && answer.body == large) << answer.body.size();
    EXPECT_GT(spliced(2), 100'000u);
}

// More of them than pipes are lent at a time: none stays with a client that is gone.
TEST_F(Splice, GoesOnAfterClientsThatLeave) {
    for (int i = 0; i < 80; ++i) {
        RawClient client(plainPort());
        ASSERT_TRUE(client.send(asking("/bin/long")));
        client.some(200'000);
        i % 2 == 0 ? client.reset() : client.endSending();
    }
    const uint64_t before = spliced(80);
    EXPECT_TRUE(get(plainPort(), "/bin/long").body == body);
    EXPECT_GT(spliced(81), before);
}

}  // namespace
}  // namespace turnpike::e2e
