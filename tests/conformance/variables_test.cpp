// The same request gives a program the same variables, whichever way it comes; and they are what RFC 3875 4.1
// says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "fixture.h"
#include "over_http2.h"

namespace turnpike::conformance {
namespace {

using Variables = std::map<std::string, std::string>;

/// A request; "@" is where the way to the program stands in its path. `expected`: "NAME=value" or "!NAME" for a
/// variable that must not be there.
struct Case {
    const char* name;
    std::string request;
    std::vector<std::string> expected;
    bool is_ipv6 = false;
};

std::string field(const std::string& lines) { return "Host: localhost\r\nConnection: close\r\n" + lines + "\r\n"; }
std::string get(const std::string& path, const std::string& lines = "") {
    return "GET " + path + " HTTP/1.1\r\n" + field(lines);
}
std::string post(const std::string& path, const std::string& lines, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\n" + field(lines) + body;
}

std::vector<Case> targets() {
    return {
        {"no query",
         get("@"),
         {"REQUEST_METHOD=GET", "QUERY_STRING=", "REQUEST_URI=@", "SCRIPT_NAME=@", "!PATH_INFO",
          "!PATH_TRANSLATED", "!CONTENT_LENGTH", "!CONTENT_TYPE", "!AUTH_TYPE", "!REMOTE_USER"}},
        {"a query", get("@?a=1&b=%20x+y"), {"QUERY_STRING=a=1&b=%20x+y", "REQUEST_URI=@?a=1&b=%20x+y"}},
        {"an empty query", get("@?"), {"QUERY_STRING=", "REQUEST_URI=@?"}},
        {"question marks", get("@?a?b=c"), {"QUERY_STRING=a?b=c"}},
        {"a path behind the program",
         get("@/more/and?q"),
         {"PATH_INFO=/more/and", "PATH_TRANSLATED=ROOT/more/and", "SCRIPT_NAME=@", "QUERY_STRING=q"}},
        {"a slash behind the program", get("@/"), {"PATH_INFO=/", "PATH_TRANSLATED=ROOT/"}},
        {"an encoded path", get("@/a%20b%2Bc"), {"PATH_INFO=/a b+c", "REQUEST_URI=@/a%20b%2Bc"}},
        {"UTF-8 in the path", get("@/caf%C3%A9"), {"PATH_INFO=/caf\xc3\xa9", "REQUEST_URI=@/caf%C3%A9"}},
        {"doubled slashes", get("//@//x///y"), {"SCRIPT_NAME=@", "PATH_INFO=/x/y", "REQUEST_URI=//@//x///y"}},
        {"dots", get("@/a/../b/./c"), {"PATH_INFO=/b/c", "REQUEST_URI=@/a/../b/./c"}},
        {"an absolute target",
         "GET http://localhost@?q=1 HTTP/1.1\r\n" + field(""),
         {"REQUEST_URI=@?q=1", "SERVER_NAME=localhost", "HTTP_HOST=localhost"}},
        {"an extension method", "PROPFIND @ HTTP/1.1\r\n" + field(""), {"REQUEST_METHOD=PROPFIND"}},
        {"OPTIONS", "OPTIONS @ HTTP/1.1\r\n" + field(""), {"REQUEST_METHOD=OPTIONS"}},
        {"DELETE", "DELETE @ HTTP/1.1\r\n" + field(""), {"REQUEST_METHOD=DELETE", "!CONTENT_LENGTH"}},
    };
}

std::vector<Case> bodies() {
    std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
    return {
        {"a body",
         post("@", form + "Content-Length: 7\r\n", "a=1&b=2"),
         {"CONTENT_LENGTH=7", "CONTENT_TYPE=application/x-www-form-urlencoded", "BODY=7", "REQUEST_METHOD=POST",
          "!HTTP_CONTENT_LENGTH", "!HTTP_CONTENT_TYPE"}},
        {"no body and no length",
         "POST @ HTTP/1.1\r\n" + field(""),
         {"REQUEST_METHOD=POST", "!CONTENT_LENGTH", "!CONTENT_TYPE", "BODY=0"}},
        {"an empty body", post("@", "Content-Length: 0\r\n", ""), {"CONTENT_LENGTH=0", "!CONTENT_TYPE", "BODY=0"}},
        {"a chunked body",
         post("@", "Content-Type: a/b\r\nTransfer-Encoding: chunked\r\n",
              "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n"),
         {"CONTENT_LENGTH=11", "BODY=11", "CONTENT_TYPE=a/b", "!HTTP_TRANSFER_ENCODING", "!HTTP_X_TRAILER"}},
        {"an empty chunked body",
         post("@", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
         {"BODY=0", "!HTTP_TRANSFER_ENCODING"}},
        {"a body of 100 KB",
         post("@", "Content-Length: 100000\r\n", std::string(100'000, 'x')),
         {"CONTENT_LENGTH=100000", "BODY=100000"}},
        {"a body in a file",
         post("@", "Content-Length: 2000000\r\n", std::string(2'000'000, 'x')),
         {"CONTENT_LENGTH=2000000", "BODY=2000000"}},
        {"a type with parameters",
         post("@", "Content-Type: Text/Plain; charset=\"UTF-8\"\r\nContent-Length: 1\r\n", "x"),
         {"CONTENT_TYPE=Text/Plain; charset=\"UTF-8\""}},
    };
}

std::vector<Case> fields() {
    return {
        {"a repeated field", get("@", "X-A: 1\r\nX-B: 2\r\nx-a: 3\r\n"), {"HTTP_X_A=1, 3", "HTTP_X_B=2"}},
        {"cookies in two fields", get("@", "Cookie: a=1\r\nCookie: b=2\r\n"), {"HTTP_COOKIE=a=1; b=2"}},
        {"credentials", get("@", "Authorization: Basic dTpw\r\n"), {"HTTP_AUTHORIZATION=Basic dTpw"}},
        {"credentials for a proxy",
         get("@", "Proxy-Authorization: Basic dTpw\r\n"),
         {"!HTTP_PROXY_AUTHORIZATION"}},
        {"Proxy", get("@", "Proxy: http://evil/\r\nproxy: x\r\n"), {"!HTTP_PROXY"}},
        {"an underscore in a name", get("@", "X_User: root\r\nX-User: me\r\n"), {"HTTP_X_USER=me"}},
        {"odd names", get("@", "X.Y: 1\r\nX!Z: 2\r\nX9-q: 3\r\n"), {"HTTP_X9_Q=3", "!HTTP_X.Y", "!HTTP_X!Z"}},
        {"an empty value", get("@", "X-Empty:\r\n"), {"HTTP_X_EMPTY="}},
        {"bytes above ASCII", get("@", "X-High: \xc3\xa9\xff\r\n"), {"HTTP_X_HIGH=\xc3\xa9\xff"}},
        {"spaces around a value", get("@", "X-Space: \t a  b \t\r\n"), {"HTTP_X_SPACE=a  b"}},
        {"names of variables",
         get("@", "Remote-User: root\r\nHttps: on\r\nContent-Foo: 1\r\n"),
         {"HTTP_REMOTE_USER=root", "!REMOTE_USER", "!HTTPS", "HTTP_HTTPS=on", "HTTP_CONTENT_FOO=1"}},
        {"many of one",
         get("@", "Accept: a/b\r\nAccept: c/d;q=0.5\r\nAccept-Language: de\r\n"),
         {"HTTP_ACCEPT=a/b, c/d;q=0.5", "HTTP_ACCEPT_LANGUAGE=de"}},
        {"an expectation", post("@", "Expect: 100-continue\r\nContent-Length: 1\r\n", "x"), {"BODY=1"}},
    };
}

std::vector<Case> hosts() {
    // A host name has no case (RFC 3986 3.2.2): it comes in lower case, so that a program may compare it.
    return {
        {"a port in Host",
         "GET @ HTTP/1.1\r\nHost: Example.ORG:8080\r\nConnection: close\r\n\r\n",
         {"HTTP_HOST=example.org:8080", "SERVER_NAME=example.org", "SERVER_PORT=OWN_PORT"}},
        {"an address in Host",
         "GET @ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
         {"SERVER_NAME=127.0.0.1"}},
        {"an IPv6 address in Host",
         "GET @ HTTP/1.1\r\nHost: [2001:db8::1]:80\r\nConnection: close\r\n\r\n",
         {"SERVER_NAME=[2001:db8::1]"}},
        {"HTTP/1.0 without Host",
         "GET @ HTTP/1.0\r\n\r\n",
         {"SERVER_PROTOCOL=HTTP/1.0", "SERVER_NAME=127.0.0.1", "!HTTP_HOST"}},
        {"HTTP/1.0 with Host",
         "GET @ HTTP/1.0\r\nHost: old\r\n\r\n",
         {"SERVER_PROTOCOL=HTTP/1.0", "SERVER_NAME=old"}},
        {"a client by IPv6",
         "GET @ HTTP/1.0\r\n\r\n",
         {"REMOTE_ADDR=::1", "REMOTE_HOST=::1", "SERVER_NAME=[::1]", "SERVER_ADDR=::1"},
         true},
    };
}

/// Differences that are right, each with its reason.
bool mayDiffer(const std::string& name) {
    static const std::set<std::string> names = {
        "REMOTE_PORT",         // another connection
        "REQUEST_TIME",        // another moment
        "REQUEST_TIME_FLOAT",  //
        "FCGI_ROLE",           // libfcgi's and php-fpm's own: the role in BEGIN_REQUEST
        "SCRIPT_FILENAME",     // a FastCGI program that answers a prefix is no file below the root
    };
    return names.contains(name);
}

/// What PHP puts into $_SERVER beside what it was given (main/php_variables.c, sapi/fpm, php-cgi).
bool isPhpsOwn(const std::string& name) {
    static const std::set<std::string> names = {"PHP_SELF",
                                                "argv",
                                                "argc",
                                                "PHP_AUTH_USER",
                                                "PHP_AUTH_PW",
                                                "PHP_AUTH_DIGEST",
                                                "AUTH_TYPE",  // from HTTP_AUTHORIZATION
                                                "USER",
                                                "HOME",  // php-fpm: of the user that it runs as
                                                "ORIG_PATH_INFO",
                                                "ORIG_PATH_TRANSLATED",
                                                "ORIG_SCRIPT_NAME",
                                                "ORIG_SCRIPT_FILENAME"};
    return names.contains(name);
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

class SameVariables : public testing::Test {
 protected:
    static void SetUpTestSuite() { gateways = new Gateways; }
    static void TearDownTestSuite() {
        delete gateways;
        gateways = nullptr;
    }
    void SetUp() override { ASSERT_TRUE(gateways->server().isUp()); }

    static Variables ask(const Case& c, const Way& way, const std::string& program) {
        const std::string request = requestOf(c, way, program);
        RawClient client(gateways->port(), c.is_ipv6 ? "::1" : "127.0.0.1");
        client.send(request);
        Answer answer = client.answer();
        if (answer.status == 100) answer = client.answer();
        return variablesOf(answer, way, program);
    }
    static std::string requestOf(const Case& c, const Way& way, const std::string& program) {
        std::string request = c.request;
        replaceAll(request, "@", way.folder + program);
        return request;
    }
    static Variables variablesOf(Answer answer, const Way& way, const std::string& program) {
        EXPECT_EQ(answer.status, 200) << way.name << "\n" << answer.head << gateways->server().errorLog();
        EXPECT_TRUE(answer.whole) << way.name;
        replaceAll(answer.body, way.folder + program, "@");
        replaceAll(answer.body, gateways->root(), "ROOT");
        return parse(answer.body);
    }
    static Variables parse(const std::string& body) {
        Variables variables;
        std::istringstream lines(body);
        for (std::string line; std::getline(lines, line);) {
            size_t equals = line.find('=');
            bool is_new =
                variables.emplace(line.substr(0, equals), line.substr(std::min(equals, line.size() - 1) + 1))
                    .second;
            EXPECT_TRUE(is_new) << "twice: " << line;
        }
        return variables;
    }

    static void expectThat(const Variables& variables, const std::vector<std::string>& expected) {
        for (std::string line : expected) {
            replaceAll(line, "OWN_PORT", std::to_string(gateways->port()));
            size_t equals = line.find('=');
            auto found = variables.find(line.substr(line.starts_with('!') ? 1 : 0, equals));
            if (line.starts_with('!')) {
                EXPECT_EQ(found, variables.end()) << found->first << "=" << found->second;
            } else if (found == variables.end()) {
                ADD_FAILURE() << "missing: " << line;
            } else {
                EXPECT_EQ(found->first + "=" + found->second, line);
            }
        }
    }

    /// RFC 3875 4.1 for every request; "shall be set" and the forms of values.
    static void expectRfc(const Variables& v) {
        for (const char* name :
             {"GATEWAY_INTERFACE", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME",
              "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE"})
            EXPECT_TRUE(v.contains(name)) << name;
        expectThat(v, {"GATEWAY_INTERFACE=CGI/1.1", "SERVER_PORT=OWN_PORT", "REQUEST_SCHEME=http",
                       "DOCUMENT_ROOT=ROOT", "!HTTP_PROXY", "!HTTP_CONTENT_LENGTH", "!HTTP_CONTENT_TYPE",
                       "!HTTP_TRANSFER_ENCODING", "!HTTPS", "!PATH", "!LD_LIBRARY_PATH"});
        // 4.1.2: the length of what is really there.
        if (v.at("BODY") != "0") {
            EXPECT_EQ(v.contains("CONTENT_LENGTH") ? v.at("CONTENT_LENGTH") : "none", v.at("BODY"));
        }
        // 4.1.6: PATH_TRANSLATED exactly where PATH_INFO is.
        EXPECT_EQ(v.contains("PATH_INFO"), v.contains("PATH_TRANSLATED"));
        const std::string& port = v.at("REMOTE_PORT");
        EXPECT_TRUE(!port.empty() && std::all_of(port.begin(), port.end(), ::isdigit)) << port;
    }

    template <class F>
    static void expectSame(const Variables& a, const Variables& b, F skip) {
        for (const auto& [name, value] : a) {
            if (skip(name)) continue;
            auto found = b.find(name);
            if (found == b.end())
                ADD_FAILURE() << name << "=" << value << " is missing on the other way";
            else
                EXPECT_EQ(value, found->second) << name;
        }
        for (const auto& [name, value] : b)
            if (!skip(name) && !a.contains(name))
                ADD_FAILURE() << name << "=" << value << " only on the other way";
    }

    static void compare(const std::vector<Case>& cases) {
        for (const Case& c : cases) {
            SCOPED_TRACE(c.name);
            if (c.is_ipv6 && !gateways->hasIpv6()) continue;
            Variables cgi = ask(c, gateways->programs()[0], "/environment");
            Variables fastcgi = ask(c, gateways->programs()[1], "/environment");
            expectRfc(cgi);
            expectThat(cgi, c.expected);
            expectSame(cgi, fastcgi, mayDiffer);
            for (const Way& way : gateways->php()) {
                SCOPED_TRACE(way.name);
                // SCRIPT_NAME and the rest name another file, but "@" stands for each.
                Variables php = ask(c, way, "/environment.php");
                expectThat(php, c.expected);
                expectSame(cgi, php, [](const std::string& name) { return mayDiffer(name) || isPhpsOwn(name); });
            }
        }
    }

    /// A program sees no difference but the protocol's name.
    static void compareWithHttp2(const std::vector<Case>& cases) {
        size_t asked = 0;
        for (const Case& c : cases) {
            SCOPED_TRACE(c.name);
            std::vector<Way> ways = gateways->programs();
            ways.insert(ways.end(), gateways->php().begin(), gateways->php().end());
            for (const Way& way : ways) {
                SCOPED_TRACE(way.name);
                const std::string program =
                    way.folder == "/cgi" || way.folder == "/fcg" ? "/environment" : "/environment.php";
                const auto answer = askOverHttp2(gateways->port(), requestOf(c, way, program));
                if (!answer) continue;
                ++asked;
                const Variables variables = variablesOf(*answer, way, program);
                expectRfc(variables);
                expectThat(variables, {"SERVER_PROTOCOL=HTTP/2.0"});
                expectThat(variables, c.expected);
                expectSame(ask(c, way, program), variables, [](const std::string& name) {
                    return mayDiffer(name) || name == "SERVER_PROTOCOL" || name == "HTTP_EXPECT";
                });
            }
        }
        EXPECT_GT(asked, cases.size());  // most requests, each in several ways
    }

    static inline Gateways* gateways = nullptr;
};

TEST_F(SameVariables, ForEveryTarget) { compare(targets()); }
TEST_F(SameVariables, ForEveryBody) { compare(bodies()); }
TEST_F(SameVariables, ForEveryField) { compare(fields()); }
TEST_F(SameVariables, ForEveryHost) { compare(hosts()); }

TEST_F(SameVariables, OverHttp2ForEveryTarget) { compareWithHttp2(targets()); }
TEST_F(SameVariables, OverHttp2ForEveryBody) { compareWithHttp2(bodies()); }
TEST_F(SameVariables, OverHttp2ForEveryField) { compareWithHttp2(fields()); }
TEST_F(SameVariables, OverHttp2ForEveryHost) { compareWithHttp2(hosts()); }

TEST_F(SameVariables, LeaveCredentialsOutOfAProcessesEnvironment) {
    Case c{"credentials", get("@", "Authorization: Basic dTpw\r\n"), {}};
    Variables v = ask(c, {"cgi", "/cgi-default"}, "/environment");
    expectThat(v, {"!HTTP_AUTHORIZATION", "!AUTH_TYPE"});
}

TEST_F(SameVariables, NameAScriptOutsideAscii) {
    RawClient client(gateways->port());
    client.send(get("/cgi/caf%C3%A9/x"));
    Variables v = parse(client.answer().body);
    EXPECT_EQ(v["SCRIPT_NAME"], "/cgi/caf\xc3\xa9");
    EXPECT_EQ(v["SCRIPT_FILENAME"], gateways->root() + "/cgi/caf\xc3\xa9");
    EXPECT_EQ(v["PATH_INFO"], "/x");
}

}  // namespace
}  // namespace turnpike::conformance
