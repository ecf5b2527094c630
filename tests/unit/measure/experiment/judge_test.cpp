#include "measure/experiment/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Plan page() {
    Plan plan;
    plan.cell.load = LoadKind::Single;
    plan.shortest_body = plan.longest_body = 1024;
    return plan;
}

Window good() {
    Window window;
    window.requests = window.outcome.requests = 100;
    window.engine_ns = 1;
    window.outcome.elapsed_ns = 1'000'000'000;
    window.outcome.cpu_ns = 100'000'000;
    window.outcome.shortest_body = window.outcome.longest_body = 1024;
    return window;
}

TEST(Judge, TakesAQuietWindow) { EXPECT_THAT(whyRejected(page(), good()), IsEmpty()); }

TEST(Judge, RefusesAFailure) {
    Window window = good();
    window.outcome.failure = "answered 503";
    EXPECT_THAT(whyRejected(page(), window), ElementsAre("answered 503"));
}

TEST(Judge, RefusesAnswersOfAnotherLength) {
    for (const uint64_t length : {1023u, 1025u}) {
        Window window = good();
        window.outcome.longest_body = std::max<uint64_t>(length, 1024);
        window.outcome.shortest_body = std::min<uint64_t>(length, 1024);
        EXPECT_THAT(whyRejected(page(), window), ElementsAre(HasSubstr("bytes instead of"))) << length;
    }
}

TEST(Judge, TakesAnyLengthThatAMixHas) {
    Plan mix = page();
    mix.longest_body = 4096;
    EXPECT_THAT(whyRejected(mix, good()), IsEmpty());
}

TEST(Judge, RefusesAWindowInWhichNothingEnded) {
    Window window;
    window.engine_ns = window.outcome.elapsed_ns = 1;
    EXPECT_THAT(whyRejected(page(), window), ElementsAre("no request ended in time"));
}

TEST(Judge, RefusesWhatTheServerCountsOtherwise) {
    Window window = good();
    window.requests = 101;
    EXPECT_THAT(whyRejected(page(), window), ElementsAre(HasSubstr("counted 101 requests, the generator 100")));
}

TEST(Judge, DoesNotCountRequestsOfClientsThatMakeNone) {
    Plan plan = page();
    plan.behaviour = Behaviour::Abandoned;
    Window window = good();
    window.requests = 0;
    window.outcome.shortest_body = UINT64_MAX;
    window.outcome.longest_body = 0;
    EXPECT_THAT(whyRejected(plan, window), IsEmpty());
}

TEST(Judge, HasALimitForEachDisturbance) {
    struct Case {
        const char* why;
        double Window::*share;
        double most;
    };
    const Case cases[] = {{"hypervisor", &Window::steal_share, kMostSteal},
                          {"other processes", &Window::foreign_share, kMostForeign},
                          {"run queue", &Window::run_queue_share, kMostRunQueue}};
    for (const Case& one : cases) {
        Window window = good();
        window.*one.share = one.most;
        EXPECT_THAT(whyRejected(page(), window), IsEmpty()) << one.why;
        window.*one.share = one.most * 1.01;
        EXPECT_THAT(whyRejected(page(), window), ElementsAre(HasSubstr(one.why)));
    }
}

TEST(Judge, TellsWhatIsWrongFromWhatOnlyDisturbs) {
    Window noisy = good();
    noisy.foreign_share = 0.5;
    EXPECT_THAT(whyInvalid(page(), noisy), IsEmpty());
    EXPECT_THAT(whyDisturbed(page(), noisy), ElementsAre(HasSubstr("other processes")));
    Window wrong = good();
    wrong.outcome.longest_body = 1025;
    EXPECT_THAT(whyInvalid(page(), wrong), ElementsAre(HasSubstr("bytes instead of")));
    EXPECT_THAT(whyDisturbed(page(), wrong), IsEmpty());
}

TEST(Judge, LetsASaturatedServerStandInTheRunQueue) {
    Plan plan = page();
    plan.cell.load = LoadKind::Saturation;
    Window window = good();
    window.run_queue_share = 0.5;
    EXPECT_THAT(whyRejected(plan, window), IsEmpty());
}

TEST(Judge, LetsABackendKeepTheServerWaiting) {
    Window window = good();
    window.run_queue_share = 0.5;
    window.backend_ns = 1;
    EXPECT_THAT(whyRejected(page(), window), IsEmpty());
}

TEST(Judge, RefusesAServerWhoseCpuIsNotKnown) {
    Window window = good();
    window.engine_ns.reset();
    EXPECT_THAT(whyRejected(page(), window), ElementsAre(HasSubstr("/proc does not tell")));
}

TEST(Judge, RefusesAGeneratorThatWasTheBottleneck) {
    Window window = good();
    window.outcome.cpu_ns = 910'000'000;
    EXPECT_THAT(whyRejected(page(), window), ElementsAre(HasSubstr("the generator used its processor")));
}

}  // namespace
}  // namespace turnpike::measure
