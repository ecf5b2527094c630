// Files as well-known applications ship them, in words of our own, and those that are installed on this machine.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "htaccess_fixture.h"
#include "rewrite/htaccess/parser.h"

namespace turnpike::rewrite {
namespace {

TEST_F(HtaccessTest, UnderstandsWordPress) {
    folder.write("index.php", "x");
    folder.write("wp-login.php", "x");
    folder.write("wp-content/uploads/a.png", "x");
    load(
        "# BEGIN WordPress\n<IfModule mod_rewrite.c>\nRewriteEngine On\n"
        "RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\nRewriteBase /\n"
        "RewriteRule ^index\\.php$ - [L]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
        "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule . /index.php [L]\n</IfModule>\n# END WordPress\n");
    fake::Request& request = send(host.get("/2024/05/post/?p=1").field("Authorization", "Basic eA=="));
    EXPECT_EQ(request.redirects(), std::vector<std::string>{"/index.php?p=1"});
    EXPECT_EQ(variable(request, "HTTP_AUTHORIZATION"), "Basic eA==");
    for (const char* target : {"/wp-login.php?a=b", "/wp-content/uploads/a.png", "/index.php", "/wp-content/"})
        EXPECT_EQ(rewritten(target), "") << target;
}

TEST_F(HtaccessTest, UnderstandsLaravel) {
    folder.write("index.php", "x");
    folder.write("css/app.css", "x");
    load(
        "<IfModule mod_rewrite.c>\n<IfModule mod_negotiation.c>\nOptions -MultiViews -Indexes\n</IfModule>\n"
        "RewriteEngine On\nRewriteCond %{HTTP:Authorization} .\n"
        "RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\n"
        "RewriteCond %{HTTP:x-xsrf-token} .\nRewriteRule .* - [E=HTTP_X_XSRF_TOKEN:%{HTTP:X-XSRF-Token}]\n"
        "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_URI} (.+)/$\nRewriteRule ^ %1 [L,R=301]\n"
        "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n"
        "</IfModule>\n");
    EXPECT_EQ(rewritten("/users/7?tab=a"), "/index.php?tab=a");
    EXPECT_EQ(location("/users/7/?tab=a"), "/users/7?tab=a");
    EXPECT_EQ(rewritten("/css/app.css"), "");
    EXPECT_EQ(get("/css/").status(), 403u) << "-Indexes";
    EXPECT_EQ(variable(send(host.get("/x").field("X-XSRF-Token", "t")), "HTTP_X_XSRF_TOKEN"), "t");
}

constexpr const char* kSymfony =
    "DirectoryIndex index.php\n<IfModule mod_negotiation.c>\nOptions -MultiViews\n</IfModule>\n"
    "<IfModule mod_rewrite.c>\nOptions +SymLinksIfOwnerMatch\nRewriteEngine On\n"
    "RewriteCond %{REQUEST_URI}::$0 ^(/.+)/(.*)::\\2$\nRewriteRule .* - [E=BASE:%1]\n"
    "RewriteCond %{HTTP:Authorization} .+\nRewriteRule ^ - [E=HTTP_AUTHORIZATION:%0]\n"
    "RewriteCond %{ENV:REDIRECT_STATUS} =\"\"\n"
    "RewriteRule ^index\\.php(?:/(.*)|$) %{ENV:BASE}/$1 [R=301,L]\n"
    "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ %{ENV:BASE}/index.php [L]\n</IfModule>\n"
    "<IfModule !mod_rewrite.c>\n<IfModule mod_alias.c>\nRedirectMatch 307 ^/$ "
    "/index.php/\n</IfModule>\n</IfModule>\n";

TEST_F(HtaccessTest, UnderstandsSymfony) {
    folder.write("index.php", "x");
    folder.write("build/app.css", "x");
    load(kSymfony);
    EXPECT_EQ(rewritten("/product/3?a=b"), "/index.php?a=b");
    EXPECT_EQ(location("/index.php/product/3?a=b"), "/product/3?a=b");
    EXPECT_EQ(rewritten("/build/app.css"), "");
    EXPECT_EQ(rewritten("/"), "/index.php");
    EXPECT_EQ(get("/product/3").status(), 200u) << "the second time round nobody is sent elsewhere";
    EXPECT_EQ(variable(send(host.get("/x").field("Authorization", "Bearer t")), "HTTP_AUTHORIZATION"), "Bearer t");
}

TEST_F(HtaccessTest, UnderstandsSymfonyInAFolder) {
    folder.write("sub/index.php", "x");
    folder.write("sub/.htaccess", kSymfony);
    load("");
    EXPECT_EQ(rewritten("/sub/product/3"), "/sub/index.php");
}

TEST_F(HtaccessTest, UnderstandsDrupal) {
    for (const char* name :
         {"index.php", "core/install.php", "core/lib/Drupal.php", "update.php", "modules/x.module"})
        folder.write(name, "x");
    load(
        "<FilesMatch "
        "\"\\.(engine|inc|install|module|.*sql|theme|twig|tpl(\\.php)?|yml)(~|\\.sw[op]|\\.bak)?$|^(\\.(?!well-"
        "known).*"
        "|composer\\.(json|lock)|web\\.config)$|^#.*#$|\\.php(~|\\.bak)$\">\n"
        "<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n<IfModule !mod_authz_core.c>\n"
        "Order allow,deny\n</IfModule>\n</FilesMatch>\nOptions -Indexes\nDirectoryIndex index.php index.html\n"
        "AddType image/svg+xml svg svgz\nAddEncoding gzip svgz\n<IfModule mod_expires.c>\nExpiresActive On\n"
        "ExpiresDefault A1209600\n<FilesMatch \\.php$>\nExpiresActive Off\n</FilesMatch>\n</IfModule>\n"
        "<IfModule mod_rewrite.c>\nRewriteEngine on\nRewriteRule ^ - [E=protossl]\nRewriteCond %{HTTPS} on\n"
        "RewriteRule ^ - [E=protossl:s]\nRewriteRule \"/\\.|^\\.(?!well-known/)\" - [F]\n"
        "RewriteCond %{REQUEST_URI} ^(.*)?/(install\\.php) [OR]\nRewriteCond %{REQUEST_URI} "
        "^(.*)?/(rebuild\\.php)\n"
        "RewriteCond %{REQUEST_URI} !core\nRewriteRule ^ %1/core/%2 [L,QSA,R=301]\n"
        "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
        "RewriteCond %{REQUEST_URI} !=/favicon.ico\nRewriteRule ^ index.php [L]\n"
        "RewriteCond %{REQUEST_URI} !/core/[^/]*\\.php$\nRewriteRule \"^(.+/.*|autoload)\\.php($|/)\" - [F]\n"
        "<IfModule mod_headers.c>\nRewriteCond %{HTTP:Accept-encoding} gzip\n"
        "RewriteCond %{REQUEST_FILENAME}\\.gz -s\nRewriteRule ^(.*css_[a-zA-Z0-9-_]+)\\.css$ $1\\.css\\.gz [QSA]\n"
        "RewriteRule \\.css\\.gz$ - [T=text/css,E=no-gzip:1]\n<FilesMatch \"(\\.js\\.gz|\\.css\\.gz)$\">\n"
        "Header set Content-Encoding gzip\nHeader append Vary Accept-Encoding\n</FilesMatch>\n</IfModule>\n"
        "</IfModule>\n<IfModule mod_headers.c>\nHeader always set X-Content-Type-Options nosniff\n"
        "RequestHeader unset Proxy\n</IfModule>\n");
    EXPECT_EQ(rewritten("/node/1?a"), "/index.php?a");
    EXPECT_EQ(rewritten("/favicon.ico"), "");
    EXPECT_EQ(location("/install.php?x"), "/core/install.php?x");
    for (const char* target : {"/core/core.services.yml", "/composer.json", "/core/lib/Drupal.php",
                               "/a/.git/config", "/modules/x.module"})
        EXPECT_EQ(status(target), 403u) << target;
    EXPECT_EQ(get("/core/install.php").field("x-content-type-options"), "nosniff");
    folder.write("sites/css_ab.css", "x");
    folder.write("sites/css_ab.css.gz", "zipped");
    host.folders.change(folder.path(), "sites");
    fake::Request& request = send(host.get("/sites/css_ab.css").field("Accept-Encoding", "gzip"));
    EXPECT_EQ(request.redirects(), std::vector<std::string>{"/sites/css_ab.css.gz"});
    EXPECT_EQ(request.field("content-type"), "text/css");
    EXPECT_EQ(request.field("content-encoding"), "gzip");
    EXPECT_EQ(request.field("vary"), "Accept-Encoding");
}

TEST_F(HtaccessTest, UnderstandsMediaWiki) {
    folder.write(
        "images/.htaccess",
        "<IfModule rewrite_module>\nRewriteEngine On\nRewriteOptions inherit\n"
        "RewriteCond %{QUERY_STRING} \\.[^\\\\/:*?\\x22<>|%]+(#|\\?|$) [nocase]\nRewriteRule . - [forbidden]\n"
        "Options +FollowSymLinks\n</IfModule>\nAddType text/plain .html .htm .shtml .phtml\n"
        "php_flag engine off\n<IfModule mod_headers.c>\nHeader set X-Content-Type-Options nosniff\n</IfModule>\n");
    folder.write("includes/.htaccess", "Require all denied\n");
    load("RewriteEngine On\nRewriteRule ^/?wiki(/.*)?$ %{DOCUMENT_ROOT}/index.php [L]\n");
    EXPECT_EQ(status("/includes/Setup.php"), 403u);
    EXPECT_EQ(status("/images/a.png?x=.exe"), 403u);
    EXPECT_EQ(status("/images/a.png?x=1"), 200u);
    EXPECT_EQ(status("/images/x.php"), 403u);
    EXPECT_EQ(rewritten("/wiki/Main_Page?action=edit"), "/index.php?action=edit");
}

// Whatever of them Debian's packages have brought here.
TEST(HtaccessShipped, AreAllUnderstood) {
    size_t count = 0;
    std::error_code error;
    for (const char* place : {"/usr/share/wordpress", "/usr/share/mediawiki", "/usr/share/phpmyadmin",
                              "/usr/share/php", "/var/lib/mediawiki"}) {
        using std::filesystem::directory_options;
        for (auto at = std::filesystem::recursive_directory_iterator(
                 place, directory_options::skip_permission_denied, error);
             at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
            if (at->path().filename() != ".htaccess") continue;
            std::ifstream file(at->path());
            EXPECT_EQ(htaccess::parse(std::string(std::istreambuf_iterator<char>(file), {}), at->path()).error,
                      "");
            ++count;
        }
    }
    if (count == 0) GTEST_SKIP() << "no package with .htaccess files is installed (wordpress, mediawiki)";
}

}  // namespace
}  // namespace turnpike::rewrite
