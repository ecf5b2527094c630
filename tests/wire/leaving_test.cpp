// Clients that stop sending, leave, or get their answer before they have sent everything.
#include "wire.h"

namespace turnpike::wire {
namespace {

class WireLeaving : public WireTest<WireLeaving> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("", "", "", "access_format = \"json\"");
    }

 protected:
    /// Waits for the access line of a request with this query.
    static std::string lineOf(const std::string& query) {
        for (size_t lines = 1;; ++lines) {
            std::string log = site().server().waitForAccess(lines);
            size_t at = log.find(query);
            if (at != std::string::npos) {
                size_t begin = log.rfind('\n', at) + 1;
                return log.substr(begin, log.find('\n', at) - begin);
            }
            if (static_cast<size_t>(std::count(log.begin(), log.end(), '\n')) < lines) return "";
        }
    }
};

TEST_F(WireLeaving, AnswersAClientThatHasEndedItsSending) {
    struct {
        std::string bytes, wanted;
    } cases[] = {
        {request("/hello"), "hello\n"},
        {request("/timer"), "in time\n"},
        {request("/pool"), "from the pool\n"},
        {request("/file.txt"), "a file\n"},
        {request("/stream"), "one two three\n"},
        {request("/cgi-bin/hello"), "from a program\n"},
        {request("/cgi-bin/slow"), "from a slow program\n"},
        {post("/echo", "a body"), "a body"},
        {post("/spool", "a body"), "6 bytes in memory\n"},
        {"GET /timer HTTP/1.0\r\nHost: localhost\r\n\r\n", "in time\n"},
    };
    for (const auto& c : cases) {
        for (bool at_once : {true, false}) {
            SCOPED_TRACE(shown(c.bytes) + (at_once ? " at once" : " later"));
            RawClient client(port());
            client.send(c.bytes);
            if (!at_once) client.rest(20);
            if (at_once) {
                client.endSending();
                Answer answer = client.answer();
                EXPECT_EQ(answer.status, 200);
                EXPECT_TRUE(answer.head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << answer.head;
                EXPECT_EQ(answer.body, c.wanted);
                EXPECT_TRUE(answer.whole);
                bool closed = false;
                EXPECT_EQ(client.rest(5000, &closed), "");
                EXPECT_TRUE(closed);
            }
        }
    }
}

TEST_F(WireLeaving, KeepsNothingOfAClientThatLeavesWhileItsAnswerWaits) {
    // Answers that the sockets cannot hold: each client is gone while a flush is blocked.
    std::string many;
    for (int i = 0; i < 16; ++i) many += request("/1m");
    for (int i = 0; i < 5; ++i) {
        RawClient client(port());
        client.send(many);
        client.take(1, 50);
        client.reset();
    }
    bool gone = false;
    for (int tries = 0; tries < 100 && !gone; ++tries) {
        gone = total(site().server(), "requests_active") == 0 && total(site().server(), "connections") == 0;
        if (!gone) ::usleep(50'000);
    }
    EXPECT_TRUE(gone) << total(site().server(), "requests_active") << " requests never ended";
}

TEST_F(WireLeaving, AnswersWhenTheEndComesWhileTheHandlerWorks) {
    for (const char* path : {"/timer", "/cgi-bin/slow"}) {
        RawClient client(port());
        client.send(request(path));
        EXPECT_EQ(client.rest(20), "");
        client.endSending();
        Answer answer = client.answer();
        EXPECT_TRUE(answer.head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << answer.head;
        EXPECT_TRUE(answer.whole);
    }
}

TEST_F(WireLeaving, AnswersAllPipelinedRequestsOfAClientThatHasEndedItsSending) {
    for (const std::string& last : {kHello, std::string("GET /never-compl")}) {
        RawClient client(port());
        client.send(request("/timer") + kHello + request("/cgi-bin/hello") + kHello + request("/1m") + kHello +
                    last);
        client.endSending();
        for (const char* wanted : {"in time\n", "hello\n", "from a program\n", "hello\n"})
            EXPECT_EQ(client.answer().body, wanted);
        EXPECT_EQ(client.answer().body.size(), 1u << 20);
        EXPECT_EQ(client.answer().body, "hello\n");
        bool closed = false;
        EXPECT_EQ(client.rest(5000, &closed).empty(), last != kHello);
        EXPECT_TRUE(closed);
    }
}

TEST_F(WireLeaving, GivesUpARequestWhoseBodyNeverComes) {
    RawClient client(port());
    client.send("POST /spool?cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart");
    client.endSending();
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "");
    EXPECT_TRUE(closed);
    EXPECT_NE(lineOf("/spool?cut").find("\"aborted\":1"), std::string::npos) << lineOf("/spool?cut");
}

TEST_F(WireLeaving, AbortsTheRequestOfAClientThatHasGone) {
    {
        RawClient client(port());
        client.send(request("/never?reset"));
        client.rest(50);
        client.reset();
    }
    {
        RawClient client(port());
        client.send(request("/never?closed"));
        client.rest(50);
    }
    {
        RawClient client(port());
        client.send(request("/never?atonce"));
    }
    {
        RawClient client(port());
        client.send("GET /never?old HTTP/1.0\r\nHost: localhost\r\n\r\n");
    }
    for (const char* query : {"/never?reset", "/never?closed", "/never?atonce", "/never?old"})
        EXPECT_NE(lineOf(query).find("\"aborted\":1"), std::string::npos) << query << lineOf(query);
}

TEST_F(WireLeaving, GetsItsAnswerAlthoughItsBodyIsNotRead) {
    const std::string body(12u << 20, 'b');
    for (const char* path : {"/hello", "/missing", "/1m"}) {
        for (bool chunked : {false, true}) {
            SCOPED_TRACE(std::string(path) + (chunked ? " chunked" : ""));
            RawClient client(port());
            std::string bytes = chunked ? request(path, "Transfer-Encoding: chunked\r\n", "POST") + "c00000\r\n" +
                                              body + "\r\n0\r\n\r\n"
                                        : post(path, body);
            client.send(bytes + kHello);
            Answer answer = client.answer();
            EXPECT_NE(answer.status, 0);
            EXPECT_TRUE(answer.whole);
            EXPECT_EQ(answer.field("connection"), chunked ? "" : "close") << "of one the end is not known";
            EXPECT_EQ(client.rest(), "");
        }
    }
}

TEST_F(WireLeaving, GetsItsAnswerWhenABodyGrowsTooLong) {
    // 16 MiB is the limit, and most of it has been read when that is found out.
    RawClient client(port());
    client.send(request("/spool", "Transfer-Encoding: chunked\r\n", "POST"));
    const std::string chunk = "100000\r\n" + std::string(1u << 20, 'c') + "\r\n";
    for (int i = 0; i < 22; ++i) client.send(chunk);
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.whole);
}

TEST_F(WireLeaving, MayGoOnWhenTheUnreadBodyHadCome) {
    RawClient client(port());
    client.send(post("/hello", "short") + kHello);
    EXPECT_EQ(client.answer().field("connection"), "");
    EXPECT_EQ(client.answer().body, "hello\n");
}

}  // namespace
}  // namespace turnpike::wire
