// Access plugins that take their time. "?first=wait" tells the guard with that label what to do.
#include <unistd.h>

#include "wire.h"

namespace turnpike::wire {
namespace {

class WireAccess : public WireTest<WireAccess> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("drain = \"5s\"",
                                      "error_pages = { 403 = \"/refused.txt\" }\n"
                                      "[[site.hook]]\nplugin = \"guard\"\nlabel = \"first\"\n"
                                      "[[site.hook]]\nplugin = \"guard\"\nlabel = \"second\"\n",
                                      kTrying, "access_format = \"json\"");
    }

 protected:
    static constexpr const char* kTrying =
        "[[site]]\nname = \"trying\"\nhosts = [\"trying\"]\nroot = \"ROOT\"\n"
        "[[site.hook]]\nplugin = \"guard\"\nlabel = \"first\"\n"
        "[[site.route]]\nprefix = \"/here/\"\ntry = [\"/elsewhere$path.txt\", \"=404\"]\nplugin = \"static\"\n"
        "[[site.route]]\nplugin = \"static\"\n";
    static std::string atTrying(const std::string& target) {
        return "GET " + target + " HTTP/1.1\r\nHost: trying\r\n\r\n";
    }
    void SetUp() override { site().root().write("refused.txt", "refused\n"); }

    static std::string fieldsOf(const Answer& answer, const std::string& name) {
        std::string values;
        for (const auto& [n, value] : answer.fields)
            if (n == name) values += value + " ";
        return values;
    }
    static int count(const std::string& target, const std::string& what) {
        int found = 0;
        const std::string log = site().server().errorLog(), line = target + "\": " + what + "\n";
        for (size_t at = 0; (at = log.find(line, at)) != std::string::npos; ++at) ++found;
        return found;
    }
    /// How often the log has `what` about the request with that target; waits until it has `wanted`.
    static int logged(const std::string& target, const std::string& what, int wanted = 1) {
        for (int tries = 0; tries < 500 && count(target, what) < wanted; ++tries) ::usleep(10'000);
        return count(target, what);
    }
};

TEST_F(WireAccess, LetsARequestPassLater) {
    for (const char* how : {"wait", "thread", "at-once"}) {
        const std::string target = std::string("/view?first=") + how;
        Answer answer = ask(port(), request(target));
        EXPECT_EQ(answer.status, 200) << how;
        EXPECT_EQ(fieldsOf(answer, "x-passed"), "first ") << how;
        EXPECT_NE(answer.body.find("path=/view\n"), std::string::npos) << answer.body;
        EXPECT_NE(answer.body.find("user=first\n"), std::string::npos) << answer.body;
        EXPECT_EQ(logged(target, "first is done"), 1);
    }
}

TEST_F(WireAccess, IsNotToldOfTheEndOfARequestThatItDidNotHold) {
    Answer answer = ask(port(), request("/view?first=declines"));
    EXPECT_EQ(fieldsOf(answer, "x-passed"), "first ");
    ask(port(), request("/view?first=wait&behind"));
    EXPECT_EQ(logged("/view?first=wait&behind", "first is done"), 1);
    EXPECT_EQ(site().server().errorLog().find("/view?first=declines\""), std::string::npos);
}

TEST_F(WireAccess, MayChangeWhatTheRequestSays) {
    const std::string sent = "X-Secret: 1\r\nX-Other: 2\r\nIf-None-Match: \"v0\"\r\nIf-None-Match: \"v9\"\r\n";
    Answer answer = ask(port(), request("/view?first=fields", sent));
    EXPECT_EQ(fieldsOf(answer, "x-said"), "0 0 -22 -22 -22 -22 -22 -22 there ");
    EXPECT_NE(answer.body.find("\nif-none-match=\"v1\"\n"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("\nx-other=2\n"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("v0"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("v9"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("secret"), std::string::npos) << answer.body;
}

TEST_F(WireAccess, ChangesNoFieldForAnotherPath) {
    Answer answer = ask(port(), request("/redirect?first=fields", "X-Secret: 1\r\nContent-Type: a/b\r\n"));
    EXPECT_NE(answer.body.find("\nx-secret=1\n"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("none-match"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("content-type"), std::string::npos) << "it has become a GET: " << answer.body;
}

TEST_F(WireAccess, RefusesAtOnceOrLater) {
    for (const char* how : {"deny", "denies-later", "regrets"}) {
        const std::string target = std::string("/hello?first=") + how;
        RawClient client(port());
        client.send(request(target) + kHello);
        Answer answer = client.answer();
        EXPECT_EQ(answer.status, 403) << how;
        EXPECT_EQ(answer.body, "refused\n") << how;
        EXPECT_EQ(client.answer().body, "hello\n") << how;
        EXPECT_EQ(logged(target, "first is done"), 1) << how;
    }
}

TEST_F(WireAccess, AsksOneAfterTheOther) {
    for (const std::string first : {"wait", "thread", "at-once", "declines"})
        for (const std::string second : {"wait", "thread", "at-once"}) {
            const std::string target = "/view?first=" + first + "&second=" + second;
            Answer answer = ask(port(), request(target));
            EXPECT_EQ(fieldsOf(answer, "x-passed"), "first second ") << target;
            EXPECT_NE(answer.body.find("user=second\n"), std::string::npos) << answer.body;
            EXPECT_EQ(logged(target, "second is done"), 1) << target;
            EXPECT_EQ(count(target, "first is done"), first == "declines" ? 0 : 1) << target;
        }
    EXPECT_EQ(ask(port(), request("/hello?first=wait&second=deny")).status, 403);
    EXPECT_EQ(ask(port(), request("/hello?first=deny&second=wait")).status, 403);
    EXPECT_EQ(ask(port(), request("/hello?first=wait&second=denies-later")).status, 403);
}

// The file that `try` or a folder's index has found is asked about like the path before it, and may be held as
// well.
TEST_F(WireAccess, IsAskedAgainForWhatARouteHasFound) {
    site().root().write("elsewhere/here/a.txt", "found\n");
    site().root().write("page/index.html", "page\n");
    for (const std::string target : {"/here/a", "/page/"})
        for (const char* how : {"wait", "thread", "at-once"}) {
            const std::string asked = target + "?first=" + how;
            const Answer answer = ask(port(), atTrying(asked));
            EXPECT_EQ(answer.body, target == "/page/" ? "page\n" : "found\n") << asked;
            EXPECT_EQ(fieldsOf(answer, "x-passed"), "first ") << "what was said of the path before is gone";
            EXPECT_EQ(logged(asked, "first is done", 2), 2) << asked;
        }
    EXPECT_EQ(ask(port(), atTrying("/here/none?first=wait")).status, 404);
    EXPECT_EQ(logged("/here/none?first=wait", "first is done"), 1);
}

TEST_F(WireAccess, MayAnswerItself) {
    for (const char* how : {"answers", "answers-and-passes"}) {
        const std::string target = std::string("/hello?first=") + how;
        EXPECT_EQ(ask(port(), request(target)).body, "from the guard\n") << how;
        EXPECT_EQ(logged(target, "first is done"), 1) << how;
    }
    EXPECT_EQ(ask(port(), request("/hello?first=passes-and-answers")).body, "hello\n");
    EXPECT_EQ(logged("/hello?first=passes-and-answers", "too late for an answer"), 1);
}

TEST_F(WireAccess, MaySendTheRequestElsewhere) {
    Answer answer = ask(port(), request("/hello?first=redirects"));
    EXPECT_NE(answer.body.find("query=from=guard\n"), std::string::npos) << answer.body;
    EXPECT_EQ(logged("/hello?first=redirects", "first is done"), 1);
    EXPECT_EQ(ask(port(), post("/hello?first=rewrites", "a body")).body, "6 bytes in memory\n");
}

TEST_F(WireAccess, MayLetGoOnlyOnceAndOnlyOfWhatItHolds) {
    const std::string mistake = "proceed() of a request that no on_access() holds: a mistake in a plugin";
    EXPECT_EQ(ask(port(), request("/hello?first=twice&second=wait")).body, "hello\n");
    EXPECT_EQ(logged("/hello?first=twice&second=wait", mistake, 3), 3);  // and one in each on_done()
    EXPECT_EQ(ask(port(), request("/hello?first=answers-and-passes&x")).body, "from the guard\n");
    EXPECT_EQ(logged("/hello?first=answers-and-passes&x", mistake, 2), 2);
}

TEST_F(WireAccess, LeavesTheBodyToTheHandler) {
    const std::string large(200'000, 'b');
    for (const char* how : {"wait", "thread", "at-once"}) {
        const std::string query = std::string("?first=") + how + "&second=wait";
        RawClient client(port());
        client.send(post("/echo" + query, "a body") + post("/spool" + query, large) + kHello);
        EXPECT_EQ(client.answer().body, "a body") << how;
        EXPECT_EQ(client.answer().body, "200000 bytes in a file\n") << how;
        EXPECT_EQ(client.answer().body, "hello\n") << how;
    }
    RawClient client(port());
    client.send(request("/echo?first=wait", "Transfer-Encoding: chunked\r\n", "POST"));
    EXPECT_EQ(client.rest(100).substr(0, 12), "HTTP/1.1 200");  // a body that comes after the hold
    client.send("6\r\na body\r\n0\r\n\r\n" + kHello);
    EXPECT_TRUE(client.rest(300).find("a body") != std::string::npos);
}

TEST_F(WireAccess, AsksAClientForItsBodyOnlyOnceItPasses) {
    RawClient client(port());
    client.send(request("/spool?first=denies-later", "Expect: 100-continue\r\nContent-Length: 6\r\n", "POST"));
    EXPECT_EQ(client.answer().status, 403);
    RawClient other(port());
    other.send(request("/spool?first=wait", "Expect: 100-continue\r\nContent-Length: 6\r\n", "POST"));
    EXPECT_EQ(other.answer().status, 100);
    other.send("a body");
    EXPECT_EQ(other.answer().body, "6 bytes in memory\n");
}

TEST_F(WireAccess, FailsAGuardThatTakesTheBody) {
    for (const char* how : {"reads", "spools", "reads-inside"}) {
        const std::string target = std::string("/spool?first=") + how;
        EXPECT_EQ(ask(port(), post(target, "a body")).status, 500) << how;
        EXPECT_EQ(logged(target, "an access plugin asked for the body, which is the handler's"), 1) << how;
        EXPECT_EQ(logged(target, "first is done"), 1) << how;
    }
}

TEST_F(WireAccess, KeepsPipelinedRequestsInOrder) {
    RawClient client(port());
    client.send(request("/view?first=wait&n=1") + kHello + request("/view?first=thread&n=2") +
                request("/hello?first=denies-later") + request("/view?second=wait&n=3") + kHello);
    EXPECT_NE(client.answer().body.find("n=1\n"), std::string::npos);
    EXPECT_EQ(client.answer().body, "hello\n");
    EXPECT_NE(client.answer().body.find("n=2\n"), std::string::npos);
    EXPECT_EQ(client.answer().status, 403);
    EXPECT_NE(client.answer().body.find("n=3\n"), std::string::npos);
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireAccess, HearsOfAClientThatLeavesWhileItIsHeld) {
    for (const char* how : {"never", "wait-long", "thread-long"}) {
        const std::string target = std::string("/hello?first=") + how + "&gone";
        {
            RawClient client(port());
            client.send(request(target));
            client.rest(10);
            client.reset();
        }
        EXPECT_EQ(logged(target, "first is done, aborted"), 1) << how;
        EXPECT_EQ(count(target, "first is done"), 0) << how;
    }
}

TEST_F(WireAccess, AnswersAClientThatHasEndedItsSending) {
    RawClient client(port());
    client.send(request("/hello?first=wait&second=thread"));
    client.endSending();
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireAccess, LetsHeldRequestsPassWhileTheServerReloadsAndDrains) {
    RawClient over_reload(port());
    over_reload.send(request("/hello?first=wait-long&second=wait"));
    over_reload.rest(10);
    std::string output;
    EXPECT_EQ(site().server().run("reload", &output), 0) << output;
    EXPECT_EQ(over_reload.answer().body, "hello\n");
    Site other("", "[[site.hook]]\nplugin = \"guard\"\nlabel = \"first\"\n");
    EXPECT_EQ(ask(other.port(), kHello).body, "hello\n");  // its worker is there
    RawClient over_drain(other.port());
    over_drain.send(request("/hello?first=wait-long"));
    over_drain.rest(10);
    other.server().signal(SIGTERM);
    Answer last = over_drain.answer();
    EXPECT_EQ(last.body, "hello\n");
    EXPECT_EQ(last.field("connection"), "close");
    EXPECT_EQ(other.server().stop(), 0);
}

}  // namespace
}  // namespace turnpike::wire
