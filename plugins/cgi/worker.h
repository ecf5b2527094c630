// worker.h - the cgi plugin in one worker: which requests run, which wait, and what they share. Loop thread.
#pragma once
#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "command.h"
#include "error_lines.h"
#include "handles.h"
#include "job.h"
#include "settings.h"

namespace turnpike::cgi {

class Worker {
 public:
    Worker(const Settings& settings, const Services& services);
    ~Worker();

    tp_verdict onRequest(tp_request* request);
    void onSpooled(tp_request* request, const tp_body& body);
    void onWritable(tp_request* request);
    void onDone(tp_request* request, bool aborted);

    /// A program has ended: the next request has its turn.
    void freePlace();
    /// The request will not wait any longer.
    void leaveQueue(Job& job);
    /// The job is over; it may be used for another request from now on.
    void recycle(Job& job, std::unique_ptr<char[]> buffer);
    /// kBuffer bytes for a program's output.
    std::unique_ptr<char[]> takeBuffer();
    /// A descriptor that is always at its end, for programs without a body. -errno on failure.
    int emptyInput();

    const Settings& settings;
    const Services services;
    Command command;
    LogBudget log_budget;
    const std::unique_ptr<char[]> scratch;  // kBuffer bytes

 private:
    /// What the request runs. 0, or -errno as findScript().
    int find(const tp_request_view& view, tp_request* request, gateway::Script& script) const;
    Job* find(tp_request* request);
    Job& obtain();
    void admit(Job& job);
    tp_verdict refuse(tp_request* request, int error, std::string_view path);

    std::vector<std::unique_ptr<Job>> jobs_;  // all of them
    std::vector<Job*> idle_;
    std::vector<std::unique_ptr<char[]>> buffers_;  // not in use
    std::unordered_map<tp_request*, Job*> by_request_;
    std::deque<Job*> queue_;
    size_t running_ = 0;
    PipeEnd empty_input_;
};

}  // namespace turnpike::cgi
