// pool.h - the blocking pool of a worker: a few threads for work that may wait. Threads start with the first job.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/ledger.h"
#include "net/loop.h"

namespace turnpike::server {

class BlockingPool {
 public:
    /// `idle`: where crossings of jobs are added, on the loop thread.
    BlockingPool(net::EventLoop& loop, size_t threads, size_t queue, ledger::Account& idle)
        : loop_(loop), threads_(threads), queue_(queue), idle_(idle) {}
    /// Waits for running jobs; those still queued are dropped.
    ~BlockingPool();

    /// [loop] False when the queue is full. work(arg) runs on a pool thread, then done(arg) on the loop.
    bool submit(void (*work)(void*), void (*done)(void*), void* arg);
    /// The blocking pool's own thread?
    static bool isPoolThread();

 private:
    struct Job {
        BlockingPool* pool;
        void (*work)(void*);
        void (*done)(void*);
        void* arg;
        ledger::Account account;
    };
    void main();
    static void finish(void* job);

    net::EventLoop& loop_;
    size_t threads_, queue_;
    ledger::Account& idle_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job*> jobs_;
    std::vector<std::thread> running_;
    size_t waiting_ = 0;
    bool stopping_ = false;
};

}  // namespace turnpike::server
