#include "net/loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "os/file.h"

namespace turnpike::net {
namespace {

std::unique_ptr<EventLoop> makeLoop() {
    auto made = EventLoop::create();
    EXPECT_TRUE(made);
    return std::move(*made);
}

struct Counting : Source {
    void onEvent(uint32_t, uint32_t share) override {
        ++events;
        share_milli += share;
        if (each) each();
    }
    int events = 0;
    uint32_t share_milli = 0;
    std::function<void()> each;
};

}  // namespace

TEST(EventLoop, TellsOncePerChange) {
    auto loop = makeLoop();
    int fds[2];
    ASSERT_EQ(os::pipe(fds, 0, os::Class::Backend), 0);
    Counting reader;
    loop->add(fds[0], os::kReadable, reader);
    ASSERT_EQ(write(fds[1], "x", 1), 1);
    Timer stop([](void* l) { static_cast<EventLoop*>(l)->stop(); }, loop.get());
    loop->arm(stop, 40);
    loop->run();
    EXPECT_EQ(reader.events, 1) << "unread data is not told again";
    loop->remove(fds[0], reader);
    close(fds[0]);
    close(fds[1]);
}

TEST(EventLoop, DropsPendingEventsOfARemovedSource) {
    auto loop = makeLoop();
    int a[2], b[2];
    ASSERT_EQ(os::pipe(a, 0, os::Class::Backend), 0);
    ASSERT_EQ(os::pipe(b, 0, os::Class::Backend), 0);
    Counting first, second;
    // Whichever is told first takes the other away; told together, only one may run.
    first.each = [&] { loop->remove(b[0], second), loop->stop(); };
    second.each = [&] { loop->remove(a[0], first), loop->stop(); };
    loop->add(a[0], os::kReadable, first);
    loop->add(b[0], os::kReadable, second);
    ASSERT_EQ(write(a[1], "x", 1), 1);
    ASSERT_EQ(write(b[1], "x", 1), 1);
    loop->run();
    EXPECT_EQ(first.events + second.events, 1);
    EXPECT_EQ(first.share_milli + second.share_milli, 500u) << "one of two events of one wait";
    for (int fd : {a[0], a[1], b[0], b[1]}) close(fd);
}

TEST(EventLoop, FiresTimersInOrderAndNeverEarly) {
    auto loop = makeLoop();
    struct State {
        EventLoop* loop;
        std::vector<int> order;
        uint64_t start;
        bool early = false;
    } state{loop.get(), {}, loop->nowNs()};
    Timer late(
        [](void* p) {
            auto& s = *static_cast<State*>(p);
            s.order.push_back(2);
            s.early |= s.loop->nowNs() - s.start < 60'000'000;
            s.loop->stop();
        },
        &state);
    Timer soon([](void* p) { static_cast<State*>(p)->order.push_back(1); }, &state);
    Timer never([](void* p) { static_cast<State*>(p)->order.push_back(9); }, &state);
    loop->arm(late, 60);
    loop->arm(soon, 20);
    loop->arm(never, 10);
    loop->disarm(never);
    loop->run();
    EXPECT_EQ(state.order, (std::vector<int>{1, 2}));
    EXPECT_FALSE(state.early);
}

TEST(EventLoop, FiresATimerThatWasPutOffOnceAndOnlyThen) {
    auto loop = makeLoop();
    struct State {
        EventLoop* loop;
        uint64_t start;
        int fired = 0;
        bool early = false;
    } state{loop.get(), loop->nowNs()};
    Timer put_off(
        [](void* p) {
            auto& s = *static_cast<State*>(p);
            ++s.fired;
            s.early |= s.loop->nowNs() - s.start < 100'000'000;
        },
        &state);
    Timer stop([](void* l) { static_cast<EventLoop*>(l)->stop(); }, loop.get());
    loop->arm(put_off, 10);
    loop->arm(put_off, 100);
    loop->arm(stop, 300);
    loop->arm(stop, 200);
    loop->run();
    EXPECT_EQ(state.fired, 1);
    EXPECT_FALSE(state.early);
    EXPECT_GE(loop->nowNs() - state.start, 200'000'000u);
}

TEST(EventLoop, KeepsTimersBeyondOneTurnOfTheWheel) {
    auto loop = makeLoop();
    bool fired = false;
    Timer far([](void* f) { *static_cast<bool*>(f) = true; }, &fired);
    loop->arm(far, 3'600'000);
    Timer stop([](void* l) { static_cast<EventLoop*>(l)->stop(); }, loop.get());
    loop->arm(stop, 30);
    loop->run();
    EXPECT_FALSE(fired);
    EXPECT_TRUE(far.isArmed());
}

TEST(EventLoop, RunsWhatOtherThreadsPost) {
    auto loop = makeLoop();
    std::thread other([&] {
        for (int i = 0; i < 1000; ++i) loop->post([](void*) {}, nullptr);
        loop->post([](void* l) { static_cast<EventLoop*>(l)->stop(); }, loop.get());
    });
    loop->run();
    other.join();
}

TEST(EventLoop, RunsCallsOfCallsBeforeItWaits) {
    auto loop = makeLoop();
    loop->later(
        [](void* l) {
            static_cast<EventLoop*>(l)->later([](void* inner) { static_cast<EventLoop*>(inner)->stop(); }, l);
        },
        loop.get());
    loop->run();  // would wait for ever without an event otherwise
}

TEST(EventLoop, GivesOthersTheirTurnBeforeTheNextRound) {
    auto loop = makeLoop();
    int fds[2];
    ASSERT_EQ(os::pipe(fds, 0, os::Class::Backend), 0);
    Counting reader;
    loop->add(fds[0], os::kReadable, reader);
    static bool was_told;
    static Counting* other;
    static EventLoop* current;
    other = &reader;
    current = loop.get();
    loop->nextRound(
        [](void* fd) {
            if (write(*static_cast<int*>(fd), "x", 1) != 1) return current->stop();
            current->nextRound(
                [](void*) {
                    was_told = other->events == 1;
                    current->stop();
                },
                nullptr);
        },
        &fds[1]);
    loop->run();  // would wait for ever if a round that is due waited
    EXPECT_TRUE(was_told);
    loop->remove(fds[0], reader);
    close(fds[0]);
    close(fds[1]);
}

}  // namespace turnpike::net
