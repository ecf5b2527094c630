// Time, number and resources: no program stays longer than it may, and no request waits for ever.
#include <gmock/gmock.h>

#include <fstream>

#include "fixture.h"

namespace turnpike::cgi {
namespace {

class CgiLimits : public CgiTest {
 protected:
    /// Begins a slow program and waits until it runs; its process group.
    pid_t beginSlow(fake::Request** request) {
        std::string name = freshName();
        *request = &host.begin(host.get("/cgi-bin/slow.cgi?" + name));
        pid_t pid = 0;
        EXPECT_TRUE(host.runUntil([&] { return static_cast<bool>(std::ifstream(name) >> pid); }));
        ::unlink(name.c_str());
        return pid;
    }
    bool endsAll() {
        return host.runUntil([this] { return host.processes.running() == 0; });
    }
};

TEST_F(CgiLimits, EndAProgramAtItsDeadline) {
    host.set("timeout", "7s").set("idle_timeout", "0");
    load();
    fake::Request* request = nullptr;
    pid_t group = beginSlow(&request);
    host.advance(6'500);
    EXPECT_FALSE(request->done());
    host.advance(500);
    ASSERT_TRUE(host.run(*request)) << request->why();
    EXPECT_EQ(request->failedWith(), 504u);
    EXPECT_NE(request->cause().find("did not end within 7000 ms: see the key timeout"), std::string::npos)
        << request->cause();
    EXPECT_TRUE(endsAll());
    EXPECT_TRUE(isGroupGone(group)) << "with all that it started";
}

TEST_F(CgiLimits, EndAProgramThatSaysNothing) {
    host.set("idle_timeout", "3s");
    load();
    fake::Request* request = nullptr;
    pid_t group = beginSlow(&request);
    host.advance(3'000);
    ASSERT_TRUE(host.run(*request)) << request->why();
    EXPECT_EQ(request->failedWith(), 504u);
    EXPECT_NE(request->cause().find("wrote nothing for 3000 ms: see the key idle_timeout"), std::string::npos)
        << request->cause();
    EXPECT_TRUE(endsAll());
    EXPECT_TRUE(isGroupGone(group));
}

TEST_F(CgiLimits, CutAnAnswerThatHasBegun) {
    host.set("idle_timeout", "3s");
    load();
    auto& request = host.get("/cgi-bin/progress.cgi?" + freshName());
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first "; }));
    host.advance(3'000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(request.truncated());
    EXPECT_TRUE(endsAll());
}

TEST_F(CgiLimits, EndTheProgramWhenTheClientLeaves) {
    load();
    fake::Request* request = nullptr;
    pid_t group = beginSlow(&request);
    request->leave();
    ASSERT_TRUE(host.run(*request)) << request->why();
    EXPECT_TRUE(request->aborted());
    EXPECT_TRUE(endsAll());
    EXPECT_TRUE(isGroupGone(group));
}

TEST_F(CgiLimits, EndAProgramThatRefusesToGo) {
    load();
    auto& request = host.begin(host.get("/cgi-bin/stubborn.cgi"));
    ASSERT_TRUE(host.runUntil([&] { return host.processes.running() == 1; }));
    ::usleep(100'000);  // it has set its trap
    request.leave();
    ASSERT_TRUE(host.run(request)) << request.why();
    host.settle();
    EXPECT_EQ(host.processes.running(), 1u);
    host.advance(1'000);
    EXPECT_TRUE(endsAll());
}

TEST_F(CgiLimits, EndAForkBombWithAllItsChildren) {
    host.set("timeout", "5s");
    load();
    auto& request = host.begin(host.get("/cgi-bin/bomb"));
    ASSERT_TRUE(host.runUntil([&] { return request.text().ends_with('\n'); })) << request.why();
    pid_t group = std::atoi(request.text().c_str() + request.text().rfind(' '));
    ASSERT_GT(group, 1);
    host.advance(5'000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(endsAll());
    EXPECT_TRUE(isGroupGone(group));
}

TEST_F(CgiLimits, BoundHowManyRunAtOnce) {
    host.set("children", "2");
    load();
    std::string name = freshName();
    std::vector<fake::Request*> requests;
    requests.reserve(5);
    for (int i = 0; i < 5; ++i) requests.push_back(&host.begin(host.get("/cgi-bin/progress.cgi?" + name)));
    ASSERT_TRUE(host.runUntil([&] { return requests[1]->text() == "first "; }));
    EXPECT_EQ(host.processes.running(), 2u);
    EXPECT_EQ(host.processes.started(), 2u);
    std::ofstream(name) << "go";
    for (fake::Request* request : requests) {
        ASSERT_TRUE(host.run(*request)) << request->why();
        EXPECT_EQ(request->text(), "first second");
    }
    EXPECT_EQ(requests[4]->marks() & (1u << TP_PHASE_QUEUED), 1u << TP_PHASE_QUEUED);
    ::unlink(name.c_str());
}

TEST_F(CgiLimits, NeverStartARequestWhoseClientHasLeft) {
    host.set("children", "1");
    load();
    fake::Request* first = nullptr;
    beginSlow(&first);
    auto& gone = host.begin(host.get("/cgi-bin/hello"));
    auto& stays = host.begin(host.get("/cgi-bin/hello"));
    host.settle();
    gone.leave();
    ASSERT_TRUE(host.run(gone));
    first->leave();
    ASSERT_TRUE(host.run(stays)) << stays.why();
    EXPECT_EQ(stays.text(), "hello\n");
    EXPECT_EQ(host.processes.started(), 2u);
}

TEST_F(CgiLimits, RefuseARequestThatWaitsTooLong) {
    host.set("children", "1").set("queue_timeout", "4s");
    load();
    fake::Request* first = nullptr;
    beginSlow(&first);
    auto& request = host.begin(host.get("/cgi-bin/hello"));
    host.settle();
    host.advance(4'000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.failedWith(), 503u);
    EXPECT_NE(request.cause().find("waited 4000 ms for its turn"), std::string::npos) << request.cause();
    first->leave();
    ASSERT_TRUE(host.run(*first));
    EXPECT_TRUE(endsAll());
    EXPECT_EQ(host.processes.started(), 1u);
}

TEST_F(CgiLimits, RefuseWhatTheQueueCannotHold) {
    host.set("children", "1").set("queue", "0");
    load();
    fake::Request* first = nullptr;
    beginSlow(&first);
    auto& request = host.get("/cgi-bin/hello");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.failedWith(), 503u);
    EXPECT_NE(request.cause().find("all 1 programs run and 0 requests wait"), std::string::npos);
}

TEST_F(CgiLimits, ReachTheKernel) {
    host.set("cpu", "1500ms").set("memory", "4GiB").set("file", "1MiB").set("open_files", "20");
    host.set("processes", "4000");
    load();
    EXPECT_EQ(get("/cgi-bin/limits").text(),
              "cpu 2\nmemory 4294967296\nfile 1048576\nopen_files 20\nprocesses 4000\n");
}

TEST_F(CgiLimits, HoldByDefault) {
    fake::Request& request = host.get("/cgi-bin/limits");
    load();
    finish(request);
    EXPECT_THAT(request.text(), testing::HasSubstr("cpu 30\n"));
    EXPECT_THAT(request.text(), testing::HasSubstr("file 268435456\nopen_files 64\n"));
}

struct BadKey {
    const char *key, *value, *message;
};

class CgiKeys : public CgiTest, public testing::WithParamInterface<BadKey> {};

TEST_P(CgiKeys, AreRefusedWithAReason) {
    host.set(GetParam().key, GetParam().value);
    EXPECT_FALSE(host.load(tp_plugin_entry));
    ASSERT_FALSE(host.problems().empty());
    EXPECT_EQ(host.problems()[0], GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(All, CgiKeys,
                         testing::Values(BadKey{"children", "0", "children: must be 1 or more"},
                                         BadKey{"queue", "-1", "queue: must be 0 or more"},
                                         BadKey{"open_files", "2",
                                                "open_files: a program needs 4 or more, or 0 for no limit"}));

TEST_F(CgiLimits, NeedAnAbsoluteInterpreter) {
    host.setList("interpreter", {"python3"});
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().at(0), "interpreter: the program must be an absolute path");
}

TEST_F(CgiLimits, NeedAnAbsoluteProgram) {
    host.set("program", "git-http-backend");
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().at(0), "program: must be an absolute path");
}

TEST_F(CgiLimits, RefuseSuffixesBesideAProgram) {
    host.set("program", "/usr/bin/env").setList("suffixes", {".pl"});
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().at(0), "suffixes: no script is looked up where `program` answers");
}

TEST_F(CgiLimits, RefuseAVariableThatIsNone) {
    host.setMap("env", {{"A=B", "c"}});
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().at(0).substr(0, 4), "env:");
}

TEST_F(CgiLimits, NeedASpawnerAndARoot) {
    host.extend(TP_PROCESS_ID, nullptr);
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().at(0), ": this server cannot start programs");
}

}  // namespace
}  // namespace turnpike::cgi
