// Interim answers that a page sends with headers_send(): what leaves, and what a script cannot do with it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "php_site.h"
#include "support/http2_client.h"

namespace turnpike::e2e {
namespace {

class PhpHints : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        ::mkdir(server.path("public").c_str(), 0755);
        server.setup.sites = phpSite("plugin = \"php\"\nchildren = 2\n", "interim_http1 = true\n");
    }
    /// The first answer to a page of this code.
    Answer first(const std::string& name, const std::string& code) {
        // As in php_test.cpp: no buffer of PHP's, and a file that is old enough for OPcache.
        const std::string page = "public/" + name;
        server.folder().write(page, "<?php while (ob_get_level() > 0) ob_end_clean(); " + code);
        const std::filesystem::path path = server.path(page);
        std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
        if (client == nullptr) {
            EXPECT_TRUE(server.start()) << server.output() << server.errorLog();
            client = std::make_unique<RawClient>(server.port());
        }
        client->send("GET /" + name + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return client->answer();
    }
    Turnpike server;
    std::unique_ptr<RawClient> client;
};

const std::string kLink = "header('Link: </a.css>; rel=preload');";

TEST_F(PhpHints, LeaveBeforeThePage) {
    const Answer hint = first("hints.php", kLink +
                                               "header('X-Accel-Redirect: /secret'); $sent = headers_send(103);"
                                               "header_remove('X-Accel-Redirect'); $is = headers_sent();"
                                               "echo $sent, $is ? ' sent' : ' open';");
    EXPECT_EQ(hint.status, 103);
    EXPECT_EQ(hint.field("link"), "</a.css>; rel=preload");
    EXPECT_EQ(hint.field("x-accel-redirect"), "");
    const Answer page = client->answer();
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.field("link"), "</a.css>; rel=preload");
    EXPECT_EQ(page.body, "1 open");
}

TEST_F(PhpHints, LeaveBeforeThePageOverHttp2) {
    EXPECT_EQ(first("hints.php", kLink + "headers_send(103); echo 'page';").status, 103);
    Http2Client asking(server.port());
    const Http2Answer& page = asking.answer(asking.get("/hints.php"));
    EXPECT_EQ(page.interim, std::vector<int>{103});
    EXPECT_EQ(page.interim_fields, (std::vector<Fields>{{{":status", "103"}, {"link", "</a.css>; rel=preload"}}}));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "page");
}

TEST_F(PhpHints, SayNothingOfAPageThatTheyAreNot) {
    const Answer hint = first("type.php", kLink +
                                              "header('Content-Type: text/plain'); header('Content-Length: 4');"
                                              "headers_send(103); echo 'page';");
    EXPECT_EQ(hint.status, 103);
    EXPECT_EQ(hint.fields.size(), 1u) << hint.head;
    const Answer page = client->answer();
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.field("content-length"), "4");
    EXPECT_EQ(page.body, "page");
}

TEST_F(PhpHints, MayComeMoreThanOnce) {
    const std::string code =
        kLink + "headers_send(103); header('Link: </b.css>', false); headers_send(102); echo 'two';";
    EXPECT_EQ(first("twice.php", code).status, 103);
    EXPECT_EQ(client->answer().status, 102);
    EXPECT_EQ(client->answer().body, "two");
}

TEST_F(PhpHints, AreNotTheOnlyHeadThatMayBeSent) {
    const Answer answer = first("final.php",
                                "header('X-A: b'); $sent = headers_send(404); $is = headers_sent();"
                                "echo $sent, $is ? ' sent' : ' open';");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.field("x-a"), "b");
    EXPECT_EQ(answer.body, "0 sent");
}

TEST_F(PhpHints, NeverBecomePartOfThePage) {
    EXPECT_EQ(
        first("late.php", "ini_set('display_errors', '0'); echo 'page'; flush(); echo headers_send(103);").body,
        "page3");
    EXPECT_EQ(first("wrong.php",
                    "foreach ([0, 100, 101, 600] as $s)"
                    "try { headers_send($s); } catch (ValueError $e) { echo $s, ' '; }")
                  .body,
              "0 100 101 600 ");
}

// Otherwise the page would be read as the head that follows.
TEST_F(PhpHints, AreNoStatusOfThePage) {
    int number = 0;
    for (const std::string status :
         {"http_response_code(103);", "header('Status: 103');", "header('HTTP/1.1 103 X');"})
        EXPECT_EQ(
            first("answer" + std::to_string(++number) + ".php", status + "echo \"X-Evil: 1\\n\\nevil\";").status,
            500)
            << status;
}

TEST_F(PhpHints, AreBounded) {
    int hints = 0;
    Answer answer = first("many.php", kLink + "for ($i = 0; $i < 10000; ++$i) headers_send(103); echo 'many';");
    for (; answer.status == 103 && hints < 100; ++hints) answer = client->answer();
    EXPECT_EQ(hints, 16);
    EXPECT_EQ(answer.status, 502);
}

}  // namespace
}  // namespace turnpike::e2e
