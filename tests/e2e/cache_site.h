// cache_site.h - a site behind the cache, with programs that count how often they run.
#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {

class CacheSite : public ::testing::Test {
 protected:
    void SetUp() override {
        server.setup.workers = 4;
        for (const char* folder : {"public", "public/bin", "runs"}) {
            ::mkdir(server.path(folder).c_str(), 0755);
            giveToWorkers(server.path(folder));
        }
        // Each run leaves a line. What it says comes from files of the test, so that it can be changed.
        program("page",
                "echo run >> ../../runs/page\n"
                "if [ -e ../../runs/broken ]; then exit 1; fi\n"
                "cat ../../runs/head\necho\necho \"$QUERY_STRING\" `wc -l < ../../runs/page`\n");
        head("Content-Type: text/plain\nCache-Control: max-age=600\n");
    }
    void program(const std::string& name, const std::string& text) {
        server.folder().write("public/bin/" + name, "#!/bin/sh\n" + text);
        ::chmod(server.path("public/bin/" + name).c_str(), 0755);
    }
    void head(const std::string& fields) { server.folder().write("runs/head", fields); }
    void configure(const std::string& keys, const std::string& hooks = "") {
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n[[site.hook]]\nplugin = \"cache\"\n" + keys +
            "\n" + hooks +
            "\n[[site.route]]\nprefix = \"/bin/\"\nplugin = \"cgi\"\n"
            "[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n";
    }
    void start(const std::string& keys = "") {
        configure(keys);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    size_t runs(const std::string& name = "page") const {
        const std::string lines = server.read("runs/" + name);
        return static_cast<size_t>(std::count(lines.begin(), lines.end(), '\n'));
    }
    Answer page(const std::string& query = "", const std::string& fields = "") const {
        return get(server.port(), "/bin/page" + (query.empty() ? "" : "?" + query), fields);
    }
    /// How many workers have answered at least `least` requests.
    size_t busyWorkers(int least) const {
        size_t count = 0;
        auto workers = server.status()->getArray("workers");
        for (unsigned i = 0; i < workers->size(); ++i)
            if (workers->getObject(i)->getObject("counters")->getValue<int>("requests") >= least) ++count;
        return count;
    }
    int totals(const std::string& counter) const {
        return server.status()->getObject("totals")->getObject("counters")->getValue<int>(counter);
    }
    /// The one that is answering something.
    pid_t activeWorker() const {
        auto workers = server.status()->getArray("workers");
        for (unsigned i = 0; i < workers->size(); ++i)
            if (workers->getObject(i)->getObject("counters")->getValue<int>("requests_active") > 0)
                return workers->getObject(i)->getValue<pid_t>("pid");
        return -1;
    }
    Turnpike server;
};

}  // namespace turnpike::e2e
