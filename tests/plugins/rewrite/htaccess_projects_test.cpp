// The README's list of projects whose .htaccess files can be used as they are: for each the lines that decide, in
// words of our own, and what comes of some requests. All of it was seen with Apache 2.4 as well.
#include <fstream>
#include <iterator>
#include <set>

#include "htaccess_fixture.h"

namespace turnpike::rewrite {
namespace {

/// What is asked, and what is seen of the answer: "301 /to", "403", "> /index.php" for a path inside the site, "="
/// for the file itself, or "name: value" of a field.
struct Probe {
    const char *target, *seen;
    const char *field = "", *value = "";  // of the request
};
struct Project {
    const char* name;
    std::vector<std::pair<const char*, const char*>> htaccess;  // folder and text
    std::vector<const char*> files;
    std::vector<Probe> probes;
};

constexpr const char* kFrontController =
    "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
    "RewriteRule ^ index.php [L]\n";

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Project>& projects() {
    static const std::vector<Project> all = {
        {"CodeIgniter 4",
         {{"",
           "Options -Indexes\nRewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_URI} "
           "(.+)/$\n"
           "RewriteRule ^ %1 [L,R=301]\nRewriteCond %{HTTP_HOST} ^www\\.(.+)$ [NC]\n"
           "RewriteRule ^ http://%1%{REQUEST_URI} [R=301,L]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
           "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule ^([\\s\\S]*)$ index.php/$1 [L,NC,QSA]\n"},
          {"app/", "<IfModule authz_core_module>\nRequire all denied\n</IfModule>\n"}},
         {"index.php", "app/x.php"},
         {{"/blog/list?a=b", "> /index.php/blog/list?a=b"}, {"/blog/", "301 /blog"}, {"/app/x.php", "403"}}},
        {"Drupal 10",
         {{"",
           "<FilesMatch \"\\.(inc|module|yml)$|^(\\.(?!well-known).*|composer\\.(json|lock))$\">\nRequire all "
           "denied\n"
           "</FilesMatch>\nDirectoryIndex index.php\nRewriteEngine on\nRewriteRule \"/\\.|^\\.(?!well-known/)\" - "
           "[F]\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule ^ index.php "
           "[L]\n"
           "RewriteRule \"^(.+/.*|autoload)\\.php($|/)\" - [F]\n"
           "Header always set X-Content-Type-Options nosniff\nRequestHeader unset Proxy\n"},
          {"files/", "SetHandler Drupal_Security\n<Files *>\nSetHandler Drupal_Security_2013\n</Files>\n"}},
         {"index.php", "autoload.php", "core/x.yml", "files/x.php", "files/a.txt"},
         {{"/node/1", "> /index.php"},
          {"/autoload.php", "403"},
          {"/core/x.yml", "403"},
          {"/a/.git/x", "403"},
          {"/files/x.php", "403"},
          {"/files/a.txt", "x-content-type-options: nosniff"}}},
        {"Grav",
         {{"",
           "RewriteEngine On\nRewriteCond %{REQUEST_URI} ({{|}}|{%|%}) [OR]\n"
           "RewriteCond %{QUERY_STRING} (<|%3C)([^s]*s)+cript.*(>|%3E) [NC]\nRewriteRule .* index.php [F]\n"
           "RewriteCond %{REQUEST_URI} !^/index\\.php\nRewriteCond %{REQUEST_FILENAME} !-f\n"
           "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule .* index.php [L]\n"
           "RewriteRule ^(user)/(.*)\\.(md|yaml|php)$ error [F]\nRewriteRule ^(cache|logs)/(.*) error [F]\n"}},
         {"index.php", "user/a.md", "user/a.css", "cache/x"},
         {{"/blog", "> /index.php"},
          {"/user/a.md", "403"},
          {"/user/a.css", "="},
          {"/cache/x", "403"},
          {"/?q=%3Cscript%3E", "403"}}},
        {"HTML5 Boilerplate",
         {{"",
           "AddDefaultCharset utf-8\nAddCharset utf-8 .json .css\n<IfModule mod_deflate.c>\n"
           "SetEnvIfNoCase ^(Accept-EncodXng|X-cept-Encoding|X{15}|~{15}|-{15})$ "
           "^((gzip|deflate)\\s*,?\\s*)+|[X~-]{4,13}$ "
           "HAVE_Accept-Encoding\nRequestHeader append Accept-Encoding \"gzip,deflate\" env=HAVE_Accept-Encoding\n"
           "<IfModule mod_filter.c>\nAddOutputFilterByType DEFLATE \"text/css\" \\\n  \"text/html\"\n</IfModule>\n"
           "AddEncoding gzip svgz\n</IfModule>\nExpiresActive on\nExpiresDefault \"access plus 1 year\"\n"
           "ExpiresByType text/cache-manifest \"access\"\nExpiresByType application/json \"access plus 0 "
           "seconds\"\n"
           "RewriteEngine On\nRewriteCond %{HTTP:Accept-Encoding} gzip\nRewriteCond %{REQUEST_FILENAME}\\.gz -f\n"
           "RewriteRule \\.(css|js)$ %{REQUEST_URI}.gz [L]\n<FilesMatch \"\\.gz$\">\nRemoveType gz\nAddType "
           "text/css css.gz\n"
           "</FilesMatch>\nAddEncoding gzip .gz\n"
           "Header set X-Frame-Options DENY \"expr=%{CONTENT_TYPE} =~ m#text/html#i\"\n"
           "<FilesMatch \"(^#.*#|\\.(bak|sql)|~)$\">\nRequire all denied\n</FilesMatch>\n"}},
         {"a.json", "a.svgz", "a.css", "a.css.gz"},
         {{"/a.css", "> /a.css.gz", "Accept-Encoding", "gzip"},
          {"/a.css.gz", "content-type: text/css; charset=utf-8"},
          {"/a.svgz", "content-encoding: gzip"},
          {"/a.json", "cache-control: max-age=0"},
          {"/a.sql", "403"},
          {"/a.css", "=", "X-cept-Encoding", "gzip"}}},
        {"Joomla 5",
         {{"",
           "Options +FollowSymlinks\nOptions -Indexes\nIndexIgnore *\nRewriteEngine On\n"
           "RewriteCond %{QUERY_STRING} GLOBALS(=|\\[|\\%[0-9A-Z]{0,2})\nRewriteRule .* index.php [F]\n"
           "RewriteCond %{REQUEST_URI} ^/api/\nRewriteCond %{REQUEST_URI} !^/api/index\\.php\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteRule .* api/index.php [L]\nRewriteCond %{REQUEST_URI} !^/index\\.php\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule .* index.php "
           "[L]\n"
           "<FilesMatch \"\\.svg$\">\nHeader always set Content-Security-Policy \"script-src "
           "'none'\"\n</FilesMatch>\n"}},
         {"index.php", "api/index.php", "a.svg"},
         {{"/component/x", "> /index.php"},
          {"/api/v1/x", "> /api/index.php"},
          {"/?GLOBALS=1", "403"},
          {"/a.svg", "content-security-policy: script-src 'none'"}}},
        {"Laravel",
         {{"",
           "Options -MultiViews -Indexes\nRewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteCond %{REQUEST_URI} (.+)/$\nRewriteRule ^ %1 [L,R=301]\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n"}},
         {"index.php"},
         {{"/users/7?a", "> /index.php?a"}, {"/users/7/", "301 /users/7"}}},
        {"Magento 2",
         {{"",
           "<IfModule mod_php7.c>\nphp_value memory_limit 768M\nphp_flag suhosin.session.cryptua "
           "off\n</IfModule>\n"
           "<IfModule mod_ssl.c>\nSSLOptions StdEnvVars\n</IfModule>\nRewriteEngine on\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteCond %{REQUEST_FILENAME} !-l\nRewriteRule .* index.php [L]\n<Files auth.json>\n<IfVersion >= "
           "2.4>\n"
           "Require all denied\n</IfVersion>\n</Files>\n"},
          {"static/",
           "RewriteEngine On\nRewriteRule ^version.+?/(.+)$ $1 [L]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
           "RewriteRule .* ../static.php?resource=$0 [L]\n<Files player.swf>\nRewriteCond %{QUERY_STRING} !^$\n"
           "RewriteRule ^(.*)$ %{REQUEST_URI}? [R=301,L]\n</Files>\n"},
          {"media/", "AddHandler cgi-script .php .htm\nOptions -ExecCGI\n"}},
         {"index.php", "static.php", "auth.json", "static/a.css", "static/player.swf", "media/x.php",
          "media/a.png"},
         {{"/shoes", "> /index.php"},
          {"/auth.json", "403"},
          {"/static/version12/a.css", "> /static/a.css"},
          {"/static/player.swf?x", "301 /static/player.swf"},
          {"/media/x.php", "403"},
          {"/media/a.png", "="}}},
        {"Moodle",
         {{"",
           "AcceptPathInfo On\nphp_value max_input_vars 5000\nRewriteEngine On\nRewriteRule \"(\\/vendor\\/)\" - "
           "[F]\n"
           "RewriteRule \"(^|/)\\.(?!well-known\\/)\" - [F]\nErrorDocument 404 /error/index.php\n"}},
         {"index.php", "lib/vendor/x"},
         {{"/lib/vendor/x", "403"}, {"/.git/x", "403"}, {"/index.php/1/x", "="}}},
        {"Nextcloud 28",
         {{"",
           "<IfModule mod_env.c>\n<If \"%{REQUEST_URI} =~ m#/login$#\">\nHeader onsuccess unset Referrer-Policy\n"
           "Header always set Referrer-Policy \"same-origin\"\n</If>\n<Else>\n"
           "Header always set Referrer-Policy \"no-referrer\"\n</Else>\n</IfModule>\n<FilesMatch "
           "\"\\.(css|js)$\">\n"
           "<If \"%{QUERY_STRING} =~ /(^|&)v=/\">\nHeader set Cache-Control \"max-age=9, "
           "immutable\"\n</If>\n<Else>\n"
           "Header set Cache-Control \"max-age=9\"\n</Else>\n</FilesMatch>\nRewriteEngine on\n"
           "RewriteRule ^\\.well-known/carddav /remote.php/dav/ [R=301,L]\nRewriteRule ^remote/(.*) remote.php "
           "[L]\n"
           "RewriteRule ^(?:config|lib)/.* - [R=404,L]\n"
           "RewriteCond %{REQUEST_FILENAME} !\\.(css|js)$\nRewriteCond %{REQUEST_FILENAME} !/remote\\.php\n"
           "RewriteRule . index.php [PT,E=PATH_INFO:$1]\nRewriteBase /\nSetEnv front_controller_active true\n"
           "DirectorySlash off\nSetEnvIfNoCase Transfer-Encoding \"chunked\" proxy-sendcl=1\n"}},
         {"index.php", "remote.php", "config/x", "a.css"},
         {{"/apps/files", "> /index.php"},
          {"/config/x", "404"},
          {"/.well-known/carddav", "301 /remote.php/dav/"},
          {"/remote/x", "> /remote.php"},
          {"/index.php/login", "referrer-policy: same-origin"},
          {"/index.php", "referrer-policy: no-referrer"},
          {"/a.css?v=1", "cache-control: max-age=9, immutable"},
          {"/a.css", "cache-control: max-age=9"}}},
        {"October",
         {{"",
           "RewriteEngine On\nRewriteRule themes/.*/(layouts|pages)/.*.htm index.php [L,NC]\n"
           "RewriteCond %{REQUEST_FILENAME} -f\nRewriteCond %{REQUEST_URI} !\\.css\n"
           "RewriteRule ^ index.php [L,NC]\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n"}},
         {"index.php", "themes/a/pages/x.htm", "a.css"},
         {{"/themes/a/pages/x.htm", "> /index.php"}, {"/a.css", "="}, {"/index.php/backend", "="}}},
        {"phpBB",
         {{"",
           "RewriteEngine on\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteRule ^(.*)$ app.php [QSA,L]\n<IfModule mod_version.c>\n<IfVersion < 2.4>\n<Files config.php>\n"
           "Deny from All\n</Files>\n</IfVersion>\n<IfVersion >= 2.4>\n<Files config.php>\nRequire all denied\n"
           "</Files>\n</IfVersion>\n</IfModule>\n"},
          {"files/", "<Files *>\nRequire all denied\n</Files>\n"}},
         {"app.php", "config.php", "files/a"},
         {{"/my/page?x", "> /app.php?x"}, {"/config.php/x", "403"}, {"/files/a", "403"}, {"/files/", "403"}}},
        {"PrestaShop",
         {{"",
           "SetEnv HTTP_MOD_REWRITE On\nRewriteEngine on\nRewriteRule . - [E=REWRITEBASE:/]\n"
           "RewriteRule ^api(?:/(.*))?$ %{ENV:REWRITEBASE}webservice/dispatcher.php?url=$1 [QSA,L]\n"
           "RewriteRule ^([0-9])(\\-[_a-zA-Z0-9-]*)?(-[0-9]+)?/.+\\.jpg$ %{ENV:REWRITEBASE}img/p/$1/$1$2$3.jpg "
           "[L]\n"
           "RewriteCond %{REQUEST_FILENAME} -s [OR]\nRewriteCond %{REQUEST_FILENAME} -l [OR]\n"
           "RewriteCond %{REQUEST_FILENAME} -d\nRewriteRule ^.*$ - [NC,L]\n"
           "RewriteRule ^.*$ %{ENV:REWRITEBASE}index.php [NC,L]\nErrorDocument 404 /index.php?controller=404\n"},
          {"img/", "Require all denied\n<Files ~ \"(?i)^.*\\.(jpg|png)$\">\nRequire all granted\n</Files>\n"}},
         {"index.php", "webservice/dispatcher.php", "img/p/1/1-home.jpg", "img/x.txt"},
         {{"/1-home/shoe.jpg", "> /img/p/1/1-home.jpg"},
          {"/api/products?x=1", "> /webservice/dispatcher.php?url=products&x=1"},
          {"/3-shoes", "> /index.php"},
          {"/img/x.txt", "403"},
          {"/img/p/1/1-home.jpg", "="}}},
        {"Symfony (apache-pack)",
         {{"",
           "DirectoryIndex index.php\nRewriteEngine On\nRewriteCond %{REQUEST_URI}::$0 ^(/.+)/(.*)::\\2$\n"
           "RewriteRule .* - [E=BASE:%1]\nRewriteCond %{ENV:REDIRECT_STATUS} =\"\"\n"
           "RewriteRule ^index\\.php(?:/(.*)|$) %{ENV:BASE}/$1 [R=301,L]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
           "RewriteRule ^ %{ENV:BASE}/index.php [L]\n"}},
         {"index.php", "build/a.css"},
         {{"/product/3", "> /index.php"},
          {"/index.php/product", "301 /product"},
          {"/build/a.css", "="},
          {"/build", "="}}},
        {"TYPO3",
         {{"",
           "RewriteEngine On\nRewriteCond $0#%{REQUEST_URI} ([^#]*)#(.*)\\1$\nRewriteRule ^.*$ - [E=CWD:%2]\n"
           "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
           "RewriteRule ^(.+)\\.(\\d+)\\.(php|js|css)$ %{ENV:CWD}$1.$3 [L]\n"
           "RewriteRule ^(?:vendor|typo3temp/var) - [F]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
           "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule ^.*$ %{ENV:CWD}index.php [QSA,L]\n"
           "<IfModule mod_authz_core.c>\n<If \"%{REQUEST_URI} =~ "
           "m#(?i:/\\.|/\\x23.*\\x23|/(?:ChangeLog|Readme)(?:\\.md)?"
           "|\\.(?:sql(?:\\..*)?|ya?ml|ts)|.*~)$#\">\nRequire all denied\n</If>\n</IfModule>\n"
           "RemoveType .html .htm\n<FilesMatch \".+\\.html?$\">\nAddType text/html .html .htm\n</FilesMatch>\n"}},
         {"index.php", "a.css", "x.sql", "ChangeLog", "vendor/x"},
         {{"/page/sub", "> /index.php"},
          {"/a.1234.css", "> /a.css"},
          {"/x.sql", "403"},
          {"/x.sql.gz", "403"},
          {"/changelog.md", "403"},
          {"/vendor/x", "403"}}},
        {"W3 Total Cache",
         {{"",
           "AddType application/x-gzip .gz\n<IfModule mod_deflate.c>\nBrowserMatch ^Mozilla/4 "
           "gzip-only-text/html\n"
           "BrowserMatch \\bMSI[E] !no-gzip !gzip-only-text/html\nAddOutputFilter DEFLATE js css\n</IfModule>\n"
           "RewriteEngine On\nRewriteBase /\nRewriteCond %{HTTP:Accept-Encoding} gzip\nRewriteRule .* - "
           "[E=ENC:_gzip]\n"
           "RewriteCond %{REQUEST_METHOD} !=POST\nRewriteCond %{QUERY_STRING} =\"\"\n"
           "RewriteCond %{HTTP_COOKIE} !(wordpress_logged_in) [NC]\n"
           "RewriteCond \"%{DOCUMENT_ROOT}/cache/%{HTTP_HOST}/%{REQUEST_URI}/_index.html%{ENV:ENC}\" -f\n"
           "RewriteRule .* \"/cache/%{HTTP_HOST}/%{REQUEST_URI}/_index.html%{ENV:ENC}\" [L]\n"},
          {"cache/", "AddEncoding gzip .html_gzip\nAddType text/html .html_gzip\n"}},
         {"cache/example.org/hello/_index.html", "cache/example.org/hello/_index.html_gzip"},
         {{"/hello/", "> /cache/example.org//hello//_index.html"},
          {"/hello/", "> /cache/example.org//hello//_index.html_gzip", "Accept-Encoding", "gzip"},
          {"/hello/", "=", "Cookie", "wordpress_logged_in_1=a"},
          {"/cache/example.org/hello/_index.html_gzip", "content-encoding: gzip"}}},
        {"WordPress",
         {{"",
           "RewriteEngine On\nRewriteBase /\nRewriteRule ^index\\.php$ - [L]\nRewriteCond %{REQUEST_FILENAME} "
           "!-f\n"
           "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule . /index.php [L]\n"}},
         {"index.php", "wp-login.php"},
         {{"/2024/post/?p=1", "> /index.php?p=1"}, {"/wp-login.php", "="}, {"/index.php", "="}}},
        {"WP Super Cache",
         {{"",
           "AddDefaultCharset UTF-8\nRewriteEngine On\nRewriteCond %{QUERY_STRING} ^$\n"
           "RewriteCond %{HTTP:Cookie} !^.*(wordpress_logged_in).*$\nRewriteCond %{HTTP:Profile} !^[a-z0-9\\\"]+ "
           "[NC]\n"
           "RewriteCond %{HTTP:Accept-Encoding} gzip\n"
           "RewriteCond %{DOCUMENT_ROOT}/cache/%{SERVER_NAME}/$1/index.html.gz -f\n"
           "RewriteRule ^(.*) \"/cache/%{SERVER_NAME}/$1/index.html.gz\" [L]\n"},
          {"cache/",
           "<FilesMatch \"\\.html\\.gz$\">\nForceType text/html\nFileETag None\n</FilesMatch>\n"
           "AddEncoding gzip .gz\nHeader set Vary \"Accept-Encoding, Cookie\"\n"}},
         {"cache/example.org/hello/index.html.gz"},
         {{"/hello/", "> /cache/example.org/hello//index.html.gz", "Accept-Encoding", "gzip"},
          {"/hello/", "="},
          {"/cache/example.org/hello/index.html.gz", "content-type: text/html; charset=UTF-8"},
          {"/cache/example.org/hello/index.html.gz", "content-encoding: gzip"}}},
        {"Yii",
         {{"", kFrontController}, {"protected/", "deny from all\n"}},
         {"index.php", "protected/x.php"},
         {{"/site/login", "> /index.php"}, {"/protected/x.php", "403"}}},
    };
    return all;
}

class HtaccessProjects : public HtaccessTest, public ::testing::WithParamInterface<size_t> {
 protected:
    std::string seen(const Probe& probe) {
        fake::Request& request = host.get(probe.target).host("example.org").field("Host", "example.org");
        if (*probe.field != '\0') request.field(probe.field, probe.value);
        host.run(request.content(200, {{"content-type", "application/json"}}, "content"));
        const std::string wanted = probe.seen;
        if (const size_t colon = wanted.find(": "); colon != std::string::npos) {
            const std::string name = wanted.substr(0, colon);
            return name + ": " + request.field(name);
        }
        if (!request.redirects().empty()) return "> " + request.redirects().back();
        if (request.status() >= 300 && request.status() < 400)
            return std::to_string(request.status()) + " " + request.field("location");
        return request.status() == 200 ? "=" : std::to_string(request.status());
    }
};

TEST_P(HtaccessProjects, AreObeyed) {
    const Project& project = projects()[GetParam()];
    for (const char* file : project.files) folder.write(file, "x");
    for (const auto& [place, text] : project.htaccess) folder.write(std::string(place) + ".htaccess", text);
    load("");
    for (const Probe& probe : project.probes)
        EXPECT_EQ(seen(probe), probe.seen) << project.name << " " << probe.target << " " << probe.field;
}
INSTANTIATE_TEST_SUITE_P(All, HtaccessProjects, ::testing::Range(size_t{0}, projects().size()));

TEST(HtaccessReadme, ListsTheProjectsThatAreTried) {
    std::ifstream file(REWRITE_README);
    const std::string readme(std::istreambuf_iterator<char>(file), {});
    const size_t begin = readme.find("\n| project |"), end = readme.find("\n\n", begin);
    ASSERT_NE(begin, std::string::npos);
    std::set<std::string> listed, tried;
    for (size_t at = readme.find("\n| ", begin + 1); at < end; at = readme.find("\n| ", at + 1))
        listed.insert(readme.substr(at + 3, readme.find(" |", at + 3) - at - 3));
    for (const Project& project : projects()) tried.insert(project.name);
    EXPECT_EQ(listed, tried);
}

}  // namespace
}  // namespace turnpike::rewrite
