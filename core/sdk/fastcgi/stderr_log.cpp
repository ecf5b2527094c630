#include "sdk/fastcgi/stderr_log.h"

#include <algorithm>

namespace turnpike::fastcgi {

void StderrLog::flushLine(const tp_host& host, tp_request* request) {
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (!line_.empty()) host.log_request(request, TP_LOG_WARN, str(line_));
    line_.clear();
}

void StderrLog::add(const tp_host& host, tp_request* request, std::string_view data, LogBudget& budget) {
    size_t take = std::min({data.size(), kLimit - taken_, static_cast<size_t>(budget.left)});
    budget.left -= take;
    taken_ += take;
    dropped_ += data.size() - take;
    data = data.substr(0, take);
    for (size_t end; (end = data.find('\n')) != std::string_view::npos; data.remove_prefix(end + 1)) {
        line_.append(data.substr(0, end));
        flushLine(host, request);
    }
    line_.append(data);
}

void StderrLog::finish(const tp_host& host, tp_request* request) {
    flushLine(host, request);
    if (dropped_ > 0)
        host.log_request(request, TP_LOG_WARN,
                         str(std::to_string(dropped_) + " bytes of the backend's error stream dropped"));
    taken_ = 0;
    dropped_ = 0;
}

}  // namespace turnpike::fastcgi
