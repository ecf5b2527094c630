// The plugin `headers` on the real server: whoever answers, and whatever comes of it.
#include <algorithm>

#include "wire.h"

namespace turnpike::wire {
namespace {

class WireFields : public WireTest<WireFields> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("",
                                      "body_limit = \"1KiB\"\nerror_pages = { 404 = \"/missing.html\" }\n"
                                      "[[site.hook]]\nplugin = \"headers\"\nsecurity = true\n"
                                      "set = { X-Site = \"one\" }\nremove = [\"X-Powered-By\"]\n"
                                      "add = [\"Vary: Origin\"]\n"
                                      "[[site.hook]]\nplugin = \"headers\"\n"
                                      "prefixes = [\"/gone/\", \"/news/\"]\nset = { X-Site = \"two\" }\n"
                                      "[[site.hook]]\nplugin = \"headers\"\n"
                                      "statuses = [\"4xx\"]\nset = { Cache-Control = \"no-store\" }\n"
                                      "[[site.route]]\nprefix = \"/news/\"\n"
                                      "try = [\"$path\", \"/view?$query\"]\nplugin = \"static\"\n");
    }

 protected:
    void SetUp() override { site().root().write("missing.html", "not here\n"); }

    static size_t count(const Answer& answer, const std::string& name) {
        auto isNamed = [&name](const auto& field) { return field.first == name; };
        return static_cast<size_t>(std::ranges::count_if(answer.fields, isNamed));
    }
};

TEST_F(WireFields, AreThereWhoeverAnswers) {
    for (const char* path : {"/file.txt", "/cgi-bin/hello", "/hello"}) {
        const Answer answer = ask(port(), request(path));
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_TRUE(answer.whole) << path;
        EXPECT_EQ(answer.field("x-site"), "one") << path;
        EXPECT_EQ(answer.field("vary"), "Origin") << path;
        EXPECT_EQ(answer.field("x-frame-options"), "SAMEORIGIN") << path;
        EXPECT_EQ(answer.field("cache-control"), "") << path;
    }
}

TEST_F(WireFields, AreThereWhenNothingIsFound) {
    const Answer answer = ask(port(), request("/absent"));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, "not here\n");
    EXPECT_EQ(answer.field("x-site"), "one");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
}

TEST_F(WireFields, AreThereOnThePagesOfTheServerItself) {
    const struct {
        std::string bytes;
        int status;
    } cases[] = {
        {request("/x", "", "TRACE"), 405}, {request("/%zz"), 400}, {post("/x", std::string(2000, 'b')), 413}};
    for (const auto& [bytes, status] : cases) {
        const Answer answer = ask(port(), bytes);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.field("x-site"), "one");
        EXPECT_EQ(answer.field("cache-control"), "no-store");
        EXPECT_EQ(count(answer, "x-content-type-options"), 1u);  // the page has its own
    }
}

TEST_F(WireFields, GoByThePathOfTheVisitorNotOfTheErrorPage) {
    const Answer answer = ask(port(), request("/gone/page"));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.field("x-site"), "two");
    EXPECT_EQ(count(answer, "x-site"), 1u);
}

TEST_F(WireFields, GoByThePathOfTheVisitorNotOfTheFrontController) {
    const Answer answer = ask(port(), request("/news/today"));
    EXPECT_NE(answer.body.find("path=/view\n"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.field("x-site"), "two");
    EXPECT_EQ(ask(port(), request("/view")).field("x-site"), "one");
}

TEST_F(WireFields, AreThereWhenNothingHasChanged) {
    const Answer first = ask(port(), request("/file.txt"));
    const Answer second = ask(port(), request("/file.txt", "If-None-Match: " + first.field("etag") + "\r\n"));
    EXPECT_EQ(second.status, 304);
    EXPECT_EQ(second.field("x-site"), "one");
}

TEST_F(WireFields, ReplaceWhatAProgramSent) {
    site().root().write("cgi-bin/loud",
                        "#!/bin/sh\nprintf 'Content-Type: text/plain\\nX-Powered-By: sh\\nX-Site: zero\\n"
                        "X-Frame-Options: DENY\\nVary: Cookie\\n\\nloud\\n'\n");
    ::chmod((site().root().path() + "/cgi-bin/loud").c_str(), 0755);
    const Answer answer = ask(port(), request("/cgi-bin/loud"));
    EXPECT_EQ(answer.body, "loud\n");
    EXPECT_EQ(count(answer, "x-powered-by"), 0u);
    EXPECT_EQ(count(answer, "x-site"), 1u);
    EXPECT_EQ(answer.field("x-site"), "one");
    EXPECT_EQ(answer.field("x-frame-options"), "DENY");
    EXPECT_EQ(answer.field("vary"), "Cookie, Origin");
}

TEST_F(WireFields, OfTheServerAreRefusedWithTheirPlace) {
    TempFolder folder;
    const struct {
        std::string key, place, message;
    } cases[] = {
        {"set = { Content-Length = \"1\" }", ":7:", "set: \"Content-Length\" is written by the server itself"},
        {"add = [\"X-A: 1\\r\\nX-B: 2\"]", ":7:", "add: the value of \"X-A\" may hold visible ASCII"},
        {"sets = { X-A = \"1\" }", ":7:", "sets"},
        {"statuses = [\"404\"]", ":6:", "changes nothing"},
    };
    for (const auto& c : cases) {
        const std::string config = folder.path() + "/turnpike.toml";
        folder.write("turnpike.toml", "[server]\nplugin_folder = \"" TURNPIKE_BUILD
                                      "/plugins\"\n[[site]]\nhosts = [\"*\"]\n"
                                      "[[site.hook]]\nplugin = \"headers\"\n" +
                                          c.key + "\n[[site.route]]\nplugin = \"probe\"\n");
        std::string output;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " check -c " + config + " 2>&1", &output), 1) << output;
        EXPECT_NE(output.find("turnpike.toml" + c.place), std::string::npos) << output;
        EXPECT_NE(output.find(c.message), std::string::npos) << output;
    }
}

}  // namespace
}  // namespace turnpike::wire
