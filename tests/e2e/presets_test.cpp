// The presets of well-known applications, each with a front controller that tells what the application would see,
// and with the files that it must not give away.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "php_site.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

// What a script must never be seen as.
constexpr const char* kSource = "SOURCE";

struct Preset {
    const char* name;
    std::vector<const char*> scripts;  // tell what they see
    std::vector<const char*> files;    // are sent as they are
    std::vector<const char*> secrets;  // are not
    struct Page {
        const char *target, *body;  // "REQUEST_URI|SCRIPT_NAME|PATH_INFO|QUERY_STRING", or a part of a file
    };
    std::vector<Page> pages;
    std::vector<const char*> refused;  // more targets that give 403 or 404
};

void PrintTo(const Preset& preset, std::ostream* out) { *out << preset.name; }

const Preset kPresets[] = {
    {"plain-php",
     {"index.php", "sub/page.php", "sub/index.php"},
     {"style.css"},
     {"uploads/x.php", "uploads/x.phtml", "sub/uploads/y.php", "composer.json", "vendor/a/b.php",
      "vendor/autoload.php"},
     {{"/", "/|/index.php||"},
      {"/sub/page.php/more/x?a=b", "/sub/page.php/more/x?a=b|/sub/page.php|/more/x|a=b"},
      {"/sub/", "/sub/|/sub/index.php||"},
      {"/style.css", "FILE"}},
     {"/missing", "/missing.php", "/uploads/x.php/y", "/uploads/%78.php", "//uploads//x.php",
      "/sub/../uploads/x.php"}},
    {"wordpress",
     {"index.php", "wp-login.php", "wp-admin/index.php", "wp-admin/admin-ajax.php", "xmlrpc.php",
      "blog/wp-login.php"},
     {"wp-content/uploads/a.png", "wp-includes/js/x.js", "robots.txt"},
     {"wp-config.php", "wp-config-sample.php", "readme.html", "license.txt", "wp-content/uploads/x.php",
      "wp-content/uploads/2024/x.PHP", "wp-content/uploads/x.phar", "wp-includes/load.php",
      "wp-admin/includes/file.php", "composer.json", "wp-content/uploads/x.php.bak", "blog/wp-config.php",
      "wp-content/cache/y.php"},
     {{"/", "/|/index.php||"},
      {"/2024/05/hello-world/?replytocom=3", "/2024/05/hello-world/?replytocom=3|/index.php||replytocom=3"},
      {"/%E4%BD%A0%E5%A5%BD", "/%E4%BD%A0%E5%A5%BD|/index.php||"},
      {"/index.php/2024/x", "/index.php/2024/x|/index.php|/2024/x|"},
      {"/wp-json/wp/v2/posts?page=2", "/wp-json/wp/v2/posts?page=2|/index.php||page=2"},
      {"/wp-admin/", "/wp-admin/|/wp-admin/index.php||"},
      {"/wp-login.php?action=x", "/wp-login.php?action=x|/wp-login.php||action=x"},
      {"/blog/wp-login.php", "/blog/wp-login.php|/blog/wp-login.php||"},
      {"/missing.php", "/missing.php|/index.php||"},
      {"/wp-content/uploads/gone.png", "/wp-content/uploads/gone.png|/index.php||"},
      {"/wp-content/uploads/a.png", "FILE"},
      {"/robots.txt", "FILE"}},
     {"/wp-config.php/x", "/wp-content/uploads/x.php/a.png", "/wp-content//uploads/x.php", "/%77p-config.php"}},
    {"mediawiki",
     {"index.php", "api.php", "load.php", "rest.php", "mw-config/index.php"},
     {"resources/assets/logo.png", "images/a/b.jpg"},
     {"LocalSettings.php", "includes/Setup.php", "maintenance/run.php", "vendor/x.php", "languages/M.php",
      "images/x.php", "images/deleted/a.jpg", "cache/l10n.cdb", "extensions/X/x.php", "composer.json"},
     {{"/", "/|/index.php||"},
      {"/wiki/Main_Page?action=edit", "/wiki/Main_Page?action=edit|/index.php||action=edit"},
      {"/wiki/C%2B%2B/x", "/wiki/C%2B%2B/x|/index.php||"},
      {"/wiki", "/wiki|/index.php||"},
      {"/index.php/Main_Page", "/index.php/Main_Page|/index.php|/Main_Page|"},
      {"/index.php?title=A&action=history",
       "/index.php?title=A&action=history|/index.php||title=A&action=history"},
      {"/rest.php/v1/page/A", "/rest.php/v1/page/A|/rest.php|/v1/page/A|"},
      {"/mw-config/", "/mw-config/|/mw-config/index.php||"},
      {"/images/a/b.jpg", "FILE"}},
     {"/missing", "/missing.php"}},
    {"phpmyadmin",
     {"index.php", "url.php"},
     {"js/dist/x.js", "themes/pmahomme/img/logo.svg"},
     {"config.inc.php", "libraries/classes/Core.php", "setup/index.php", "templates/login.twig",
      "vendor/autoload.php", "sql/create_tables.sql", "composer.json", "config.sample.inc.php", "tmp/cache.php"},
     {{"/", "/|/index.php||"},
      {"/index.php?route=/sql&db=a%20b", "/index.php?route=/sql&db=a%20b|/index.php||route=/sql&db=a%20b"},
      {"/js/dist/x.js", "FILE"}},
     {"/setup", "/setup/", "/missing"}},
    {"laravel",
     {"index.php"},
     {"favicon.ico", "build/assets/app-4ed993c7.js"},
     {"shell.php", "storage/x.php", "vendor/composer/installed.json", "composer.json"},
     {{"/", "/|/index.php||"},
      {"/users/7?tab=a", "/users/7?tab=a|/index.php||tab=a"},
      {"/index.php/users", "/index.php/users|/index.php|/users|"},
      {"/favicon.ico", "FILE"},
      {"/build/assets/app-4ed993c7.js", "FILE"}},
     {"/shell.php/x", "/missing.php"}},
    {"symfony",
     {"index.php"},
     {"bundles/app/x.css"},
     {"index_dev.php", "config.php", "composer.json", "symfony.lock"},
     {{"/", "/|/index.php||"},
      {"/product/3/?a=b", "/product/3/?a=b|/index.php||a=b"},
      {"/index.php/product/3", "/index.php/product/3|/index.php|/product/3|"},
      {"/bundles/app/x.css", "FILE"}},
     {"/_profiler.php"}},
    {"drupal",
     {"index.php", "update.php", "core/install.php"},
     {"core/misc/drupal.js", "sites/default/files/a.png", "sites/default/files/css/css_x.css"},
     {"sites/default/settings.php", "sites/default/services.yml", "core/modules/node/node.module",
      "core/core.services.yml", "modules/x/x.install", "sites/default/files/x.php", "vendor/autoload.php",
      "composer.lock", "sites/default/private/a.pdf", "core/lib/Drupal.php", "themes/x/x.theme",
      "themes/x/page.html.twig", "core/CHANGELOG.txt"},
     {{"/", "/|/index.php||"},
      {"/node/1?page=2", "/node/1?page=2|/index.php||page=2"},
      {"/update.php/selection", "/update.php/selection|/update.php|/selection|"},
      {"/core/install.php", "/core/install.php|/core/install.php||"},
      {"/sites/default/files/styles/large/public/a.jpg",
       "/sites/default/files/styles/large/public/a.jpg|/index.php||"},
      {"/sites/default/files/css/css_gone.css", "/sites/default/files/css/css_gone.css|/index.php||"},
      {"/core/misc/drupal.js", "FILE"},
      {"/sites/default/files/a.png", "FILE"}},
     {"/core/lib/Drupal.php/x"}},
};

class PresetTest : public ::testing::TestWithParam<Preset> {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp() && !hasPhpFpm()) GTEST_SKIP() << "no PHP here (packages libphp-embed or php-fpm)";
    }
    void write(const std::string& name, const std::string& text) { server.folder().write("public/" + name, text); }
    void fill() {
        for (const char* name : GetParam().scripts)
            write(name,
                  "<?php while (ob_get_level() > 0) ob_end_clean(); echo $_SERVER['REQUEST_URI'], '|', "
                  "$_SERVER['SCRIPT_NAME'], '|', $_SERVER['PATH_INFO'] ?? '', '|', $_SERVER['QUERY_STRING'];");
        for (const char* name : GetParam().files) write(name, "FILE");
        for (const char* name : GetParam().secrets) write(name, "<?php // SOURCE\necho 'SOURCE', 'RUN';");
        for (const char* name : {".git/config", ".env", ".htaccess", "index.php~", "index.php.bak"})
            write(name, kSource);
        ::chmod(server.folder().path().c_str(), 0755);
    }
    void start(const std::string& more) {
        fill();
        server.setup.workers = 1;
        server.setup.sites = std::string("\n[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\npreset = \"") +
                             GetParam().name + "\"\n" + more;
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    void expectPages() {
        for (const Preset::Page& page : GetParam().pages) {
            const Answer answer = get(server.port(), page.target);
            EXPECT_EQ(answer.status, 200) << page.target;
            EXPECT_EQ(answer.body, page.body) << page.target;
        }
    }
    void expectRefused(const std::string& target) {
        const Answer answer = get(server.port(), target);
        EXPECT_TRUE(answer.status == 403 || answer.status == 404 || wentToFrontController(answer, target))
            << target << " " << answer.status << " " << answer.body;
        EXPECT_EQ(answer.body.find(kSource), std::string::npos) << target;
        EXPECT_EQ(answer.body.find("RUN"), std::string::npos) << target;
    }
    /// A name that the server takes for missing is the application's to answer, as a 404 of its own.
    static bool wentToFrontController(const Answer& answer, const std::string& target) {
        return answer.status == 200 && answer.body == target + "|/index.php||";
    }
    void expectSecrets() {
        for (const char* name : GetParam().secrets) expectRefused("/" + std::string(name));
        for (const char* target : GetParam().refused) expectRefused(target);
        for (const char* target : {"/.git/config", "/.env", "/.htaccess", "/index.php~", "/index.php.bak"})
            expectRefused(target);
    }
    Turnpike server;
};

const char* const kFpm =
    "[[site.route]]\nsuffix = \".php\"\nplugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 2\n";

TEST_P(PresetTest, ShowsTheApplicationItsAddressesAndHidesItsFiles) {
    start(hasEmbeddedPhp() ? "" : kFpm);
    expectPages();
    expectSecrets();
}

// The site's own way to run PHP takes the preset's place, and its protections stay.
TEST_P(PresetTest, DoesTheSameWithThePhpOfTheSitesChoice) {
    if (!hasPhpFpm()) GTEST_SKIP() << "no PHP-FPM here (package php-fpm)";
    start(kFpm);
    expectPages();
    expectSecrets();
}

INSTANTIATE_TEST_SUITE_P(Of, PresetTest, ::testing::ValuesIn(kPresets), [](const auto& one) {
    std::string name = one.param.name;
    std::erase(name, '-');
    return name;
});

class PresetSite : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        server.folder().write("public/index.php", "<?php echo 'front';");
        ::chmod(server.folder().path().c_str(), 0755);
        server.setup.workers = 1;
    }
    void start(const std::string& preset, const std::string& more = "") {
        server.setup.sites =
            "\n[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\npreset = \"" + preset + "\"\n" + more;
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    Turnpike server;
};

TEST_F(PresetSite, SendsFilesWithTheAgeThatThePresetSays) {
    server.folder().write("public/build/assets/a-12345678.js", "x");
    start("laravel");
    EXPECT_EQ(get(server.port(), "/build/assets/a-12345678.js").field("cache-control"),
              "public, max-age=31536000, immutable");
}

TEST_F(PresetSite, RedirectsToOneAddressForEachPage) {
    start("laravel");
    const Answer answer = get(server.port(), "/users/7/?a=b");
    EXPECT_EQ(answer.status, 301);
    EXPECT_EQ(answer.field("location"), "/users/7?a=b");
}

// Relative links of a folder's page would lead elsewhere without the slash.
TEST_F(PresetSite, RedirectsToAFolderWithItsSlash) {
    server.folder().write("public/wp-admin/index.php", "<?php echo 'admin';");
    start("wordpress");
    const Answer answer = get(server.port(), "/wp-admin?a=b");
    EXPECT_EQ(answer.status, 301);
    EXPECT_EQ(answer.field("location"), "/wp-admin/?a=b");
}

TEST_F(PresetSite, GivesWayToTheSitesOwnKeysRoutesAndHooks) {
    server.folder().write("public/own.html", "own");
    start("wordpress",
          "index = [\"own.html\"]\nbody_limit = \"3B\"\n"
          "[[site.route]]\nexact = \"/xmlrpc.php\"\nplugin = \"static\"\ntry = [\"=410\"]\n"
          "[[site.hook]]\nplugin = \"rewrite\"\npath = '^/old$'\nredirect = \"/new\"\n");
    EXPECT_EQ(get(server.port(), "/").body, "own");
    EXPECT_EQ(get(server.port(), "/old").field("location"), "/new");
    EXPECT_EQ(get(server.port(), "/post").body, "front");
    EXPECT_EQ(get(server.port(), "/xmlrpc.php").status, 410);
    EXPECT_EQ(
        ask(server.port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
            .status,
        413);
}

TEST_F(PresetSite, TellsOfOneThatDoesNotExist) {
    start("wordpress");
    server.setup.sites = "\n[[site]]\nroot = \"FOLDER/public\"\npreset = \"wordpres\"\n";
    server.writeConfig();
    std::string output;
    EXPECT_NE(server.run("check", &output), 0);
    EXPECT_NE(output.find("\"preset\": must be \"none\""), std::string::npos) << output;
    EXPECT_NE(output.find("did you mean \"wordpress\"?"), std::string::npos) << output;
}

// Every preset is one that the key takes, and `turnpike explain` shows it.
/// What holds, as a file: it says the same when it is read, and needs no preset any more.
TEST_F(PresetSite, IsSpeltOutInADump) {
    start("wordpress");
    std::string dump, again;
    ASSERT_EQ(server.run("check --dump", &dump), 0) << dump;
    EXPECT_NE(dump.find("wp-config"), std::string::npos) << dump;
    EXPECT_EQ(dump.find("preset = \"wordpress\""), std::string::npos) << dump;
    server.folder().write("turnpike.toml", dump);
    EXPECT_EQ(server.run("check --dump", &again), 0) << again;
    EXPECT_EQ(again, dump);
}

TEST_F(PresetSite, IsExplained) {
    start("plain-php");
    for (const auto& entry : std::filesystem::directory_iterator(TURNPIKE_SOURCE "/config/presets")) {
        std::string output;
        EXPECT_EQ(server.run("explain preset." + entry.path().stem().string(), &output), 0) << entry.path();
        EXPECT_NE(output.find("[[route]]"), std::string::npos) << output;
        EXPECT_EQ(server.run("explain site.preset", &output), 0);
        EXPECT_NE(output.find("\"" + entry.path().stem().string() + "\""), std::string::npos) << output;
    }
}

}  // namespace
}  // namespace turnpike::e2e
