// README's WordPress in ten lines, as it is printed.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "applications.h"
#include "database.h"
#include "php_site.h"
#include "support/server_process.h"

namespace turnpike::apps {
namespace {

std::string fileOf(const std::string& name) {
    std::stringstream text;
    text << std::ifstream(TURNPIKE_SOURCE "/" + name).rdbuf();
    return text.str();
}

std::string printed() {
    const std::string readme = fileOf("README.md"), mark = "```toml\n";
    const size_t heading = readme.find("## WordPress in ten lines\n");
    const size_t begin = readme.find(mark, heading) + mark.size();
    return readme.substr(begin, readme.find("```", begin) - begin);
}

TEST(Readme, TenLinesServeWordPress) {
    if (std::string why = missing(applications()[0], gateways()[2]); !why.empty()) GTEST_SKIP() << why;
    std::string config = printed();
    EXPECT_EQ(config, fileOf("examples/wordpress/wordpress.toml"));
    const std::string server = "[server]\nlisten = [\":80\"]\n", root = "/srv/www/wordpress";
    ASSERT_TRUE(config.starts_with(server));
    ASSERT_NE(config.find(root), std::string::npos);

    Database database({"wordpress"});
    ASSERT_EQ(database.waitUntilUp(), "");
    e2e::Turnpike turnpike;
    std::string said;
    ASSERT_EQ(runProgram("sh " TURNPIKE_SOURCE "/examples/wordpress/site.sh " + turnpike.path("site") +
                             " wordpress " + database.password() + " " + database.socket() + " 2>&1",
                         &said),
              0)
        << said;
    // Its port and folders are the test's own; every other line is the printed one.
    turnpike.setup.sites = config.substr(server.size());
    turnpike.setup.sites.replace(turnpike.setup.sites.find(root), root.size(), "FOLDER/site");
    ASSERT_TRUE(turnpike.start());
    Answer first = get(turnpike.port(), "/");
    EXPECT_EQ(first.status, 302) << first.head;
    EXPECT_NE(first.field("location").find("/wp-admin/install.php"), std::string::npos);
    Answer wizard = get(turnpike.port(), "/wp-admin/install.php");
    EXPECT_EQ(wizard.status, 200);
    EXPECT_NE(wizard.body.find("weblog_title"), std::string::npos);
    turnpike.folder().write("site/wp-content/uploads/x.php", "<?php echo 1;");
    EXPECT_EQ(get(turnpike.port(), "/wp-content/uploads/x.php").status, 403);
    EXPECT_EQ(get(turnpike.port(), "/readme.html").status, 404);
    EXPECT_EQ(get(turnpike.port(), "/wp-admin/css/install.min.css").field("content-type"),
              "text/css; charset=utf-8");
}

}  // namespace
}  // namespace turnpike::apps
