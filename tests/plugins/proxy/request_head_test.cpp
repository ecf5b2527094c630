// What is asked of an upstream: the path as this server's rules saw it.
#include "proxy/request_head.h"

#include <gtest/gtest.h>

#include "proxy/forwarded.h"

namespace turnpike::proxy::test {
namespace {

std::string target(std::string_view raw, std::string_view path, std::string_view query = "",
                   std::string_view prefix = "", bool strip = false) {
    tp_request_view view{};
    view.target = str(raw);
    view.path = str(path);
    view.query = str(query);
    view.route_prefix = str(prefix);
    std::string to;
    appendTarget(view, strip, to);
    return to;
}

TEST(RequestTarget, IsTheClientsOwnSpelling) {
    EXPECT_EQ(target("/a%20b?q=1", "/a b", "q=1"), "/a%20b?q=1");
    EXPECT_EQ(target("/%7Euser/a%2Bb;x", "/~user/a+b;x"), "/%7Euser/a%2Bb;x");
}

// What was normalised is passed as it was judged: no "/admin" that the rules did not see.
TEST(RequestTarget, IsWrittenAnewWhenItSaysSomethingElse) {
    EXPECT_EQ(target("/a/../admin", "/admin"), "/admin");
    EXPECT_EQ(target("//a", "/a"), "/a");
    EXPECT_EQ(target("http://www.example.org/a", "/a"), "/a");
    EXPECT_EQ(target("/old", "/new page\xc3\xa4"), "/new%20page%C3%A4");
    EXPECT_EQ(target("/x", "/50%"), "/50%25");
}

TEST(RequestTarget, CannotBeSplitByARewrite) {
    EXPECT_EQ(target("/x", "/a\r\nb?c", "q=a b\r\nHost: evil\x7f"), "/a%0D%0Ab%3Fc?q=a%20b%0D%0AHost:%20evil%7F");
}

TEST(RequestTarget, LosesThePrefix) {
    EXPECT_EQ(target("/app/a%20b", "/app/a b", "", "/app", true), "/a%20b");
    EXPECT_EQ(target("/app", "/app", "q", "/app", true), "/?q");
    EXPECT_EQ(target("/app/", "/app/", "", "/app/", true), "/");
    EXPECT_EQ(target("/%61pp/x", "/app/x", "", "/app", true), "/x");
    EXPECT_EQ(target("/app/x", "/app/x", "", "/app", false), "/app/x");
}

TEST(Upgrade, IsOneThatIsAllowed) {
    EXPECT_EQ(chooseUpgrade("h2c, WebSocket", {"websocket"}), "websocket");
    EXPECT_EQ(chooseUpgrade("h2c", {"websocket"}), "");
    EXPECT_EQ(chooseUpgrade("", {"websocket"}), "");
}

TEST(Forwarded, NamesEveryKindOfClient) {
    const std::pair<const char*, const char*> cases[] = {
        {"192.0.2.1",
         "x-forwarded-for: 192.0.2.1\r\nx-forwarded-proto: http\r\nforwarded: for=192.0.2.1;proto=http\r\n"},
        {"2001:db8::1",
         "x-forwarded-for: 2001:db8::1\r\nx-forwarded-proto: http\r\nforwarded: "
         "for=\"[2001:db8::1]\";proto=http\r\n"},
        {"unix:", "x-forwarded-proto: http\r\nforwarded: for=unknown;proto=http\r\n"},
    };
    for (const auto& [address, lines] : cases) {
        tp_request_view view{};
        view.remote_address = str(address);
        std::string to;
        appendForwarded(view, true, true, to);
        EXPECT_EQ(to, lines);
    }
}

}  // namespace
}  // namespace turnpike::proxy::test
