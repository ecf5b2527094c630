#include "measure/load/load_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

TEST(LoadUrl, IsTakenApart) {
    struct {
        const char *text, *socket, *host;
        uint16_t port;
        const char *target, *field;
        bool is_secure = false;
    } const cases[] = {
        {"http://localhost", "", "localhost", 80, "/", "localhost"},
        {"http://a.example:8080/x/y?z=1&w=/2", "", "a.example", 8080, "/x/y?z=1&w=/2", "a.example:8080"},
        {"http://127.0.0.1:80/", "", "127.0.0.1", 80, "/", "127.0.0.1"},
        {"http://[::1]:8080/a", "", "::1", 8080, "/a", "[::1]:8080"},
        {"http://[::1]", "", "::1", 80, "/", "[::1]"},
        {"http://h?q=1", "", "h", 80, "/?q=1", "h"},
        {"http://h/a#part", "", "h", 80, "/a", "h"},
        {"http://h#part", "", "h", 80, "/", "h"},
        {"https://a.example/x", "", "a.example", 443, "/x", "a.example", true},
        {"https://a.example:80/", "", "a.example", 80, "/", "a.example:80", true},
        {"https://[::1]:8443", "", "::1", 8443, "/", "[::1]:8443", true},
        {"http://a.example:443/", "", "a.example", 443, "/", "a.example:443"},
        {"unix:/run/site.sock", "/run/site.sock", "", 80, "/", "localhost"},
        {"unix:/run/a:b.sock:/page?x=:/y", "/run/a:b.sock", "", 80, "/page?x=:/y", "localhost"},
    };
    for (const auto& c : cases) {
        auto url = parseLoadUrl(c.text);
        ASSERT_TRUE(url) << c.text << ": " << url.error().text;
        EXPECT_EQ(url->socket, c.socket) << c.text;
        EXPECT_EQ(url->host, c.host) << c.text;
        EXPECT_EQ(url->is_secure, c.is_secure) << c.text;
        EXPECT_EQ(url->port, c.port) << c.text;
        EXPECT_EQ(url->target, c.target) << c.text;
        EXPECT_EQ(url->hostField(), c.field) << c.text;
    }
}

TEST(LoadUrl, IsRefusedWithTheReason) {
    struct {
        const char *text, *reason;
    } const cases[] = {
        {"https:/localhost/", "expected http[s]://"},
        {"https://", "the host \"\""},
        {"localhost:80", "expected http[s]://"},
        {"", "expected http[s]://"},
        {"ftp://h/", "expected http[s]://"},
        {"http://", "the host \"\""},
        {"http://:80/", "the host \":80\""},
        {"http://user@h/", "the host \"user@h\""},
        {"http://h:0/", "not a port: :0"},
        {"http://h:70000/", "not a port: :70000"},
        {"http://h:/", "not a port: :"},
        {"http://[::1/", "without its ]"},
        {"http://[::1]x/", "not a port: x"},
        {"http://h/a b", "blank or control byte"},
        {"http://h/a\r\nX: y", "blank or control byte"},
        {"unix:run/site.sock", "expected unix:/SOCKET"},
        {"unix:", "expected unix:/SOCKET"},
    };
    for (const auto& c : cases) {
        auto url = parseLoadUrl(c.text);
        ASSERT_FALSE(url) << c.text;
        EXPECT_THAT(url.error().text, testing::HasSubstr(c.reason)) << c.text;
    }
}

TEST(LoadUrl, LeadsToAnAddress) {
    auto text = [](const char* url) {
        auto address = addressOf(*parseLoadUrl(url));
        return address ? address->text() : address.error().text;
    };
    EXPECT_EQ(text("http://127.0.0.1:8080/"), "127.0.0.1:8080");
    EXPECT_EQ(text("http://[::1]:8080/"), "[::1]:8080");
    EXPECT_EQ(text("unix:/run/site.sock:/x"), "unix:/run/site.sock");
    EXPECT_THAT(text("http://localhost:81/"), testing::AnyOf("127.0.0.1:81", "[::1]:81"));
    EXPECT_THAT(text("http://no-such-host.invalid/"), testing::HasSubstr("cannot find no-such-host.invalid: "));
}

}  // namespace
}  // namespace turnpike::measure
