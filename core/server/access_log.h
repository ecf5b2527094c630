// access_log.h - what an access log's lines look like, and which log each site has. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/log_format.h"
#include "config/snapshot.h"
#include "sdk/plugin.h"
#include "server/log.h"
#include "server/log_line.h"

namespace turnpike::server {

/// The time of a request as text, made once a second.
class LogClock {
 public:
    explicit LogClock(const char* format) : format_(format) {}
    std::string_view text(int64_t unix_ms);

 private:
    const char* format_;  // of strftime
    int64_t second_ = -1;
    char text_[40] = "";
    size_t size_ = 0;
};

/// One format on one file.
class AccessLog {
 public:
    /// `format`: as the config has it, checked there.
    AccessLog(const std::string& format, LogFile& file);

    bool isOn() const { return kind_ != Kind::Off; }
    /// Whether a line tells when the request was routed or its answer began: each is a clock read.
    bool hasPhases() const { return has_phases_; }
    /// Lines are of visitors, unless they can tell that no client waited.
    void write(const tp_request_view& request, const tp_log_record& record);
    LogFile& file() { return file_; }

 private:
    enum class Kind : uint8_t { Off, Json, Pieces };

    LogFile& file_;
    Kind kind_;
    bool has_phases_ = false, tells_background_ = false;
    std::vector<config::LogPiece> pieces_;
    LogClock clock_, iso_clock_;
};

/// The access logs of a worker: a file that several sites name is opened once.
class AccessLogs {
 public:
    /// `lost`: where dropped lines are counted.
    AccessLogs(const config::Snapshot& snapshot, uint64_t& lost);

    /// That of the site with this number in the snapshot.
    AccessLog& ofSite(size_t index) { return *of_site_[index]; }
    /// For requests that no site has.
    AccessLog& ofServer() { return *of_server_; }
    /// 0, or -errno with *why. What is off is not opened.
    int open(std::string* why);
    void reopen();
    void flush();
    bool hasLines() const;

 private:
    std::vector<std::unique_ptr<LogFile>> files_;
    std::vector<std::unique_ptr<AccessLog>> logs_;
    AccessLog* of_server_ = nullptr;
    std::vector<AccessLog*> of_site_;
};

}  // namespace turnpike::server
