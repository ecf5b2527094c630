// request.h - the request that an interpreter answers, and the connection that it came on.
//
// Threads: none. Ownership: owns the connection. PHP's callbacks reach it through SG(server_context); the
// functions that they call neither throw nor call PHP, since PHP leaves their callers with longjmp().
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "fcgi_input.h"
#include "output.h"
#include "scoreboard.h"
#include "stream.h"

namespace turnpike::php {

class Request {
 public:
    Request(Acceptor& acceptor, Slot& slot) : acceptor_(acceptor), slot_(slot), stop_(slot) {}

    /// Waits for the next request, on the present connection or a new one. False: told to end.
    bool receive();
    /// The answer is complete. The connection is closed if it is not kept, or if this was the last request.
    void end(uint32_t app_status);
    /// The answer is complete and the script goes on. The connection is closed: what a worker sent on it would
    /// wait for the script.
    bool endEarly(uint32_t app_status);
    /// The next end() announces that no request follows.
    void beLast() { last_ = true; }

    Params& params() { return input_.params(); }
    const char* param(std::string_view name) { return input_.params().find(name); }
    /// Waits for body bytes; fewer than `size`: that was all.
    size_t readBody(char* to, size_t size);
    /// False: nobody hears the answer, or it has ended. An abort is looked for only when records leave.
    bool put(std::string_view data);
    bool flush() { return output_.flush() && !isAborted(); }
    /// A line for the server's error log; to this process's own where no answer is open.
    void log(std::string_view prefix, std::string_view message);
    bool isOpen() const { return output_.isOpen(); }
    /// What PHP took at most for this request, for those who look at the scoreboard.
    void notePeak(uint64_t bytes) { slot_.peak.store(bytes, std::memory_order_relaxed); }

 private:
    static constexpr size_t kInputSize = 32768;

    /// The worker is gone or said that its client has left. Reads what is there, and never waits.
    bool isAborted();
    bool hear();
    bool fill();
    void closeStream();
    void begin();
    void noteWork();
    /// No request runs: says so on the scoreboard.
    void rest(State how);
    std::string_view pending() const { return {buffer_ + from_, to_ - from_}; }
    InputEvent nextEvent();

    Acceptor& acceptor_;
    Slot& slot_;
    Stop stop_;
    std::unique_ptr<Stream> stream_;
    Input input_;
    Output output_;
    std::string_view body_;  // taken from the input, not yet by PHP
    size_t from_ = 0, to_ = 0, scanned_ = 0;
    bool aborted_ = false, last_ = false, body_broken_ = false, answered_ = true;
    char buffer_[kInputSize];
};

/// A line on this process's own error stream, in one piece.
void logLine(std::string_view prefix, std::string_view message);

}  // namespace turnpike::php
