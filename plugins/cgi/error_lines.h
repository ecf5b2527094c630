// error_lines.h - a program's standard error on its way to the error log: line by line, with the request's id, and
// never more than the log can take.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "handles.h"

namespace turnpike::cgi {

inline constexpr size_t kErrorsPerRequest = 8192;
inline constexpr size_t kErrorsPerSecond = 65536;  // of all requests of an instance in one worker
inline constexpr size_t kErrorLine = 1024;         // a longer line is logged in pieces

/// What all programs of a worker may write to the log in a second.
class LogBudget {
 public:
    explicit LogBudget(const Services& services) : second_(services) {}
    /// How many of `size` bytes may be logged.
    size_t take(size_t size);

 private:
    Timer second_;
    size_t left_ = kErrorsPerSecond;
};

class ErrorLines {
 public:
    ErrorLines(const Services& services, LogBudget& budget) : services_(services), budget_(budget) {}

    /// For another request. `name`: of the script.
    void reset(std::string_view name, uint64_t request_id);
    /// request: nullptr when it has ended already; the line then carries its id itself.
    void take(std::string_view data, tp_request* request);
    /// The last line, and how much was left out.
    void finish(tp_request* request);

 private:
    void log(tp_request* request, std::string_view line);

    const Services& services_;
    LogBudget& budget_;
    std::string name_, partial_;
    uint64_t request_id_ = 0, taken_ = 0, dropped_ = 0;
};

}  // namespace turnpike::cgi
