#include "error_lines.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "sdk/plugin.hpp"

namespace turnpike::cgi {

size_t LogBudget::take(size_t size) {
    if (!second_.isArmed())
        second_.arm(
            1000, [](void* self) { static_cast<LogBudget*>(self)->left_ = kErrorsPerSecond; }, this);
    size_t granted = std::min(size, left_);
    left_ -= granted;
    return granted;
}

void ErrorLines::reset(std::string_view name, uint64_t request_id) {
    name_ = name;
    partial_.clear();
    request_id_ = request_id;
    taken_ = dropped_ = 0;
}

void ErrorLines::take(std::string_view data, tp_request* request) {
    size_t room = std::min<size_t>(data.size(), kErrorsPerRequest - taken_);
    size_t granted = room > 0 ? budget_.take(room) : 0;
    taken_ += granted;
    dropped_ += data.size() - granted;
    data = data.substr(0, granted);
    while (!data.empty()) {
        std::string_view piece = data.substr(0, kErrorLine - partial_.size());
        size_t newline = piece.find('\n');
        partial_.append(piece.substr(0, newline));
        if (newline != piece.npos || partial_.size() == kErrorLine) {
            log(request, partial_);
            partial_.clear();
        }
        data.remove_prefix(newline == piece.npos ? piece.size() : newline + 1);
    }
}

void ErrorLines::finish(tp_request* request) {
    if (!partial_.empty()) log(request, partial_);
    if (dropped_ > 0) log(request, std::to_string(dropped_) + " bytes dropped");
    partial_.clear();
    dropped_ = 0;
}

void ErrorLines::log(tp_request* request, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    std::string whole = name_ + ": ";
    whole.append(line);
    if (request != nullptr) return services_.host.log_request(request, TP_LOG_WARN, str(whole));
    char id[32];
    std::snprintf(id, sizeof id, "[%016" PRIx64 "] ", request_id_);
    services_.host.log(TP_LOG_WARN, str(id + whole));
}

}  // namespace turnpike::cgi
