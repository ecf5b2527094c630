// fixture.h - the cgi plugin in a fake host, with the test programs as its site.
#pragma once
#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host* host);

namespace turnpike::cgi {

class CgiTest : public testing::Test {
 protected:
    CgiTest() {
        std::signal(SIGPIPE, SIG_IGN);  // as in a worker
        host.site.root = CGI_SITE;
        host.set("memory", "0").set("processes", "0");  // a sanitizer wants more of both
    }
    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }
    /// Runs a request to its end, and to that of its program.
    void finish(fake::Request& request) {
        EXPECT_TRUE(host.run(request)) << request.why();
        EXPECT_TRUE(host.runUntil([this] { return host.processes.running() == 0; }));
    }
    fake::Request& get(const std::string& target) {
        fake::Request& request = host.get(target);
        finish(request);
        return request;
    }
    /// A name in a folder of the test's own that does not exist yet.
    std::string freshName() {
        std::string name = testing::TempDir() + "cgi_test_" + std::to_string(::getpid());
        ::unlink(name.c_str());
        return name;
    }
    /// True once no process of that group is left.
    bool isGroupGone(pid_t group) {
        return host.runUntil([group] { return ::kill(-group, 0) < 0 && errno == ESRCH; });
    }
    static size_t openDescriptors() {
        size_t count = 0;
        DIR* folder = ::opendir("/proc/self/fd");
        while (::readdir(folder) != nullptr) ++count;
        ::closedir(folder);
        return count;
    }

    fake::Host host;
};

}  // namespace turnpike::cgi
