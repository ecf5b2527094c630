// log.h - a log file of a worker. Lines are gathered and written in blocks; a log that cannot be written costs
// lines (counted), never a request. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/log_format.h"
#include "os/log_target.h"
#include "sdk/plugin.h"
#include "server/log_line.h"

namespace turnpike::server {

/// A log that is written in blocks: a file, a stream or a socket, as os::LogTarget takes it.
class LogFile {
 public:
    /// `lost`: where dropped lines are counted.
    LogFile(std::string path, uint64_t& lost) : path_(std::move(path)), lost_(lost) {}
    ~LogFile() { flush(); }

    /// 0 or -errno.
    int open();
    void reopen();
    /// Room for a line of at most kMostLine bytes; commit() what was written there.
    char* room();
    void commit(size_t size);
    /// Writes what goes without waiting. The rest stays for the next flush of a pipe that is full for the moment,
    /// and is lost otherwise.
    void flush();
    bool isOpen() const { return target_.isOpen(); }
    bool hasLines() const { return used_ > 0; }
    const std::string& path() const { return path_; }

    static constexpr size_t kMostLine = config::kMostLogLine;

 private:
    static constexpr size_t kFlushAt = size_t{64} * 1024;
    bool tellLost();

    std::string path_;
    std::unique_ptr<char[]> buffer_;  // kFlushAt + kMostLine; pages that no line reaches cost nothing
    size_t used_ = 0;
    os::LogTarget target_{"access"};
    uint64_t& lost_;
    uint64_t lost_since_ = 0;
    bool torn_ = false;  // what is in the file ends inside a line
};

/// "request 00..1f site main "GET /x": message", the text of an error log line that is about a request.
std::string aboutRequest(const tp_request_view& request, std::string_view message);

}  // namespace turnpike::server
