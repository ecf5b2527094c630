// <If>, Require expr, RewriteCond expr and "expr=" of Header: Apache's expressions.
#include "htaccess_fixture.h"
#include "rewrite/htaccess/expression.h"

namespace turnpike::rewrite {
namespace {

class ExpressionTest : public HtaccessTest {
 protected:
    /// Whether the expression held for that request.
    bool holds(const std::string& expression, fake::Request& request) {
        if (!is_loaded_) load("");
        is_loaded_ = true;
        folder.write(".htaccess", "<If \"" + expression + "\">\nHeader always set X-If yes\n</If>\n");
        host.folders.change(folder.path(), ".htaccess");
        send(request);
        EXPECT_EQ(request.status(), 200u) << expression << " " << request.cause();
        return request.field("x-if") == "yes";
    }
    bool holds(const std::string& expression, const std::string& target = "/a.txt?v=1") {
        return holds(expression, host.get(target).field("User-Agent", "Bot/2.0"));
    }

 private:
    bool is_loaded_ = false;
};

TEST_F(ExpressionTest, ComparesTexts) {
    EXPECT_TRUE(holds("%{REQUEST_URI} == '/a.txt'"));
    EXPECT_FALSE(holds("%{REQUEST_URI} != '/a.txt'"));
    EXPECT_TRUE(holds("%{QUERY_STRING} =~ /(^|&)v=/"));
    EXPECT_TRUE(holds("%{REQUEST_URI} =~ m#^/A\\.TXT$#i"));
    EXPECT_FALSE(holds("%{REQUEST_URI} =~ m#^/A\\.TXT$#"));
    EXPECT_TRUE(holds("%{HTTP_USER_AGENT} !~ /Mozilla/"));
    EXPECT_TRUE(holds("%{HTTP:User-Agent} =~ m|^Bot/|"));
    EXPECT_TRUE(holds("req('User-Agent') == 'Bot/2.0'"));
    EXPECT_TRUE(holds("'a' < 'b' && 'b' >= 'b'"));
    EXPECT_TRUE(holds("%{REQUEST_METHOD} . '-' . %{QUERY_STRING} == 'GET-v=1'"));
    EXPECT_TRUE(holds("'%{REQUEST_METHOD} it' == 'GET it'"));
    EXPECT_TRUE(holds("%{REQUEST_METHOD} in { 'HEAD', 'GET' }"));
    EXPECT_FALSE(holds("%{REQUEST_METHOD} in { 'PUT' }"));
    EXPECT_TRUE(holds("%{request_method} = 'GET'")) << "names of variables have no case";
}

TEST_F(ExpressionTest, ComparesNumbersAddressesAndTheDisk) {
    folder.write("a.txt", "x");
    EXPECT_TRUE(holds("10 -gt 9 && 9 lt 10 && '10' -eq 10"));
    EXPECT_FALSE(holds("10 -lt 9"));
    EXPECT_TRUE(holds("-n %{QUERY_STRING} && -z %{HTTP_REFERER}"));
    EXPECT_TRUE(holds("-f %{REQUEST_FILENAME} && !(-d %{REQUEST_FILENAME}) && -s '%{DOCUMENT_ROOT}/a.txt'"));
    EXPECT_TRUE(holds("-R '10.0.0.0/8'", host.get("/a.txt").remote("10.1.2.3", 1)));
    EXPECT_FALSE(holds("-R '10.0.0.0/8'", host.get("/a.txt").remote("11.1.2.3", 1)));
    EXPECT_TRUE(holds("%{REMOTE_ADDR} -ipmatch '192.168'", host.get("/a.txt").remote("192.168.7.7", 1)));
}

TEST_F(ExpressionTest, JoinsThem) {
    EXPECT_TRUE(holds("true"));
    EXPECT_FALSE(holds("false"));
    EXPECT_TRUE(holds("false || true && !false"));
    EXPECT_FALSE(holds("(false || true) && false"));
    EXPECT_TRUE(holds("!(false && true)"));
    EXPECT_TRUE(holds("!false && (%{HTTPS} != 'on' || false)"));
}

TEST_F(ExpressionTest, GoesThroughElseIfAndElse) {
    load(
        "<If \"%{REQUEST_URI} == '/a'\">\nHeader set X-Way a\n</If>\n"
        "<ElseIf \"%{REQUEST_URI} =~ m#^/[ab]#\">\nHeader set X-Way b\n</ElseIf>\n"
        "<Else>\nHeader set X-Way other\n</Else>\n"
        "<FilesMatch \"\\.css$\">\n<If \"%{QUERY_STRING} =~ /v=/\">\nHeader set X-Css kept\n</If>\n"
        "<Else>\nHeader set X-Css short\n</Else>\n</FilesMatch>\n");
    for (const auto& [target, way] : {std::pair("/a", "a"), {"/b", "b"}, {"/c", "other"}})
        EXPECT_EQ(get(target).field("x-way"), way) << target;
    EXPECT_EQ(get("/x.css?v=2").field("x-css"), "kept");
    EXPECT_EQ(get("/x.css").field("x-css"), "short");
    EXPECT_EQ(get("/x.txt").field("x-css"), "");
}

TEST_F(ExpressionTest, ComesBehindSectionsForFiles) {
    load(
        "<If \"%{REQUEST_URI} =~ m#\\.(sql|log)$#\">\nRequire all denied\n</If>\n"
        "<Files *>\nRequire all granted\n</Files>\n");
    EXPECT_EQ(status("/x.sql"), 403u);
    EXPECT_EQ(status("/x.css"), 200u);
}

TEST_F(ExpressionTest, IsAskedByRequireAndRules) {
    folder.write("expr/.htaccess", "Require expr %{HTTP_USER_AGENT} != 'Bad'\n");
    folder.write("quoted/.htaccess", "Require expr \"%{HTTP_USER_AGENT} == 'Good'\"\n");
    folder.write(
        "not/.htaccess",
        "<RequireAll>\nRequire all granted\nRequire not expr \"%{HTTP_USER_AGENT} =~ /Bad/\"\n</RequireAll>\n");
    folder.write("rule/.htaccess",
                 "RewriteEngine On\nRewriteCond expr \"%{HTTP_USER_AGENT} =~ /Bad/\"\nRewriteRule .* - [F]\n");
    load("");
    const auto from = [&](const char* target, const char* agent) {
        return send(host.get(target).field("User-Agent", agent)).status();
    };
    for (const char* target : {"/expr/x", "/quoted/x", "/not/x", "/rule/x"}) {
        EXPECT_EQ(from(target, "Bad"), 403u) << target;
        EXPECT_EQ(from(target, "Good"), 200u) << target;
    }
}

TEST_F(ExpressionTest, SeesTheAnswerInHeader) {
    load(
        "Header always set X-Frame-Options DENY \"expr=%{CONTENT_TYPE} =~ m#text/html#i\"\n"
        "Header merge Cache-Control immutable \"expr=%{resp:Cache-Control} == 'max-age=9'\"\n"
        "Header set X-Not 1 expr=false\n");
    fake::Request& page = host.get("/a");
    host.run(
        page.content(200, {{"content-type", "text/html; charset=utf-8"}, {"cache-control", "max-age=9"}}, "x"));
    EXPECT_EQ(page.field("x-frame-options"), "DENY");
    EXPECT_EQ(page.field("cache-control"), "max-age=9, immutable");
    EXPECT_EQ(page.field("x-not"), "");
    fake::Request& image = host.get("/a");
    host.run(image.content(200, {{"content-type", "image/png"}, {"cache-control", "max-age=8"}}, "x"));
    EXPECT_EQ(image.field("x-frame-options"), "");
    EXPECT_EQ(image.field("cache-control"), "max-age=8");
}

TEST_F(ExpressionTest, IsBoundedInWhatItTries) {
    const std::string slow = "%{HTTP_USER_AGENT} =~ /^(a|aa|a?)+$/";
    folder.write("if/.htaccess",
                 "<If \"" + slow + "\">\nHeader set X 1\n</If>\n<Else>\nRequire all granted\n</Else>\n");
    folder.write("not/.htaccess", "<RequireNone>\nRequire expr \"" + slow + "\"\n</RequireNone>\n");
    folder.write("header/.htaccess", "Header set X 1 \"expr=" + slow + "\"\n");
    load("");
    const auto asked = [&](const char* target) -> fake::Request& {
        return send(host.get(target).field("User-Agent", std::string(3000, 'a') + "b"));
    };
    EXPECT_EQ(asked("/if/x").status(), 500u);
    EXPECT_EQ(asked("/not/x").status(), 500u) << "not known is neither in nor out";
    EXPECT_EQ(asked("/header/x").field("x"), "");
}

TEST(HtaccessExpression, SaysWhatItDoesNotUnderstand) {
    const std::pair<const char*, const char*> kCases[] = {
        {"", "ends too early"},
        {"%{NOTHING} == 'a'", "there is no variable %{NOTHING}"},
        {"file('/etc/passwd') == 'a'", "the function \"file\" is not understood"},
        {"%{osenv:HOME} == 'a'", "the function \"osenv\" is not understood"},
        {"-F '/x'", "the test \"-F\" is not understood"},
        {"'a' -strmatch 'b'", "the test \"strmatch\" is not understood"},
        {"'a' == '$1'", "groups of patterns"},
        {"'a' =~ /b/x", "the flags \"x\""},
        {"'a' =~ /b", "a pattern is not closed"},
        {"'a' =~ /(b/", "missing closing parenthesis"},
        {"('a' == 'b'", "\"(\" is not closed"},
        {"'a' == 'b' 'c'", "\"'c'\" is not understood"},
        {"'a' == \"b", "a quote is not closed"},
        {"'a'", "the test \"\" is not understood"},
        {"-R %{REMOTE_ADDR}", "an address that stands there"},
        {"-R 'example.org'", "names of hosts"},
        {"((((((((((((((((((true))))))))))))))))))", "too deep"},
    };
    for (const auto& [text, part] : kCases) {
        std::string why;
        try {
            htaccess::Expression expression(text);
        } catch (const std::invalid_argument& wrong) {
            why = wrong.what();
        }
        EXPECT_NE(why.find(part), std::string::npos) << text << " -> " << why;
    }
}

}  // namespace
}  // namespace turnpike::rewrite
