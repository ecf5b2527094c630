#include "os/log_target.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "os/call.h"
#include "os/log.h"
#include "os/process.h"
#include "sdk/plugin.h"

namespace turnpike::os {
namespace {

constexpr std::string_view kSyslog = "syslog", kJournald = "journald";
constexpr const char* kSyslogSocket = "unix:/dev/log";
constexpr const char* kJournaldSocket = "unix:/run/systemd/journal/socket";
/// A datagram over UDP holds 65,507 bytes; the rest of a longer line is cut.
constexpr size_t kMostLine = 60'000;
constexpr int kDaemon = 3;  // RFC 5424 6.2.1: the facility of system daemons

bool isNamed(std::string_view target, std::string_view name) {
    return target == name || (target.starts_with(name) && target[name.size()] == ':');
}

/// The address behind the name, or the usual one.
std::string addressOf(std::string_view target, std::string_view name, const char* usual) {
    return target.size() > name.size() ? std::string(target.substr(name.size() + 1)) : usual;
}

/// RFC 5424 6.2.1 and systemd's PRIORITY have the same numbers.
int severity(int32_t level) {
    constexpr int kSeverities[] = {3, 4, 6, 7};
    return kSeverities[std::clamp(level, TP_LOG_ERROR, TP_LOG_DEBUG)];
}

/// RFC 5424 6.2.4: visible ASCII; "-" when there is none.
std::string hostName() {
    char name[256] = "";
    call(Class::Log, false, [&] { return ::gethostname(name, sizeof name - 1); });
    std::string host(name);
    std::erase_if(host, [](char c) { return c < 0x21 || c > 0x7e; });
    return host.empty() ? "-" : host;
}

/// RFC 3339 in milliseconds, as RFC 5424 wants it.
std::string exactTime() {
    const int64_t now = unixMs();
    const time_t seconds = now / 1000;
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(now % 1000));
    return text;
}

/// "Nov  9 07:05:03", local time, in no language but this one.
std::string syslogTime() {
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t now = static_cast<time_t>(unixMs() / 1000);
    tm parts{};
    localtime_r(&now, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%s %2d %02d:%02d:%02d", kMonths[parts.tm_mon], parts.tm_mday, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
    return text;
}

/// The receiver has gone, and perhaps there is a new one.
bool isLost(int64_t error) { return error == -ECONNREFUSED || error == -ENOTCONN || error == -ECONNRESET; }

}  // namespace

std::string checkLogTarget(std::string_view target) {
    if (target == "stderr" || target == "stdout") return {};
    const bool is_journald = isNamed(target, kJournald);
    if (!is_journald && !isNamed(target, kSyslog)) return "is no such target";
    auto address = Address::parse(is_journald ? addressOf(target, kJournald, kJournaldSocket)
                                              : addressOf(target, kSyslog, kSyslogSocket));
    if (!address) return address.error().text;
    return is_journald && !address->isUnix() ? "journald listens on a unix socket only" : std::string();
}

int LogTarget::open(const std::string& target) {
    const bool is_syslog = isNamed(target, kSyslog);
    if (is_syslog || isNamed(target, kJournald)) {
        auto address = Address::parse(is_syslog ? addressOf(target, kSyslog, kSyslogSocket)
                                                : addressOf(target, kJournald, kJournaldSocket));
        if (!address) return -EINVAL;
        return connect(formOf(is_syslog, *address), *address);
    }
    Fd file;
    int fd = target == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
    if (target != "stderr" && target != "stdout") {
        fd = openLog(target);
        if (fd < 0) return fd;
        file = Fd(fd, Class::Log);
    }
    owned_ = std::move(file);
    fd_ = fd;
    form_ = Form::Text;
    is_file_ = os::isFile(fd);
    return 0;
}

/// Who listens on a unix socket takes the program's name from where syslog(3) puts it: rsyslog and journald read
/// RFC 5424 there as text. Over the network either is understood, and that one says more.
LogTarget::Form LogTarget::formOf(bool is_syslog, const Address& to) {
    if (!is_syslog) return Form::Journald;
    return to.isUnix() ? Form::LocalSyslog : Form::Syslog;
}

int LogTarget::connect(Form form, const Address& to) {
    const auto family = to.storage.ss_family;
    Fd fd(static_cast<int>(call(Class::Log, false,
                                [&] { return ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); })),
          Class::Log);
    if (!fd) return fd.get();
    const auto* address = reinterpret_cast<const sockaddr*>(&to.storage);
    const auto done = call(Class::Log, false, [&] { return ::connect(fd.get(), address, to.size); });
    if (done < 0) return static_cast<int>(done);
    if (pid_ == 0) host_ = hostName();
    pid_ = ownPid();
    address_ = to;
    form_ = form;
    is_file_ = false;
    owned_ = std::move(fd);
    fd_ = owned_.get();
    return 0;
}

std::string LogTarget::datagram(std::string_view line, int32_t level) const {
    line = line.substr(0, kMostLine);
    if (form_ == Form::Journald) {
        std::string text = "PRIORITY=" + std::to_string(severity(level)) +
                           "\nSYSLOG_IDENTIFIER=turnpike\nTURNPIKE_LOG=" + kind_ + "\nMESSAGE=";
        return text.append(line).append("\n");
    }
    const std::string process = std::to_string(pid_);
    std::string text = "<" + std::to_string(kDaemon * 8 + severity(level)) + ">";
    if (form_ == Form::LocalSyslog)
        text += syslogTime() + " turnpike/" + kind_ + "[" + process + "]: ";
    else
        text += "1 " + exactTime() + " " + host_ + " turnpike " + process + " " + kind_ + " - ";
    return text.append(line);
}

int64_t LogTarget::sendLine(std::string_view line, int32_t level) {
    const std::string text = datagram(line, level);
    auto send = [&] {
        return call(Class::Log, true, [&] { return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); });
    };
    const int64_t sent = send();
    if (!isLost(sent)) return sent;
    return connect(form_, address_) == 0 ? send() : sent;
}

int64_t LogTarget::sendLines(std::string_view lines, int32_t level) {
    int64_t taken = 0;
    while (!lines.empty()) {
        const size_t end = std::min(lines.find('\n'), lines.size());
        const int64_t sent = sendLine(lines.substr(0, end), level);
        if (sent < 0) return taken > 0 ? taken : sent;
        const size_t size = std::min(end + 1, lines.size());
        taken += static_cast<int64_t>(size);
        lines.remove_prefix(size);
    }
    return taken;
}

int64_t LogTarget::append(std::string_view lines, int32_t level) {
    return form_ == Form::Text ? appendLog(fd_, is_file_, lines) : sendLines(lines, level);
}

}  // namespace turnpike::os
