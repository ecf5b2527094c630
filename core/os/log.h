// log.h - the error log's line format and its file. One write(2) a line, so lines of several processes that append
// to one file never mix. No threads inside; each process opens its own.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/fd.h"
#include "os/log_target.h"

namespace turnpike::os {

/// "2026-11-24T04:20:00.123Z error master[71]: text\n". `level` is TP_LOG_*. Bytes of `text` that could forge a
/// line or drive a terminal come as \xHH; what passes 8 KiB is cut.
std::string logLine(int64_t unix_ms, int32_t level, std::string_view role, int64_t pid, std::string_view text);

/// Opens a file to append log lines to; made when missing. A FIFO that nobody reads is -ENXIO, not a wait.
int openLog(const std::string& path);
/// Whether it is a regular file, where a write never waits for a reader.
bool isFile(int fd);
/// Appends as much of `text` as goes without waiting: a pipe or terminal that nobody empties must not hold up
/// those who log. Bytes written, fewer than all when there was no room or the target failed; -errno: none.
int64_t appendLog(int fd, bool is_file, std::string_view text);

class ErrorLog {
 public:
    /// `role`: "master", "worker", ...; printed with the process's id.
    explicit ErrorLog(std::string role) : role_(std::move(role)) {}
    ~ErrorLog();
    ErrorLog(const ErrorLog&) = delete;
    ErrorLog& operator=(const ErrorLog&) = delete;

    /// `target`: as LogTarget takes it. Until then, and when it fails, lines go to stderr. Called again it moves
    /// to the new target, or reopens the same one after it was rotated away.
    Result<bool> open(const std::string& target, int32_t level);
    /// After fork: the same target under another name.
    void become(std::string role);
    /// Writes the line when `level` is not below the log's own. False: it could not be written and is lost; the
    /// next one that can be tells how many were.
    bool write(int32_t level, std::string_view text);
    int fd() const { return target_.isOpen() ? target_.fd() : 2; }

 private:
    std::string line(int32_t level, std::string_view text) const;

    std::string role_;
    int64_t pid_ = 0;
    int32_t level_ = 2;
    LogTarget target_{"error"};
    uint64_t lost_since_ = 0;
    bool torn_ = false;  // what is in the file ends inside a line
};

}  // namespace turnpike::os
