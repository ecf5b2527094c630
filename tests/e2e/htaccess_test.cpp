// Sites of applications that bring .htaccess files, with each way to run PHP: what their scripts see and what is
// kept from visitors.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "php_site.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

struct Php {
    const char* name;
    const char* route;
    bool (*is_here)();
    bool takes_settings = true;  // php_value and php_flag
};
const Php kPhps[] = {{"Fpm", "plugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 1\n", hasPhpFpm},
                     {"Embedded", "plugin = \"php\"\nchildren = 1\n", hasEmbeddedPhp},
                     {"Cgi",
                      "plugin = \"cgi\"\ninterpreter = [\"/usr/bin/php-cgi\"]\nsuffixes = [\".php\"]\n"
                      "env = { REDIRECT_STATUS = \"200\" }\npass_authorization = true\n",
                      [] { return ::access("/usr/bin/php-cgi", X_OK) == 0; }, false}};

// "REQUEST_URI|SCRIPT_NAME|QUERY_STRING|HTTP_AUTHORIZATION|upload_max_filesize|html_errors"
constexpr const char* kTeller =
    "<?php while (ob_get_level() > 0) ob_end_clean(); echo $_SERVER['REQUEST_URI'], '|', $_SERVER['SCRIPT_NAME'], "
    "'|', $_SERVER['QUERY_STRING'], '|', $_SERVER['HTTP_AUTHORIZATION'] ?? '', '|', "
    "ini_get('upload_max_filesize'), '|', ini_get('html_errors');";

class HtaccessSite : public ::testing::TestWithParam<Php> {
 protected:
    void SetUp() override {
        if (!GetParam().is_here()) GTEST_SKIP() << "PHP is not installed in this way (php-fpm, libphp-embed)";
        write("index.php", kTeller);
        ::chmod(server.folder().path().c_str(), 0755);
        server.setup.workers = 1;
    }
    void write(const std::string& name, const std::string& text) { server.folder().write("public/" + name, text); }
    /// `routes`: of PHP, after keys of their own.
    void start(const std::string& routes = "") {
        server.setup.sites = phpSite(routes + GetParam().route,
                                     "index = [\"index.php\", \"index.html\"]\n"
                                     "[[site.hook]]\nplugin = \"rewrite\"\nhtaccess = true\n");
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    std::string body(const std::string& target, const std::string& fields = "") const {
        return get(server.port(), target, fields).body;
    }
    int status(const std::string& target) const { return get(server.port(), target).status; }

    Turnpike server;
};

TEST_P(HtaccessSite, IsWordPresss) {
    const bool takes = GetParam().takes_settings;
    const std::string settings = takes ? "64M|0" : "2M|1";
    write(".htaccess",
          "# BEGIN WordPress\n<IfModule mod_rewrite.c>\nRewriteEngine On\n"
          "RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\nRewriteBase /\n"
          "RewriteRule ^index\\.php$ - [L]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
          "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule . /index.php [L]\n</IfModule>\n# END WordPress\n"
          "<Files xmlrpc.php>\nOrder deny,allow\nDeny from all\n</Files>\n" +
              std::string(takes ? "php_value upload_max_filesize 64M\nphp_flag html_errors off\n" : ""));
    write("xmlrpc.php", "<?php echo 'RUN';");
    write("wp-admin/index.php", "<?php echo 'admin';");
    write("wp-content/uploads/a.txt", "FILE");
    write("wp-content/uploads/x.php", "<?php /* SOURCE */ echo 'RUN';");
    write("wp-content/uploads/.htaccess",
          "<FilesMatch \"\\.(?i:php|phtml)$\">\nRequire all denied\n</FilesMatch>\n");
    start();
    EXPECT_EQ(body("/"), "/|/index.php|||" + settings);
    EXPECT_EQ(body("/2024/05/hello/?p=1", "Authorization: Basic eDp5\r\n"),
              "/2024/05/hello/?p=1|/index.php|p=1|Basic eDp5|" + settings);
    EXPECT_EQ(body("/wp-admin/"), "admin");
    EXPECT_EQ(body("/wp-content/uploads/a.txt"), "FILE");
    for (const char* target : {"/xmlrpc.php", "/xmlrpc.php/x", "/wp-content/uploads/x.php"})
        EXPECT_EQ(status(target), 403) << target;
}

TEST_P(HtaccessSite, IsDrupals) {
    write(".htaccess",
          "<FilesMatch \"\\.(engine|inc|install|module|theme|twig|yml)$|^(composer\\.(json|lock))$\">\n"
          "<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n<IfModule !mod_authz_core.c>\n"
          "Order allow,deny\n</IfModule>\n</FilesMatch>\nOptions -Indexes\nDirectoryIndex index.php index.html\n"
          "<IfModule mod_rewrite.c>\nRewriteEngine on\nRewriteRule \"/\\.|^\\.(?!well-known/)\" - [F]\n"
          "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
          "RewriteCond %{REQUEST_URI} !=/favicon.ico\nRewriteRule ^ index.php [L]\n</IfModule>\n"
          "<IfModule mod_headers.c>\nHeader always set X-Content-Type-Options nosniff\n</IfModule>\n");
    write("sites/default/files/.htaccess",
          "Options -Indexes -ExecCGI -Includes -MultiViews\n"
          "SetHandler Drupal_Security_Do_Not_Remove_See_SA_2006_006\n<Files *>\n"
          "SetHandler Drupal_Security_Do_Not_Remove_See_SA_2013_003\n</Files>\n"
          "<IfModule mod_php.c>\nphp_flag engine off\n</IfModule>\n");
    write("sites/default/files/x.php", "<?php /* SOURCE */ echo 'RUN';");
    write("sites/default/files/index.php", "<?php /* SOURCE */ echo 'RUN';");
    write("sites/default/files/a.txt", "FILE");
    write("vendor/.htaccess", "Require all denied\n");
    write("vendor/autoload.php", "<?php echo 'RUN';");
    write("core/core.services.yml", "SECRET");
    start();
    EXPECT_EQ(body("/node/1?page=2"), "/node/1?page=2|/index.php|page=2||2M|1");
    EXPECT_EQ(body("/sites/default/files/a.txt"), "FILE");
    EXPECT_EQ(get(server.port(), "/").field("x-content-type-options"), "nosniff");
    for (const char* target : {"/sites/default/files/x.php", "/sites/default/files/", "/vendor/autoload.php",
                               "/core/core.services.yml", "/.git/config"})
        EXPECT_EQ(status(target), 403) << target << body(target);
}

TEST_P(HtaccessSite, AnswersErrorsByItsOwnPageAndSaysWhatAScriptMisses) {
    write(".htaccess", "ErrorDocument 404 /missing.php\nHeader set X-Frame-Options DENY\n");
    write("missing.php", "<?php echo 'not here: ', $_SERVER['REQUEST_URI'];");
    write("own.php", "<?php http_response_code(404); echo 'own';");
    start();
    const Answer missing = get(server.port(), "/none");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body, "not here: /none");
    const Answer own = get(server.port(), "/own.php");
    EXPECT_EQ(own.status, 404);
    EXPECT_EQ(own.body, "own");
    EXPECT_EQ(own.field("x-frame-options"), "DENY");
}

TEST_P(HtaccessSite, IsClosedWhereAFileSaysMoreThanIsUnderstood) {
    write("shop/.htaccess", "Options -Indexes\nphp_value open_basedir /\n");
    write("shop/index.php", "<?php echo 'RUN';");
    start();
    EXPECT_EQ(status("/shop/"), 500);
    EXPECT_EQ(status("/"), 200);
    EXPECT_TRUE(
        server.waitForLog("/public/shop/.htaccess:2: php_value: the PHP setting \"open_basedir\" cannot be "
                          "honoured here"));
}

TEST_P(HtaccessSite, SetsPhpUpOrRunsNothing) {
    write("limited/.htaccess", "php_value upload_max_filesize 1M\n");
    write("limited/index.php", kTeller);
    write("limited/a.txt", "FILE");
    write("limited/other.cgi", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nnot PHP'\n");
    ::chmod(server.path("public/limited/other.cgi").c_str(), 0755);
    start(GetParam().route + std::string("[[site.route]]\nsuffix = \".cgi\"\nplugin = \"cgi\"\n"
                                         "[[site.route]]\nprefix = \"/unused/\"\n"));
    EXPECT_EQ(body("/limited/other.cgi"), "not PHP") << "it takes no settings of PHP's anyway";
    const Answer answer = get(server.port(), "/limited/");
    EXPECT_EQ(get(server.port(), "/limited/a.txt").body, "FILE");
    EXPECT_EQ(status("/"), 200);
    if (GetParam().takes_settings) {
        EXPECT_EQ(answer.body, "/limited/|/limited/index.php|||1M|1");
    } else {
        EXPECT_EQ(answer.status, 500);
        EXPECT_TRUE(server.waitForLog("/limited/index.php: php_value or php_flag of a .htaccess file"));
    }
}

// "/name" for name.php, and folders whose page PHP itself finds: what is run is asked about under its own name.
TEST_P(HtaccessSite, KeepsScriptsThatARouteFindsFromBeingRun) {
    write(".htaccess", "<Files secret.php>\nRequire all denied\n</Files>\n");
    write("secret.php", "<?php echo 'RUN';");
    write("open.php", "<?php echo 'open ', $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['REQUEST_URI'];");
    write("up/.htaccess", "php_flag engine off\n");
    write("up/index.php", "<?php echo 'RUN';");
    write("sub/index.php", kTeller);
    start(GetParam().route + ("[[site.route]]\nprefix = \"/up/\"\n" + std::string(GetParam().route)) +
          "[[site.route]]\nprefix = \"/sub/\"\n" + GetParam().route +
          "[[site.route]]\ntry = [\"$path\", \"$path.php\", \"=404\"]\n");
    EXPECT_EQ(body("/open?a=b"), "open /open.php /open?a=b");
    EXPECT_EQ(body("/sub/?a=b").substr(0, 26), "/sub/?a=b|/sub/index.php|a");
    for (const char* target : {"/secret", "/secret.php", "/up/", "/up/index"})
        EXPECT_EQ(status(target), 403) << target << body(target);
    EXPECT_EQ(status("/none"), 404);
}

INSTANTIATE_TEST_SUITE_P(With, HtaccessSite, ::testing::ValuesIn(kPhps),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace turnpike::e2e
