// What a script flushes reaches a client that asked for a coding while the script still runs, whoever runs PHP.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "inflate.h"
#include "php_site.h"

namespace turnpike::e2e {
namespace {

using compress::decoded;

struct How {
    const char* name;
    std::string route;
    bool isThere;
};

class CompressedPhp : public ::testing::TestWithParam<How> {};

TEST_P(CompressedPhp, ReachesTheClientPieceByPiece) {
    if (!GetParam().isThere) GTEST_SKIP() << "this PHP is not installed";
    Turnpike server;
    ::mkdir(server.path("public").c_str(), 0755);
    server.folder().write("public/slow.php",
                          "<?php while (ob_get_level() > 0) ob_end_clean(); header('Content-Type: text/plain');"
                          "for ($i = 0; $i < 3; ++$i) { echo \"piece $i\\n\"; flush(); "
                          "while (!file_exists(__DIR__ . '/go-' . $_GET['coding'] . $i)) { usleep(1000); "
                          "clearstatcache(); } }");
    server.setup.sites = phpSite(GetParam().route, "[[site.hook]]\nplugin = \"compress\"\nbusy = 100\n");
    ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    for (const std::string coding : {"gzip", "br", "zstd"}) {
        RawClient client(server.port());
        client.send("GET /slow.php?coding=" + coding +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Encoding: " + coding +
                    "\r\n\r\n");
        std::string bytes, expected;
        for (int piece = 0; piece < 3; ++piece) {
            expected += "piece " + std::to_string(piece) + "\n";
            for (int i = 0; i < 200 && decoded(coding, bodySoFar(bytes)) != expected; ++i)
                bytes += client.rest(50);
            EXPECT_EQ(decoded(coding, bodySoFar(bytes)), expected) << coding << server.errorLog();
            server.folder().write("public/go-" + coding + std::to_string(piece), "");
        }
        bytes += client.rest();
        bool ended = false;
        EXPECT_EQ(decoded(coding, bodySoFar(bytes), &ended), expected);
        EXPECT_TRUE(ended) << coding;
    }
}

INSTANTIATE_TEST_SUITE_P(, CompressedPhp,
                         ::testing::Values(How{"embedded", "plugin = \"php\"\nchildren = 2\n", hasEmbeddedPhp()},
                                           How{"fpm", "plugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 2\n",
                                               hasPhpFpm()}),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace turnpike::e2e
