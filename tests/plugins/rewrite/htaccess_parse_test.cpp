// What is read of an .htaccess file, and what closes its folder.
#include <gtest/gtest.h>

#include "rewrite/htaccess/lines.h"
#include "rewrite/htaccess/parser.h"

namespace turnpike::rewrite::htaccess {
namespace {

std::string errorOf(const std::string& content) { return parse(content, "F").error; }

TEST(HtaccessLines, AreTakenApartAsApacheDoes) {
    const auto lines = readLines(
        "# comment\n\n  Header set X \"a \\\"b\\\" c\"\r\nRewriteRule ^a\\.b$ \\\n  /c [L]\n<FilesMatch "
        "\"\\.php$\">\n"
        "</FilesMatch>\nX 'it''s' last\\\\one");
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_EQ(lines[0].name, "header");
    EXPECT_EQ(lines[0].shown, "Header");
    EXPECT_EQ(lines[0].arguments, (std::vector<std::string>{"set", "X", "a \"b\" c"}));
    EXPECT_EQ(lines[1].arguments, (std::vector<std::string>{"^a\\.b$", "/c", "[L]"}));
    EXPECT_EQ(lines[1].number, 4u);
    EXPECT_EQ(lines[2].name, "<filesmatch");
    EXPECT_EQ(lines[2].arguments, std::vector<std::string>{"\\.php$"});
    EXPECT_EQ(lines[2].number, 6u);
    EXPECT_EQ(lines[3].name, "</filesmatch");
    EXPECT_EQ(lines[4].arguments, (std::vector<std::string>{"it", "s", "last\\one"}));
}

TEST(HtaccessLines, LeaveWordsOfRulesAsTheyAre) {
    const auto lines = readLines(
        "RewriteCond %{THE_REQUEST} ^[A-Z]+\\ /a\\\\b\\ HTTP \nRewriteRule \"^a b\\\\.c$\" \"/d\" [L] # why\n");
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].arguments, (std::vector<std::string>{"%{THE_REQUEST}", "^[A-Z]+\\ /a\\\\b\\ HTTP"}));
    EXPECT_EQ(lines[1].arguments, (std::vector<std::string>{"^a b\\\\.c$", "/d", "[L]"}));
    EXPECT_THROW(readLines("RewriteRule \"^a b"), Mistake);
}

TEST(HtaccessParser, SaysFileLineAndDirectiveOfWhatItDoesNotKnow) {
    EXPECT_EQ(errorOf("Options -Indexes\n\nFoo bar\n"), "F:3: Foo: is not understood");
    EXPECT_EQ(errorOf("<Directory />\n</Directory>\n"), "F:1: <Directory: is not understood");
}

TEST(HtaccessParser, ClosesWhatItCannotHonour) {
    const std::pair<const char*, const char*> kCases[] = {
        {"AuthType Basic", "AuthType: a password cannot be honoured here"},
        {"AddHandler application/x-httpd-php .html", "that \".html\" is run cannot be honoured"},
        {"AddType application/x-httpd-php .jpg", "that \".jpg\" is run cannot be honoured"},
        {"SetHandler application/x-httpd-php", "SetHandler: the handler"},
        {"SetHandler server-status", "SetHandler: the handler"},
        {"Options +Includes", "there are no server-side includes"},
        {"Options -FollowSymLinks", "links = \"deny\""},
        {"Options +Foo", "\"+Foo\" is not understood"},
        {"Deny from example.org", "names of hosts cannot be asked for"},
        {"Require host example.org", "names of hosts cannot be asked for"},
        {"Require group admin", "\"group admin\" is not understood"},
        {"Require expr %{X} ==", "there is no variable %{X}"},
        {"Require ip 10.0.0.1/8", "has bits set behind its network"},
        {"Header set Content-Length 5", "is written by the server itself"},
        {"Header set X \"%D\"", "only %% and %{NAME}e"},
        {"Header set X 1 expr=maybe", "\"maybe\" is not understood"},
        {"RequestHeader set Host x", "\"Host\" is written by the server itself"},
        {"RequestHeader set X \"%D\"", "only %% and %{NAME}e"},
        {"RewriteRule ^(x /y", "missing closing parenthesis"},
        {"RewriteRule ^x http://y [P]", "the flag P cannot be honoured"},
        {"RewriteRule ^x /y [CO=a:b]", "the flag \"co\" is not understood"},
        {"RewriteRule ^x /y [NC, L]", "has 4 arguments"},
        {"RewriteRule ^x /y L", "flags stand in brackets"},
        {"SetEnvIf X-( a B", "missing closing parenthesis"},
        {"SetEnvIf X a \"B C\"", "is no name of a variable"},
        {"<IfModule mod_auth_basic.c>\nAuthType Basic\n</IfModule>", "AuthType: a password cannot be honoured"},
        {"<IfModule mod_ssl.c>\nSSLVerifyClient require\n</IfModule>", "SSLVerifyClient: is not understood"},
        {"RewriteRule ^x /y [R=200]", "cannot be sent by a rule"},
        {"RewriteRule ^x %{NOTHING}", "there is no variable %{NOTHING}"},
        {"RewriteRule ^x ${map:$1}", "maps"},
        {"RewriteCond %{HTTPS} on", "RewriteCond: no RewriteRule follows"},
        {"RewriteCond expr \"maybe\"\nRewriteRule ^ -", "\"maybe\" is not understood"},
        {"<Files x>\nRewriteRule .* y\n</Files>", "leads to a place below a folder"},
        {"<Files x>\nRewriteRule (.*) $1\n</Files>", "leads to a place below a folder"},
        {"php_value open_basedir /", "the PHP setting \"open_basedir\" cannot be honoured"},
        {"php_value extension x.so", "the PHP setting \"extension\""},
        {"php_value auto_prepend_file /etc/passwd", "the PHP setting \"auto_prepend_file\""},
        {"php_admin_value memory_limit 1G", "is not understood"},
        {"<If \"maybe\">\n</If>", "\"maybe\" is not understood"},
        {"<Else>\n</Else>", "no <If> stands before it"},
        {"<If true>\n</If>\n<Else>\n</Else>\n<Else>\n</Else>", "no <If> stands before it"},
        {"<If true>\n</If>\n<Files x>\n<ElseIf true>\n</ElseIf>\n</Files>", "no <If> stands before it"},
        {"AcceptPathInfo Off", "\"AcceptPathInfo Off\" cannot be honoured"},
        {"FallbackResource index.php", "must begin with \"/\""},
        {"AddOutputFilter INCLUDES .html", "the filter \"includes\" cannot be honoured"},
        {"SetOutputFilter DEFLATE;SUBSTITUTE", "the filter \"substitute\" cannot be honoured"},
        {"FilterProvider X INCLUDES \"%{CONTENT_TYPE} = 'a'\"", "the filter \"includes\""},
        {"<Files x>\nFoo\n</Files>", "F:2: Foo: is not understood"},
        {"<Files x>", "<files> is not closed"},
        {"</Files>", "nothing is open"},
        {"<Files x>\n</IfModule>\n", "closes what <files> has opened"},
        {"<RequireAll>\nHeader set X 1\n</RequireAll>", "does not belong into <requireall>"},
        {"Redirect 301 /x", "needs a path and where it leads"},
        {"Redirect 301 /x javascript:y", "the target must begin with"},
        {"RewriteBase x", "must begin with \"/\""},
        {"Header set X \"open", "a quote is not closed"},
        {"<Files x", "is not closed with \">\""},
    };
    for (const auto& [content, part] : kCases) {
        const std::string error = errorOf(content);
        EXPECT_TRUE(error.starts_with("F:")) << content;
        EXPECT_NE(error.find(part), std::string::npos) << content << " -> " << error;
    }
}

TEST(HtaccessParser, SkipsModulesThatAreNotThere) {
    EXPECT_EQ(errorOf("<IfModule mod_security.c>\nFoo\n<IfModule mod_rewrite.c>\nBar\n</IfModule>\n</IfModule>"),
              "");
    for (const char* module :
         {"mod_rewrite.c", "rewrite_module", "mod_version.c", "mod_php7.c", "mod_negotiation.c"})
        EXPECT_NE(errorOf("<IfModule " + std::string(module) + ">\nFoo\n</IfModule>"), "") << module;
    EXPECT_NE(errorOf("<IfModule !mod_security.c>\nFoo\n</IfModule>"), "");
    EXPECT_EQ(errorOf("<IfVersion < 2.4>\nFoo\n</IfVersion>\n<IfDefine X>\nFoo\n</IfDefine>"), "");
    EXPECT_NE(errorOf("<IfVersion >= 2.4>\nFoo\n</IfVersion>"), "");
}

TEST(HtaccessParser, CountsThePatternsOfExpressions) {
    std::string file;
    for (int i = 0; i < 501; ++i) file += "<If \"'a' =~ /b/ || 'c' !~ /d/\">\n</If>\n";
    EXPECT_NE(errorOf(file).find("one pattern too many"), std::string::npos);
}

TEST(HtaccessParser, TakesWhatTheServerDecidesItself) {
    EXPECT_EQ(
        errorOf("<IfModule mod_deflate.c>\n<IfModule mod_filter.c>\nAddOutputFilterByType DEFLATE text/html \\\n"
                "  text/css\nFilterDeclare COMPRESS\nFilterProvider COMPRESS DEFLATE \"%{CONTENT_TYPE} =~ /x/\"\n"
                "FilterChain COMPRESS\nFilterProtocol COMPRESS DEFLATE change=yes;byteranges=no\n</IfModule>\n"
                "SetOutputFilter DEFLATE\nAddOutputFilter BROTLI_COMPRESS;DEFLATE .js\n</IfModule>\n"
                "AcceptPathInfo On\nDirectorySlash Off\nLimitRequestBody 0\n"
                "<IfModule mod_ssl.c>\nSSLOptions +StdEnvVars\n</IfModule>\n"
                "BrowserMatch \\bMSI[E] !no-gzip !gzip-only-text/html\nExpiresByType text/cache-manifest "
                "\"access\"\nphp_flag suhosin.session.cryptua off\n"),
        "");
}

TEST(HtaccessParser, TakesWhatHasNoEffect) {
    EXPECT_EQ(errorOf("FileETag None\nServerSignature Off\nIndexOptions FancyIndexing\nAddLanguage de .de\n"
                      "Options -MultiViews +FollowSymLinks\nphp_flag magic_quotes_gpc off\n"
                      "AddHandler application/x-httpd-ea-php74 .php .phtml\n"),
              "");
    EXPECT_EQ(
        errorOf("<FilesMatch \\.php$>\nSetHandler \"proxy:unix:/run/php.sock|fcgi://localhost\"\n</FilesMatch>\n"),
        "");
}

}  // namespace
}  // namespace turnpike::rewrite::htaccess
