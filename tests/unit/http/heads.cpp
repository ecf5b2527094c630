#include "heads.h"

namespace turnpike::http {
namespace {

struct Table {
    std::vector<BadHead> heads;

    void add(unsigned status, std::string_view input) { heads.push_back({status, std::string(input)}); }
    /// Each is a request line, before a good Host.
    void lines(unsigned status, std::initializer_list<std::string_view> all) {
        for (const std::string_view line : all) add(status, std::string(line) + "\r\nHost: a\r\n\r\n");
    }
    /// Each stands between good lines of a request.
    void fields(unsigned status, std::initializer_list<std::string_view> all) {
        for (const std::string_view field : all) {
            add(status, "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\nX: y\r\n\r\n");
        }
    }
    /// Each is the value of the only Host.
    void hosts(std::initializer_list<std::string_view> all) {
        for (const std::string_view host : all)
            add(400, "GET / HTTP/1.1\r\nHost:" + std::string(host) + "\r\n\r\n");
    }
};

using namespace std::string_view_literals;

void addRequestLines(Table& table) {
    table.lines(400, {"GET /",
                      "GET",
                      "/",
                      "GET/ HTTP/1.1",
                      "GET / ",
                      " GET / HTTP/1.1",
                      "GET  / HTTP/1.1",
                      "GET /  HTTP/1.1",
                      "GET / HTTP/1.1 ",
                      "GET / HTTP/1.1\t",
                      "GET\t/ HTTP/1.1",
                      "GET /\tHTTP/1.1",
                      "GET / /b HTTP/1.1",
                      "GET /a b HTTP/1.1",
                      "GET  HTTP/1.1",
                      "GET HTTP/1.1",
                      "G(T / HTTP/1.1",
                      "G\x80T / HTTP/1.1",
                      "GET: / HTTP/1.1",
                      "\"GET\" / HTTP/1.1",
                      "G\0T / HTTP/1.1"sv,
                      "\x16\x03\x01\x02"});
    table.lines(400, {"GET / http/1.1", "GET / HTTP/1", "GET / HTTP/1.", "GET / HTTP/.1", "GET / HTTP/11",
                      "GET / HTTP/1.10", "GET / HTTP/01.1", "GET / HTTP/1.x", "GET / HTTP 1.1", "GET / HTTPS/1.1",
                      "GET / XTTP/1.1", "GET / HTTP/+1.1", "GET / HTTP/1,1", "GET / HTTP/1.1x", "GET / ICE/1.0",
                      "GET / HTTP/1.1\0"sv});
    table.lines(505, {"GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/3.0", "GET / HTTP/9.9", "PRI * HTTP/2.0"});
    table.lines(405, {"CONNECT a:443 HTTP/1.1", "CONNECT / HTTP/1.1", "CONNECT a HTTP/1.0"});
    table.lines(400, {"GET /#f HTTP/1.1", "GET /a?b#f HTTP/1.1", "GET /\x01 HTTP/1.1", "GET /\x7f HTTP/1.1",
                      "GET /\x80 HTTP/1.1", "GET /a?\xff HTTP/1.1", "GET /\0 HTTP/1.1"sv, "GET /a\rb HTTP/1.1",
                      "GET /\"a HTTP/1.1", "GET /<a> HTTP/1.1", "GET /a\\b HTTP/1.1", "GET /{a} HTTP/1.1"});
    table.lines(400, {"GET * HTTP/1.1",           "OPTIONS ** HTTP/1.1",
                      "OPTIONS *? HTTP/1.1",      "GET a HTTP/1.1",
                      "GET a:80 HTTP/1.1",        "GET ../ HTTP/1.1",
                      "GET ?a HTTP/1.1",          "GET \\ HTTP/1.1",
                      "GET ftp://a/ HTTP/1.1",    "GET http:/a HTTP/1.1",
                      "GET http:a HTTP/1.1",      "GET http:// HTTP/1.1",
                      "GET http:///a HTTP/1.1",   "GET ://a/ HTTP/1.1",
                      "GET http://u@a/ HTTP/1.1", "GET http://u:p@a/ HTTP/1.1",
                      "GET http://a,b/ HTTP/1.1", "GET http://a:x/ HTTP/1.1",
                      "GET http://a#f HTTP/1.1",  "GET http://a\\b/ HTTP/1.1"});
}

void addAgreement(Table& table) {
    table.lines(400, {"GET http://b/ HTTP/1.1", "GET http://a.b/ HTTP/1.1", "GET http://a:81/ HTTP/1.1",
                      "GET https://a:80/ HTTP/1.1", "GET http://[::1]/ HTTP/1.1", "GET http://a./ HTTP/1.1"});
    table.add(400, "GET http://a/ HTTP/1.1\r\n\r\n");
    table.add(400, "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n");
    table.add(400, "GET http://b/ HTTP/1.0\r\nHost: a\r\n\r\n");
    table.add(400, "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n");
}

void addLineEnds(Table& table) {
    for (const std::string_view head :
         {"GET / HTTP/1.1\nHost: a\r\n\r\n"sv, "GET / HTTP/1.1\r\nHost: a\n\r\n"sv,
          "GET / HTTP/1.1\r\nHost: a\r\n\n"sv, "GET / HTTP/1.1\rHost: a\r\n\r\n"sv,
          "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"sv, "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"sv,
          "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"sv, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"sv,
          "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n"sv, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
          "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
          "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, "\tGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv}) {
        table.add(400, head);
    }
}

void addFieldLines(Table& table) {
    table.fields(
        400, {"A",           "A b",        "A : b",       "A\t: b",        ": b",      " A: b",
              "\tA: b",      "A: b\r\n c", "A: b\r\n\tc", "A: b\r\n \r\n", "A(: b",    "A[]: b",
              "A{}: b",      "A/: b",      "A@: b",       "A,: b",         "A;: b",    "A=: b",
              "A?: b",       "A\\: b",     "\"A\": b",    "A\x01: b",      "A\x7f: b", "A\x80: b",
              "\xc3\xa9: b", "A\0: b"sv,   "A: \0"sv,     "A: b\0c"sv,     "A: \x01",  "A: b\x07",
              "A: \x7f",     "A: \x1b[0m", "A: b\x0b",    "A: b\x0c",      "A: \x08",  "A: b c d e f g h\x1f i"});
    table.add(400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
    table.add(400, "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n");
    table.fields(400, {"Connection: a b", "Connection: \"close\"", "Connection: close;x", "Connection: @",
                       "Connection: a/b"});
    table.fields(417, {"Expect: 200-ok", "Expect: 100-continue, x", "Expect: 100-continuex",
                       "Expect: 100-continue;q=1", "Expect: 100-continue\r\nExpect: x"});
}

void addHosts(Table& table) {
    table.add(400, "GET / HTTP/1.1\r\n\r\n");
    table.add(400, "GET / HTTP/1.1\r\nX: y\r\n\r\n");
    table.add(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
    table.add(400, "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n");
    table.add(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n");
    table.add(400, "GET / HTTP/1.0\r\nHost: a,b\r\n\r\n");
    table.hosts({"",        " ",          "user@a",  "u:p@a",
                 "a,b",     "a, b",       "a b",     "a/b",
                 "/",       "a?b",        "a#b",     "http://a",
                 "a\\b",    "\"a\"",      "<a>",     "a;b",
                 "a'b",     "a$b",        "a%41",    "%",
                 "a:b",     "a:8x",       "a:-1",    "a:+1",
                 "a: 80",   "a:80:80",    "a:65536", "a:99999999999999999999",
                 ":80",     ":",          "a\x80",   "a\tb",
                 ".",       "..",         ".a",      "a..b",
                 "a..",     "::1",        "[",       "]",
                 "[]",      "[::1",       "::1]",    "[::1]a",
                 "[::1]:x", "[::1%25lo]", "[::g]",   "[1.2.3.4]",
                 "[v1.a]",  "[::1]]",     "[[::1]]", "[1:2:3:4:5:6:7:8:9]"});
    table.hosts({"a" + std::string(255, 'b')});
}

// The smuggling table: everything that two readers could frame in two ways.

void addBothFramings(Table& table) {
    table.fields(
        400, {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
              "Content-Length: 0\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nTransfer-Encoding: gzip",
              "Content-Length: x\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nTransfer-Encoding:",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
              "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding:\r\nTransfer-Encoding: chunked"});
}

void addCodings(Table& table) {
    table.fields(400, {"Transfer-Encoding:",
                       "Transfer-Encoding: ,chunked",
                       "Transfer-Encoding: chunked,",
                       "Transfer-Encoding: ,",
                       "Transfer-Encoding: chunked, chunked",
                       "Transfer-Encoding: chunked,gzip",
                       "Transfer-Encoding: chunked;a=b",
                       "Transfer-Encoding: chunked;",
                       "Transfer-Encoding: \"chunked\"",
                       "Transfer-Encoding: chun ked",
                       "Transfer-Encoding: chunked x",
                       "Transfer-Encoding: chunked\x0b",
                       "Transfer-Encoding: \013chunked",
                       "Transfer-Encoding: chunked\0"sv,
                       "Transfer-Encoding : chunked",
                       "Transfer-Encoding\t: chunked",
                       "Transfer-Encoding: x\r\n chunked",
                       "Transfer-Encoding:\r\n chunked",
                       "\x01Transfer-Encoding: chunked",
                       "Transfer-Encoding: \303chunked",
                       "X: y\rTransfer-Encoding: chunked",
                       "X: y\nTransfer-Encoding: chunked"});
    table.fields(501,
                 {"Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked",
                  "Transfer-Encoding: cow, chunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunkedx",
                  "Transfer-Encoding: chunke", "Transfer-Encoding: deflate;q=1",
                  "Transfer-Encoding: identity, chunked", "Transfer-Encoding: 'chunked'"});
    table.add(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    table.add(400, "POST / HTTP/1.0\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n");
}

void addLengths(Table& table) {
    table.fields(400, {"Content-Length:",
                       "Content-Length: ",
                       "Content-Length: +5",
                       "Content-Length: -5",
                       "Content-Length: -0",
                       "Content-Length: 5x",
                       "Content-Length: x",
                       "Content-Length: 0x5",
                       "Content-Length: 5 5",
                       "Content-Length: 5,5",
                       "Content-Length: 5, 5",
                       "Content-Length: 5,",
                       "Content-Length: ,5",
                       "Content-Length: 5.0",
                       "Content-Length: 1e3",
                       "Content-Length: \"5\"",
                       "Content-Length: 1_0",
                       "Content-Length: 5;",
                       "Content-Length: \xd9\xa5",
                       "Content-Length: 9223372036854775808",
                       "Content-Length: 18446744073709551616",
                       "Content-Length: 99999999999999999999999999",
                       "Content-Length: 5\r\nContent-Length: 5",
                       "Content-Length: 5\r\ncontent-length: 6",
                       "Content-Length: 5\r\nContent-Length:",
                       "Content-Length : 5",
                       "Content-Length: 5\r\n 6",
                       "Content-Length\0: 5"sv,
                       "Content Length: 5",
                       "Content-Length: 5\x0b"});
}

void addLimits(Table& table) {
    table.add(414, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
    table.add(414, std::string(9000, 'a'));
    table.add(431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'a') + "\r\n\r\n");
    table.add(431, "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(17000, 'a'));
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n", large = many;
    for (int i = 0; i < 100; ++i) many += "X: y\r\n";
    for (int i = 0; i < 40; ++i) large += "X: " + std::string(1000, 'y') + "\r\n";
    table.add(431, many + "\r\n");
    table.add(431, large + "\r\n");
    std::string options = "Connection: a";
    for (int i = 0; i < 32; ++i) options += ",a";
    table.fields(400, {options});
}

}  // namespace

const std::vector<BadHead>& badHeads() {
    static const Table table = [] {
        Table all;
        addRequestLines(all);
        addAgreement(all);
        addLineEnds(all);
        addFieldLines(all);
        addHosts(all);
        addBothFramings(all);
        addCodings(all);
        addLengths(all);
        addLimits(all);
        return all;
    }();
    return table.heads;
}

const std::vector<std::string>& goodHeads() {
    static const std::vector<std::string> heads = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://A:1/ HTTP/1.0\r\n\r\n",
        "\r\n\r\nHEAD /a/b?c HTTP/1.1\r\nHOST:\tA.Example:80 \r\nX-Empty:\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
        "GET http://EXAMPLE.org/x?y HTTP/1.1\r\nHost: example.ORG:80\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nTE: x\r\nConnection: X-Y\r\nx-y: z\r\nA: "
        "b\r\n\r\n",
        "M-SEARCH /%zz?100%&a[]=b HTTP/1.9\r\nHost: a_b.c\r\nCookie: a=b; c=d\r\nRange: bytes=0-1\r\n\r\n",
        "DELETE /x HTTP/1.1\r\nX: \xff\xfe\tb \r\nHost: a\r\nIf-None-Match: \"x\"\r\nAuthorization: x\r\n\r\n",
    };
    return heads;
}

}  // namespace turnpike::http
