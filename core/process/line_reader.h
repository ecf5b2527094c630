// line_reader.h - what a backend prints, as lines of the error log. A flood is cut: 64 KiB a second and backend.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "os/fd.h"
#include "process/reactor.h"

namespace turnpike::process {

class LineReader {
 public:
    using Line = std::function<void(std::string_view)>;

    /// `pipe`: the reading end, non-blocking.
    LineReader(Reactor& reactor, os::Fd pipe, Line line);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

 private:
    void onEvent();
    void take(std::string_view bytes);
    bool withinBudget(size_t size);
    void flush();

    Reactor& reactor_;
    os::Fd pipe_;
    Line line_;
    std::string rest_;
    uint64_t window_ = 0;  // the second that the budget is for
    size_t spent_ = 0, dropped_ = 0;
};

}  // namespace turnpike::process
