// What a program gets: its command line, its environment, its body, its descriptors.
#include <set>
#include <sstream>

#include "command.h"
#include "fixture.h"

namespace turnpike::cgi {
namespace {

class CgiRequest : public CgiTest {
 protected:
    std::set<std::string> lines(const fake::Request& request) {
        std::set<std::string> all;
        std::istringstream text(request.text());
        for (std::string line; std::getline(text, line);) all.insert(line);
        return all;
    }
};

TEST_F(CgiRequest, HandsOverACleanEnvironment) {
    host.setMap("env", {{"APP_MODE", "test"}});
    load();
    ::setenv("HTTP_PROXY", "http://evil.example", 1);
    ::setenv("LD_PRELOAD_LIKE", "leaked", 1);
    auto& request = host.get("/cgi-bin/env/info?a=b").field("X-Seen", "yes").field("Proxy", "http://evil.example");
    request.field("X_Spoofed", "1").field("Authorization", "Basic c2VjcmV0");
    finish(request);
    std::set<std::string> names;
    for (const std::string& line : lines(request)) names.insert(line.substr(0, line.find('=')));
    const std::set<std::string> expected = {
        "APP_MODE",    "DOCUMENT_ROOT",   "DOCUMENT_URI",    "GATEWAY_INTERFACE", "HTTP_X_SEEN",
        "PATH_INFO",   "QUERY_STRING",    "REDIRECT_STATUS", "REMOTE_ADDR",       "REMOTE_HOST",
        "REMOTE_PORT", "REQUEST_METHOD",  "REQUEST_SCHEME",  "REQUEST_TIME",      "REQUEST_TIME_FLOAT",
        "REQUEST_URI", "SCRIPT_FILENAME", "SCRIPT_NAME",     "SERVER_ADDR",       "SERVER_NAME",
        "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "PATH_TRANSLATED"};
    EXPECT_EQ(names, expected);
    EXPECT_EQ(lines(request).count("SCRIPT_NAME=/cgi-bin/env"), 1u);
    EXPECT_EQ(lines(request).count("PATH_INFO=/info"), 1u);
    EXPECT_EQ(lines(request).count("APP_MODE=test"), 1u);
}

TEST_F(CgiRequest, PassesAuthorizationOnlyWhereConfigured) {
    host.set("pass_authorization", "true");
    load();
    auto& request = host.get("/cgi-bin/env").field("Authorization", "Basic c2VjcmV0");
    finish(request);
    EXPECT_EQ(lines(request).count("HTTP_AUTHORIZATION=Basic c2VjcmV0"), 1u);
}

TEST_F(CgiRequest, LeavesExactlyThreeDescriptorsOpen) {
    load();
    EXPECT_EQ(get("/cgi-bin/fds").text(), "0 1 2 ");
    auto& post = host.request("POST", "/cgi-bin/fds").body("in memory");
    finish(post);
    EXPECT_EQ(post.text(), "0 1 2 ");
    auto& file = host.request("POST", "/cgi-bin/fds").body("in a file").spoolToFile();
    finish(file);
    EXPECT_EQ(file.text(), "0 1 2 ");
}

TEST_F(CgiRequest, GivesTheWholeBodyAndItsExactLength) {
    load();
    const std::string large(300000, 'x');
    for (bool is_file : {false, true}) {
        for (const std::string& body : {std::string("a=1&b=2"), std::string(1, '\0'), large}) {
            auto& request = host.request("POST", "/cgi-bin/echo.cgi").body(body);
            if (is_file) request.spoolToFile();
            finish(request);
            EXPECT_EQ(request.text(), body);
            EXPECT_EQ(request.field("x-length"), std::to_string(body.size()));
        }
    }
}

TEST_F(CgiRequest, CountsABodyThatCameWithoutALength) {
    load();
    auto& request = host.request("POST", "/cgi-bin/echo.cgi").part("one ").part("two");
    host.begin(request);
    host.settle();
    EXPECT_EQ(host.processes.started(), 0u) << "it must not run before its body is there";
    request.end();
    finish(request);
    EXPECT_EQ(request.text(), "one two");
    EXPECT_EQ(request.field("x-length"), "7");
}

TEST_F(CgiRequest, EndsTheInputOfAProgramWithoutABody) {
    load();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(get("/cgi-bin/echo.cgi").text(), "");
}

TEST_F(CgiRequest, LetsAProgramIgnoreItsBody) {
    load();
    auto& request = host.request("POST", "/cgi-bin/ignores_body.cgi").body(std::string(300000, 'x'));
    finish(request);
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.text(), "not read");
}

TEST_F(CgiRequest, StartsNothingWhenTheBodyCannotBeTaken) {
    load();
    auto& request = host.request("POST", "/cgi-bin/echo.cgi").body("too large").spoolFails(413);
    finish(request);
    EXPECT_EQ(request.status(), 413u);
    EXPECT_EQ(host.processes.started(), 0u);
}

TEST_F(CgiRequest, RunsInTheScriptsFolder) {
    load();
    EXPECT_EQ(get("/cgi-bin/where.cgi").text(), std::string(CGI_SITE) + "/cgi-bin\n");
}

TEST_F(CgiRequest, RunsTheInterpreterThatIsConfigured) {
    host.setList("interpreter", {"/bin/sh"}).setList("suffixes", {".txt"});
    load();
    EXPECT_EQ(get("/cgi-bin/script.txt").text(), std::string("run by sh: ") + CGI_SITE + "/cgi-bin/script.txt");
    EXPECT_TRUE(get("/cgi-bin/hello").declined()) << "not one of the suffixes";
    EXPECT_EQ(host.processes.started(), 1u);
}

/// One program for all that is below a prefix, wherever it lies.
class CgiProgram : public CgiRequest {
 protected:
    void loadProgram(const std::string& name) {
        host.site.root = "/nowhere";
        host.set("program", std::string(CGI_SITE) + "/cgi-bin/" + name);
        load();
    }
    fake::Request& getBelow(const std::string& prefix, const std::string& target) {
        fake::Request& request = host.get(target).routePrefix(prefix);
        finish(request);
        return request;
    }
};

TEST_F(CgiProgram, AnswersEverythingBelowThePrefix) {
    loadProgram("env");
    for (const char* prefix : {"/app", "/app/"}) {
        std::set<std::string> all = lines(getBelow(prefix, "/app/a.git/.x~/?q=1"));
        EXPECT_EQ(all.count("SCRIPT_NAME=/app"), 1u) << prefix;
        EXPECT_EQ(all.count("PATH_INFO=/a.git/.x~/"), 1u) << prefix;
        EXPECT_EQ(all.count("SCRIPT_FILENAME=" CGI_SITE "/cgi-bin/env"), 1u) << prefix;
    }
    EXPECT_EQ(lines(getBelow("/app", "/app")).count("SCRIPT_NAME=/app"), 1u);
    EXPECT_TRUE(getBelow("/app", "/apple").declined()) << "another name";
}

TEST_F(CgiProgram, RunsInItsFolder) {
    loadProgram("where.cgi");
    EXPECT_EQ(getBelow("/app", "/app/x/y").text(), std::string(CGI_SITE) + "/cgi-bin\n");
}

TEST_F(CgiProgram, IsRunByTheInterpreter) {
    host.setList("interpreter", {"/bin/sh"});
    loadProgram("script.txt");
    EXPECT_EQ(getBelow("/app", "/app").text(), std::string("run by sh: ") + CGI_SITE + "/cgi-bin/script.txt");
}

TEST_F(CgiProgram, WritesTheWholeAnswerItselfWhenItsNameSaysSo) {
    loadProgram("nph-whole.cgi");
    EXPECT_EQ(getBelow("/app", "/app/x").status(), 203u);
}

TEST_F(CgiProgram, NeedsNoRoot) {
    host.set("program", CGI_SITE "/cgi-bin/hello");
    host.site.root = "";
    load();
    EXPECT_EQ(getBelow("/", "/x").text(), "hello\n");
}

TEST_F(CgiProgram, IsNamedInTheLog) {
    loadProgram("complains.cgi");
    getBelow("/app", "/app/x");
    EXPECT_EQ(host.lines().at(0).text, "/app: first complaint");
    getBelow("/", "/x");
    EXPECT_EQ(host.lines().back().text, CGI_SITE "/cgi-bin/complains.cgi: second without an end");
}

TEST_F(CgiProgram, IsNamedWhenItIsMissing) {
    loadProgram("missing");
    fake::Request& request = getBelow("/", "/x");
    EXPECT_EQ(request.failedWith(), 502u);
    EXPECT_EQ(request.cause(), CGI_SITE
              "/cgi-bin/missing: cannot be started: No such file or directory: it is missing, "
              "or its first line names an interpreter that is, or ends in CR LF");
}

TEST_F(CgiRequest, DeclinesWhatIsNoScript) {
    load();
    EXPECT_TRUE(get("/cgi-bin/missing").declined());
    EXPECT_TRUE(get("/cgi-bin/").declined());
    EXPECT_TRUE(get("/cgi-bin").declined());
    EXPECT_EQ(host.processes.started(), 0u);
}

TEST_F(CgiRequest, RefusesAFileThatIsNotExecutable) {
    load();
    auto& request = get("/cgi-bin/plain.txt");
    EXPECT_EQ(request.status(), 403u);
    EXPECT_NE(request.cause().find("/cgi-bin/plain.txt: not executable"), std::string::npos) << request.cause();
    EXPECT_EQ(host.processes.started(), 0u);
}

TEST_F(CgiRequest, NeverPassesTheQueryAsArgumentsByDefault) {
    load();
    EXPECT_EQ(get("/cgi-bin/args.cgi?-s").text(), "0:");
    EXPECT_EQ(get("/cgi-bin/args.cgi?one+two").text(), "0:");
}

TEST_F(CgiRequest, PassesAnIndexedQueryWhereConfigured) {
    host.set("indexed_query", "true");
    load();
    EXPECT_EQ(get("/cgi-bin/args.cgi?one+t%77o").text(), "2:[one][two]");
    EXPECT_EQ(get("/cgi-bin/args.cgi?a=b").text(), "0:");
    EXPECT_EQ(get("/cgi-bin/args.cgi?-s").text(), "0:");
    EXPECT_EQ(get("/cgi-bin/args.cgi?%2ds").text(), "0:");
}

TEST(IndexedQuery, IsOnlyWhatRfc3875Says) {
    struct Case {
        const char* query;
        int method;
        std::vector<std::string> words;
    };
    const Case cases[] = {
        {"a", TP_METHOD_GET, {"a"}},
        {"a+b%20c", TP_METHOD_HEAD, {"a", "b c"}},
        {"", TP_METHOD_GET, {}},
        {"a=b", TP_METHOD_GET, {}},
        {"a", TP_METHOD_POST, {}},
        {"a%00b", TP_METHOD_GET, {}},
        {"a%zz", TP_METHOD_GET, {}},
        {"a%2", TP_METHOD_GET, {}},
        {"a+--x", TP_METHOD_GET, {}},
        {"a%3db", TP_METHOD_GET, {"a=b"}},
        {"a++b", TP_METHOD_GET, {"a", "", "b"}},
    };
    for (const Case& c : cases) {
        tp_request_view view{};
        view.method_id = c.method;
        view.query = str(c.query);
        EXPECT_EQ(indexedWords(view), c.words) << c.query;
    }
}

}  // namespace
}  // namespace turnpike::cgi
