#include "server/log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

}  // namespace

int LogFile::open() { return target_.open(path_); }

void LogFile::reopen() {
    flush();
    if (path_ != "stderr" && path_ != "stdout") (void)target_.open(path_);  // better the old file than none
}

char* LogFile::room() {
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kFlushAt + kMostLine);
    return buffer_.get() + used_;
}

void LogFile::commit(size_t size) {
    used_ += size;
    if (used_ >= kFlushAt) flush();
}

/// Before anything else is written after a loss. False: the log cannot be written yet.
bool LogFile::tellLost() {
    if (lost_since_ == 0) return true;
    std::string note = torn_ ? "\n" : "";
    note += std::to_string(lost_since_) + " log lines were lost: the log could not be written\n";
    int64_t done = target_.append(note, TP_LOG_WARN);
    if (done > 0) torn_ = note[static_cast<size_t>(done) - 1] != '\n';
    if (done != static_cast<int64_t>(note.size())) return false;
    lost_since_ = 0;
    return true;
}

void LogFile::flush() {
    if (used_ == 0) return;
    std::string_view rest(buffer_.get(), used_);
    int64_t done = tellLost() ? target_.append(rest, TP_LOG_INFO) : -EAGAIN;
    if (done > 0) {
        torn_ = rest[static_cast<size_t>(done) - 1] != '\n';
        rest.remove_prefix(static_cast<size_t>(done));
    }
    // A pipe that is full for the moment gets the rest later, as long as there is room for more lines.
    bool waits = lost_since_ == 0 && (done == -EAGAIN || done > 0) && !target_.isFile();
    if (!rest.empty() && (!waits || rest.size() >= kFlushAt)) {
        auto lines = static_cast<uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
        lost_ += lines;
        lost_since_ += lines;
        rest = {};
    }
    if (!rest.empty()) std::memmove(buffer_.get(), rest.data(), rest.size());
    used_ = rest.size();
}

std::string aboutRequest(const tp_request_view& request, std::string_view message) {
    char id[16];
    LogLine(id).id(request.id);
    std::string line = "request ";
    line.append(id, sizeof id);
    line.append(" site ").append(request.site.len > 0 ? text(request.site) : "-");
    if (request.method.len > 0)
        line.append(" \"").append(text(request.method)).append(" ").append(text(request.target)).append("\"");
    return line.append(": ").append(message);
}

}  // namespace turnpike::server
