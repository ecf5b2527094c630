// job.h - one request on its way through one program. A job begins with its request and ends when both the request
// and the program have ended, in whichever order. Loop thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "error_lines.h"
#include "handles.h"
#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::cgi {

class Worker;

inline constexpr size_t kBuffer = 65536;  // what a pipe holds: one read empties it
inline constexpr int kReadsPerTurn = 16;  // then the other requests of the worker have their turn
inline constexpr uint64_t kKillGraceMs = 1000;
/// How long the first output waits for the rest. Most programs write once and end: their response then leaves in
/// one piece, with its length, instead of in chunks.
inline constexpr uint64_t kGatherMs = 10;
/// Whoever ends within that time is not listened to on standard error before: what is there is read then.
inline constexpr uint64_t kShortMs = 50;
/// How long the end of the output waits for the news of how the program ended: what it wrote before it crashed
/// must not look complete.
inline constexpr uint64_t kExitMs = 100;

class Job {
 public:
    explicit Job(Worker& worker);

    /// For a new request; the job was over.
    void open(tp_request* request, gateway::Script& script);
    void setBody(const tp_body& body) { body_ = body; }
    /// Waits for its turn, at most that long.
    void wait(uint64_t milliseconds);
    /// Starts the program. False: the request was failed.
    bool start();
    void onWritable();
    /// The host's on_done().
    void onDone(bool aborted);
    /// Answers with the error page, or cuts the response, and ends the program.
    void fail(uint32_t status, std::string_view cause);
    /// Nothing of it is left.
    bool isOver() const { return request_ == nullptr && !has_child_; }
    /// Ends the program if it runs; for the worker's end.
    void abandon() { kill(); }

    tp_request* request() const { return request_; }
    bool isWaiting() const { return is_waiting_; }

 private:
    /// Keeps the job while one of its functions is on the stack, and gives it back when it is over.
    class Busy {
     public:
        explicit Busy(Job& job) : job_(job) { ++job_.busy_; }
        ~Busy() {
            if (--job_.busy_ == 0 && job_.isOver()) job_.release();
        }
        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;

     private:
        Job& job_;
    };
    /// The pipes of a program before it runs; `theirs` are closed once it has them.
    struct Plumbing {
        PipeEnd input_theirs, input_ours;
        Pipe output, errors;
        int input = -1;  // what becomes its standard input
        void closeTheirs() {
            input_theirs = {};
            output.write = {};
            errors.write = {};
        }
    };
    template <void (Job::*Method)()>
    static void call(void* arg) {
        Job& job = *static_cast<Job*>(arg);
        Busy busy(job);
        (job.*Method)();
    }
    template <void (Job::*Method)(uint32_t)>
    static void call(void* arg, uint32_t events) {
        Job& job = *static_cast<Job*>(arg);
        Busy busy(job);
        (job.*Method)(events);
    }

    int lay(Plumbing& pipes);
    int layInput(Plumbing& pipes);
    bool spawn(const Plumbing& pipes);
    bool watch(Plumbing& pipes);
    bool watchOutput();
    bool watchErrors();
    void failToWatch();
    static void ended(void* arg, const tp_child_end* end);
    void onEnded(const tp_child_end& end);
    void kill();
    void release();
    void onQueueTimeout();
    void onDeadline();

    void writeInput();
    void onInput(uint32_t events);
    void onErrors(uint32_t events);
    void readErrors();
    void onLasting();

    void onOutput(uint32_t events);
    void pump();
    void gather();
    uint64_t passable() const;
    int64_t pass();
    void take(size_t size);
    bool takeHead();
    void settle();
    bool begin();
    void redirect();
    void flush(uint32_t flags);
    void wasSent(int32_t result);
    void closeOutput();
    void restartIdle();
    bool isLengthReached() const;
    bool hasCrashed() const;
    std::string whatIsStarted() const;
    std::string howItEnded() const;
    void onGathered();
    void onExitOverdue();
    void onIdle();
    void onTurn();

    Worker& worker_;
    const Services& services_;
    tp_request* request_ = nullptr;
    gateway::Script script_;
    tp_body body_{};

    tp_child* child_ = nullptr;  // null: it has ended, or was told to
    tp_child_end end_{};
    WatchedPipe in_, out_, err_;
    std::string_view input_;  // what in_ has not taken yet
    Timer deadline_, idle_, pause_, turn_, lasting_;
    ErrorLines errors_;

    gateway::ResponseHead head_;
    gateway::Passage passage_;
    std::unique_ptr<char[]> buffer_;
    size_t begin_ = 0, end_at_ = 0;  // the body bytes in buffer_ that were not sent
    uint64_t body_size_ = 0;         // all that the program wrote of it
    int busy_ = 0;                   // calls on the stack: the job must not go yet
    bool is_waiting_ = false;        // for its turn
    bool has_child_ = false;         // it runs, or its end has not been told yet
    bool is_gathered_ = false;       // the first output has waited for the rest
    bool is_begun_ = false;          // host.start() was called
    bool is_held_ = false;           // the client has not taken the last send()
    bool is_answered_ = false;       // nothing more will be said to the host
    bool is_exit_overdue_ = false;
};

}  // namespace turnpike::cgi
