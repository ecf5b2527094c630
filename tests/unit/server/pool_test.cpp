#include "server/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server/ticket.h"

namespace turnpike::server {
namespace {

struct Bench : testing::Test {
    std::unique_ptr<net::EventLoop> loop = std::move(*net::EventLoop::create());
    ledger::Account account;
};

}  // namespace

TEST_F(Bench, RunsWorkOnThePoolAndTheRestOnTheLoop) {
    struct Job {
        net::EventLoop* loop;
        std::thread::id worked, finished;
        bool was_pool = false;
    } job{loop.get(), {}, {}};
    BlockingPool pool(*loop, 2, 8, account);
    auto work = [](void* p) {
        static_cast<Job*>(p)->worked = std::this_thread::get_id();
        static_cast<Job*>(p)->was_pool = BlockingPool::isPoolThread();
        ledger::count(ledger::Class::File, 10, true);
    };
    auto done = [](void* p) {
        static_cast<Job*>(p)->finished = std::this_thread::get_id();
        static_cast<Job*>(p)->loop->stop();
    };
    ASSERT_TRUE(pool.submit(work, done, &job));
    loop->run();
    EXPECT_NE(job.worked, std::this_thread::get_id());
    EXPECT_EQ(job.finished, std::this_thread::get_id());
    EXPECT_TRUE(job.was_pool);
    EXPECT_FALSE(BlockingPool::isPoolThread());
    EXPECT_EQ(account.of[TP_CLASS_FILE].bytes, 10u) << "a job's crossings come home with it";
}

TEST_F(Bench, RefusesWhenItsQueueIsFull) {
    std::atomic<bool> go{false};
    auto wait = [](void* p) {
        while (!*static_cast<std::atomic<bool>*>(p)) std::this_thread::yield();
    };
    BlockingPool pool(*loop, 1, 2, account);
    int taken = 0;
    while (taken < 10 && pool.submit(wait, nullptr, &go)) ++taken;
    go = true;
    EXPECT_GE(taken, 2);
    EXPECT_LE(taken, 3) << "two queued, and one that may have begun";
}

TEST_F(Bench, ATicketOfAnEndedRequestFindsNothing) {
    Tickets tickets;
    tp_request* request = reinterpret_cast<tp_request*>(&account);
    tp_ticket* kept = tickets.issue(*loop, request);
    tp_ticket* returned = tickets.issue(*loop, request);
    tickets.forget(returned);
    tickets.drop();
    EXPECT_EQ(kept->request, nullptr);
    EXPECT_EQ(returned->request, request) << "it had come home before";
    delete kept;
    delete returned;
}

}  // namespace turnpike::server
