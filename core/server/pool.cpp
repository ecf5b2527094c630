#include "server/pool.h"

namespace turnpike::server {
namespace {
thread_local bool t_is_pool = false;
}

bool BlockingPool::isPoolThread() { return t_is_pool; }

BlockingPool::~BlockingPool() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        for (Job* job : jobs_) delete job;
        jobs_.clear();
    }
    wake_.notify_all();
    for (std::thread& t : running_) t.join();
}

bool BlockingPool::submit(void (*work)(void*), void (*done)(void*), void* arg) {
    std::lock_guard lock(mutex_);
    if (jobs_.size() >= queue_) return false;
    jobs_.push_back(new Job{this, work, done, arg, {}});
    if (jobs_.size() > waiting_ && running_.size() < threads_)
        running_.emplace_back([this] { main(); });
    else
        wake_.notify_one();
    return true;
}

void BlockingPool::main() {
    t_is_pool = true;
    std::unique_lock lock(mutex_);
    for (;;) {
        ++waiting_;
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        --waiting_;
        if (stopping_) return;
        Job* job = jobs_.front();
        jobs_.pop_front();
        lock.unlock();
        {
            ledger::Scope charge(job->account);
            job->work(job->arg);
        }
        loop_.post(finish, job);
        lock.lock();
    }
}

void BlockingPool::finish(void* job_pointer) {
    auto* job = static_cast<Job*>(job_pointer);
    job->pool->idle_.add(job->account);
    if (job->done != nullptr) job->done(job->arg);
    delete job;
}

}  // namespace turnpike::server
