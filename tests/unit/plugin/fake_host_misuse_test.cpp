// A plugin that breaks its promises ends its test with one sentence that says which.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted.h"

using turnpike::answer;
using turnpike::str;
using turnpike::text;
using turnpike::fake::Host;
using turnpike::testing::Scripted;
using turnpike::testing::send;

namespace {

using Step = void (*)(Scripted&, tp_request*);
void runMisuse(Step step) {
    Scripted p;
    p.request = [&](tp_request* r) {
        step(p, r);
        return TP_PENDING;
    };
    p.body = [](tp_request*, std::string_view, bool) {};
    Host host;
    host.load(p.table());
    host.run(host.get("/").takes(1), 500);
}

struct Misuse {
    const char* name;
    Step step;
    const char* sentence;
};

class FakeHostMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(FakeHostMisuse, EndsTheTestWithASentence) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(runMisuse(GetParam().step), GetParam().sentence);
}

std::string changed_memory = "0123456789";

INSTANTIATE_TEST_SUITE_P(
    All, FakeHostMisuse,
    testing::Values(
        Misuse{"SendBeforeStart", [](Scripted& p, tp_request* r) { send(p, r, "x"); }, "send\\(\\) before start"},
        Misuse{"SendBeforeWritable",
               [](Scripted& p, tp_request* r) {
                   p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
                   send(p, r, "xyz");
                   send(p, r, "xyz");
               },
               "send\\(\\) after TP_WAIT and before on_writable"},
        Misuse{"SendAfterLast",
               [](Scripted& p, tp_request* r) {
                   p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
                   send(p, r, "x", TP_LAST);
                   send(p, r, "x");
               },
               "send\\(\\) after TP_LAST"},
        Misuse{"ChangedMemory",
               [](Scripted& p, tp_request* r) {
                   p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
                   send(p, r, changed_memory);
                   changed_memory[5] = 'x';
               },
               "memory of a send\\(\\) was changed"},
        Misuse{"ReadTwice",
               [](Scripted& p, tp_request* r) {
                   p.host->read_body(r);
                   p.host->read_body(r);
               },
               "read_body\\(\\) before on_body"},
        Misuse{"ProceedOutsideAccess", [](Scripted& p, tp_request* r) { p.host->proceed(r); },
               "proceed\\(\\) of a request that on_access"},
        Misuse{"SpoolWithoutHook", [](Scripted& p, tp_request* r) { p.host->spool_body(r); },
               "without on_spooled"},
        Misuse{"FieldOutsideHook", [](Scripted& p, tp_request* r) { p.host->add_field(r, str("a"), str("b")); },
               "add_field\\(\\) outside on_access"},
        Misuse{"EmitOutsideHook", [](Scripted& p, tp_request* r) { p.host->emit(r, nullptr, 0); },
               "emit\\(\\) outside on_response_body"},
        Misuse{"LoopFunctionOnAnotherThread",
               [](Scripted& p, tp_request* r) { std::thread([&] { p.host->mark(r, 0); }).join(); },
               "mark\\(\\) is \\[loop\\]"},
        Misuse{"ViewOnAForeignThread",
               [](Scripted& p, tp_request* r) { std::thread([&] { p.host->view(r); }).join(); },
               "view\\(\\) is \\[loop,pool\\]"},
        Misuse{"ResumeTwice",
               [](Scripted& p, tp_request* r) {
                   tp_ticket* ticket = p.host->defer(r);
                   p.host->resume(
                       ticket, [](tp_request*, void*) {}, nullptr);
                   p.host->resume(
                       ticket, [](tp_request*, void*) {}, nullptr);
               },
               "ticket that was resumed before"},
        Misuse{"CancelTwice",
               [](Scripted& p, tp_request*) {
                   tp_timer* timer = p.host->timer(
                       p.worker, 10, [](void*) {}, nullptr);
                   p.host->cancel(p.worker, timer);
                   p.host->cancel(p.worker, timer);
               },
               "cancel\\(\\) of a timer that fired"},
        Misuse{"ForgottenWatch",
               [](Scripted& p, tp_request* r) {
                   p.host->watch(
                       p.worker, 0, TP_READABLE, [](void*, uint32_t) {}, nullptr);
                   int fds[2];
                   ASSERT_EQ(pipe(fds), 0);
                   p.host->watch(
                       p.worker, fds[0], TP_READABLE, [](void*, uint32_t) {}, nullptr);
                   p.host->fail(r, 500, str("end"));
               },
               "left a watch behind"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(FakeHostMisuse, ViewAfterDoneEndsTheTest) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            Scripted p;
            tp_request* kept = nullptr;
            p.request = [&](tp_request* r) {
                kept = r;
                return answer(*p.host, r, 200, "text/plain", "");
            };
            Host host;
            host.load(p.table());
            host.run(host.get("/"));
            p.host->view(kept);
        },
        "view\\(\\) of a request after its on_done");
}

TEST(FakeHostMisuse, UndeclaredKeyEndsTheTest) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            Scripted p;
            p.configure = [&](const tp_host* h, tp_setup* s) -> void* {
                h->config_string(s, "nothing");
                return &p;
            };
            Host host;
            host.load(p.table());
        },
        "did not declare that key");
}

}  // namespace
