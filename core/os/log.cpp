#include "os/log.h"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "os/call.h"
#include "os/file.h"
#include "os/process.h"
#include "sdk/plugin.h"

namespace turnpike::os {
namespace {
constexpr size_t kMostText = 8192;

const char* levelName(int32_t level) {
    static constexpr const char* kNames[] = {"error", "warn", "info", "debug"};
    return kNames[level < TP_LOG_ERROR ? TP_LOG_ERROR : level > TP_LOG_DEBUG ? TP_LOG_DEBUG : level];
}

void escapeInto(std::string& line, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    for (char c : text.substr(0, kMostText)) {
        auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\') {
            line += c;
            continue;
        }
        line += "\\x";
        line += kHex[byte >> 4];
        line += kHex[byte & 15];
    }
}
}  // namespace

std::string logLine(int64_t unix_ms, int32_t level, std::string_view role, int64_t pid, std::string_view text) {
    time_t seconds = unix_ms / 1000;
    tm parts{};
    gmtime_r(&seconds, &parts);
    char head[96];
    size_t size = std::strftime(head, sizeof head, "%Y-%m-%dT%H:%M:%S", &parts);
    std::string line(head, size);
    std::snprintf(head, sizeof head, ".%03dZ %s %.*s[%lld]: ", static_cast<int>(unix_ms % 1000), levelName(level),
                  static_cast<int>(role.size()), role.data(), static_cast<long long>(pid));
    line += head;
    escapeInto(line, text);
    line += '\n';
    return line;
}

namespace {
/// poll() says that so much can be written without waiting (pipe(7), PIPE_BUF).
constexpr size_t kPiece = 4096;

bool hasRoom(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    return call(Class::Log, false, [&] { return ::poll(&waiting, 1, 0); }) > 0;
}
}  // namespace

int openLog(const std::string& path) {
    return os::open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK, 0640, Class::Log);
}

bool isFile(int fd) {
    struct stat st {};
    return os::fstat(fd, &st, Class::Log) == 0 && S_ISREG(st.st_mode);
}

int64_t appendLog(int fd, bool is_file, std::string_view text) {
    int64_t written = 0;
    while (!text.empty()) {
        if (!is_file && !hasRoom(fd)) return written > 0 ? written : -EAGAIN;
        int64_t done =
            os::write(fd, text.data(), is_file ? text.size() : std::min(text.size(), kPiece), Class::Log);
        if (done <= 0) return written > 0 ? written : done;
        written += done;
        text.remove_prefix(static_cast<size_t>(done));
    }
    return written;
}

ErrorLog::~ErrorLog() = default;

Result<bool> ErrorLog::open(const std::string& target, int32_t level) {
    level_ = level;
    if (pid_ == 0) pid_ = ownPid();  // here, so that no request pays for it
    const int opened = target_.open(target);
    if (opened < 0) return Error{-opened, "cannot open the error log " + target + ": " + std::strerror(-opened)};
    return true;
}

void ErrorLog::become(std::string role) {
    role_ = std::move(role);
    pid_ = ownPid();
}

std::string ErrorLog::line(int32_t level, std::string_view text) const {
    if (!target_.isSocket()) return logLine(unixMs(), level, role_, pid_, text);
    std::string brief = role_ + ": ";
    escapeInto(brief, text);
    return brief + "\n";
}

bool ErrorLog::write(int32_t level, std::string_view text) {
    if (level > level_) return true;
    if (!target_.isOpen()) (void)target_.open("stderr");
    if (pid_ == 0) pid_ = ownPid();
    std::string lines = torn_ ? "\n" : "";
    if (lost_since_ > 0)
        lines +=
            line(TP_LOG_WARN, std::to_string(lost_since_) + " log lines were lost: the log could not be written");
    lines += line(level, text);
    const int64_t written = target_.append(lines, level);
    if (written == static_cast<int64_t>(lines.size())) {
        lost_since_ = 0;
        torn_ = false;
        return true;
    }
    ++lost_since_;
    if (written > 0) torn_ = lines[static_cast<size_t>(written) - 1] != '\n';
    return false;
}

}  // namespace turnpike::os
