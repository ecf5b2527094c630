// What access hooks may rely on in fake_host.hpp: they judge, hold, let pass and refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted.h"

using turnpike::answer;
using turnpike::str;
using turnpike::text;
using turnpike::fake::Host;
using turnpike::testing::Scripted;

namespace {

TEST(FakeHost, LetsAccessHooksJudgeAndMark) {
    Scripted p;
    p.access = [&](tp_request* r) {
        if (text(p.host->view(r)->path) == "/secret") {
            p.host->fail(r, 403, str("no"));
            return TP_FAILED;
        }
        p.host->set_remote_user(r, str("ann"));
        tp_str value = str("1");
        EXPECT_EQ(p.host->set_field(r, str("x-seen"), &value), 0);
        EXPECT_EQ(text(p.host->view(r)->remote_user), "ann");
        return TP_DECLINED;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& open = host.get("/").content(200, {{"x-seen", "0"}}, "page");
    auto& closed = host.get("/secret");
    ASSERT_TRUE(host.run(open));
    ASSERT_TRUE(host.run(closed));
    EXPECT_EQ(open.fields(), (turnpike::fake::Fields{{"x-seen", "1"}}));
    EXPECT_EQ(open.remoteUser(), "ann");
    EXPECT_EQ(closed.status(), 403u);
}

TEST(FakeHost, HoldsARequestUntilProceed) {
    Scripted p;
    tp_request* held = nullptr;
    std::vector<std::string> events;
    p.access = [&](tp_request* r) {
        events.emplace_back("access");
        held = r;
        return TP_PENDING;
    };
    p.request = [&](tp_request* r) {
        events.emplace_back("request");
        EXPECT_EQ(text(p.host->view(r)->remote_user), "ann");
        p.host->spool_body(r);
        return TP_PENDING;
    };
    p.spooled = [&](tp_request* r, const tp_body& b) { answer(*p.host, r, 200, "text/plain", text(b.memory)); };
    p.done = [&](tp_request*, bool aborted) { events.emplace_back(aborted ? "aborted" : "done"); };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.begin(host.request("POST", "/").body("form"));
    host.settle();
    EXPECT_EQ(events, std::vector<std::string>{"access"});
    p.host->set_remote_user(held, str("ann"));
    EXPECT_EQ(p.host->add_field(held, str("x-seen"), str("1")), 0);
    p.host->proceed(held);
    EXPECT_EQ(events, std::vector<std::string>{"access"}) << "never from inside the call";
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(events, (std::vector<std::string>{"access", "done", "request", "done"}));
    EXPECT_EQ(r.field("x-seen"), "1");
    EXPECT_EQ(r.text(), "form");
}

TEST(FakeHost, LetsAHeldRequestBeRefusedOrLeft) {
    for (bool leaves : {false, true}) {
        Scripted p;
        tp_request* held = nullptr;
        std::vector<bool> done;
        p.access = [&](tp_request* r) {
            held = r;
            return TP_PENDING;
        };
        p.request = [](tp_request*) {
            ADD_FAILURE();
            return TP_FAILED;
        };
        p.done = [&](tp_request*, bool aborted) { done.push_back(aborted); };
        Host host;
        ASSERT_TRUE(host.load(p.table()));
        auto& r = host.begin(host.get("/"));
        host.settle();
        p.host->proceed(held);
        if (leaves)
            r.leave();
        else
            p.host->fail(held, 403, str("after all not"));
        ASSERT_TRUE(host.run(r)) << r.why();
        EXPECT_EQ(done, std::vector<bool>{leaves});
        EXPECT_EQ(r.status(), leaves ? 0u : 403u);
    }
}

TEST(FakeHost, TellsAnAccessHookOfTheEndOfWhatItEnded) {
    Scripted p;
    int done = 0;
    p.access = [&](tp_request* r) { return answer(*p.host, r, 200, "text/plain", "mine"); };
    p.done = [&](tp_request*, bool) { ++done; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    ASSERT_TRUE(host.run(host.get("/")));
    EXPECT_EQ(done, 1);
}

}  // namespace
