// log_target.h - where log lines go: a stream, a file, or a socket of syslog or journald that takes a datagram for
// each line. Nobody is waited for. No threads inside; each process opens its own.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/fd.h"
#include "os/socket.h"

namespace turnpike::os {

/// What is wrong with a target that is no file, or empty. "syslog" is /dev/log, "syslog:127.0.0.1:514" another one
/// over UDP and "syslog:unix:/path" by another socket; "journald" and "journald:unix:/path" the same for systemd's
/// journal.
std::string checkLogTarget(std::string_view target);

class LogTarget {
 public:
    /// `kind`: what the lines are, "access" or "error"; syslog's MSGID, or behind the program's name.
    explicit LogTarget(const char* kind) : kind_(kind) {}

    /// "stderr", "stdout", a file, or as checkLogTarget() says. 0 or -errno, and then what was open still is.
    int open(const std::string& target);
    bool isOpen() const { return fd_ >= 0; }
    /// A write never waits for a reader.
    bool isFile() const { return is_file_; }
    /// Lines need no time, level and process of their own.
    bool isSocket() const { return form_ != Form::Text; }
    int fd() const { return fd_; }
    /// As much of `lines` (TP_LOG_* is their level) as goes without waiting: bytes taken, fewer than all when
    /// there was no room or the target failed; -errno: none. A socket takes whole lines only.
    int64_t append(std::string_view lines, int32_t level);

 private:
    enum class Form : uint8_t { Text, Syslog, LocalSyslog, Journald };

    static Form formOf(bool is_syslog, const Address& to);
    int connect(Form form, const Address& to);
    int64_t sendLine(std::string_view line, int32_t level);
    int64_t sendLines(std::string_view lines, int32_t level);
    std::string datagram(std::string_view line, int32_t level) const;

    const char* kind_;
    Form form_ = Form::Text;
    int fd_ = -1;
    bool is_file_ = false;
    Fd owned_;
    Address address_;
    std::string host_;
    int64_t pid_ = 0;
};

}  // namespace turnpike::os
