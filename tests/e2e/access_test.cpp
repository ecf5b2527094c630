// Limits that several workers keep together, and that outlive them.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <memory>
#include <vector>

#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

class Limited : public ::testing::Test {
 protected:
    void start(const std::string& keys) {
        server.folder().write("public/file.txt", "content\n");
        server.folder().write("public/cgi-bin/wait",
                              "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nbegun\\n'\n"
                              "while ! [ -e \"$DOCUMENT_ROOT/go\" ]; do sleep 0.02; done\n");
        ASSERT_EQ(::chmod(server.path("public/cgi-bin/wait").c_str(), 0755), 0);
        server.setup.workers = 3;
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n[[site.hook]]\nplugin = \"access\"\n" + keys +
            "\n[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n"
            "[[site.route]]\nplugin = \"static\"\n";
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    int status() const { return get(server.port(), "/file.txt").status; }
    /// A request that is under way until `go` is there. One that has just ended may still count for a moment.
    std::unique_ptr<RawClient> waiting() const {
        std::unique_ptr<RawClient> client;
        EXPECT_TRUE(eventually([&] {
            client = std::make_unique<RawClient>(server.port());
            client->send("GET /cgi-bin/wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
            std::string text;
            for (int i = 0;
                 i < 100 && text.find("begun") == std::string::npos && text.find(" 429 ") == std::string::npos;
                 ++i)
                text += client->rest(50);
            return text.find("begun") != std::string::npos;
        }));
        return client;
    }
    Turnpike server;
};

TEST_F(Limited, ByARateOverAllWorkersAndAReload) {
    start("rate = \"10/day\"");
    int passed = 0, refused = 0;
    const auto ask = [&](int times) {
        for (int i = 0; i < times; ++i) ++(status() == 200 ? passed : refused);
    };
    ask(30);
    EXPECT_EQ(passed, 10);
    EXPECT_EQ(refused, 20);
    ASSERT_TRUE(server.reload()) << server.errorLog();
    ask(10);
    EXPECT_EQ(passed, 10) << "a reload that changes nothing of it gives nobody more";
    const Answer answer = get(server.port(), "/file.txt");
    EXPECT_EQ(answer.status, 429);
    EXPECT_GT(std::atoi(answer.field("retry-after").c_str()), 8000);
}

TEST_F(Limited, ByWhatIsUnderWayUntilItsWorkersDie) {
    start("at_once = 3");
    std::vector<std::unique_ptr<RawClient>> clients;
    clients.reserve(3);
    for (int i = 0; i < 3; ++i) clients.push_back(waiting());
    EXPECT_EQ(status(), 429);
    clients.pop_back();  // its client has left
    EXPECT_TRUE(eventually([&] { return status() == 200; }));
    clients.push_back(waiting());
    EXPECT_EQ(status(), 429);
    const std::set<pid_t> before = server.workers();
    for (const pid_t worker : before) signalTo(worker, SIGKILL);
    ASSERT_TRUE(eventually([&] {
        const std::set<pid_t> now = server.workers();
        return now.size() == 3 && *now.begin() != *before.begin();
    }));
    EXPECT_TRUE(eventually([&] { return status() == 200; })) << server.errorLog();
    clients.clear();
    for (int i = 0; i < 3; ++i) clients.push_back(waiting());
    EXPECT_EQ(status(), 429) << "it counts as before";
    server.folder().write("public/go", "");
}

}  // namespace
}  // namespace turnpike::e2e
