// stderr_log.h - what a backend writes to its error stream, line by line into the error log, with a bound for each
// request: a flood costs one line that says how much was dropped. Loop thread only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/fastcgi/services.h"

namespace turnpike::fastcgi {

/// What all requests of a worker may still write this second.
struct LogBudget {
    static constexpr uint64_t kEachSecond = 65536;
    uint64_t left = kEachSecond;
};

class StderrLog {
 public:
    static constexpr size_t kLimit = 8192;

    void add(const tp_host& host, tp_request* request, std::string_view data, LogBudget& budget);
    /// The unfinished last line and the count of dropped bytes; ready for the next request.
    void finish(const tp_host& host, tp_request* request);

 private:
    void flushLine(const tp_host& host, tp_request* request);

    std::string line_;
    size_t taken_ = 0;
    uint64_t dropped_ = 0;
};

}  // namespace turnpike::fastcgi
