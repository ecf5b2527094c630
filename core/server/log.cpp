#include "server/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "os/file.h"
#include "os/log.h"

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

std::string_view field(const tp_request_view& request, std::string_view name) {
    for (uint32_t i = 0; i < request.field_count; ++i)
        if (text(request.fields[i].name) == name) return text(request.fields[i].value);
    return {};
}

/// "-" stands for what is not there, as the combined format has it.
void quoted(LogLine& line, std::string_view value) {
    line.byte('"');
    if (value.empty()) line.byte('-');
    line.escaped(value).byte('"');
}

/// Members of a JSON object.
void member(LogLine& line, std::string_view name, std::string_view value) {
    line.text(",\"").text(name).text("\":\"").json(value).byte('"');
}
void member(LogLine& line, std::string_view name, int64_t value) {
    line.text(",\"").text(name).text("\":").number(value);
}

void crossings(LogLine& line, const tp_log_record& record) {
    line.text(",\"crossings\":{\"event_milli\":").number(record.event_milli);
    for (size_t i = 0; i < TP_CLASS_COUNT; ++i) {
        const tp_crossing& c = record.crossings[i];
        if (c.calls == 0) continue;
        line.text(",\"").text(ledger::name(static_cast<ledger::Class>(i))).text("\":{\"calls\":");
        line.number(static_cast<int64_t>(c.calls)).text(",\"bytes\":").number(static_cast<int64_t>(c.bytes));
        line.byte('}');
    }
    line.byte('}');
}

}  // namespace

int LogFile::open() {
    if (path_ == "stderr" || path_ == "stdout") {
        fd_ = os::Fd(path_ == "stderr" ? STDERR_FILENO : STDOUT_FILENO, os::Class::Log);
        is_file_ = os::isFile(fd_.get());
        return 0;
    }
    int fd = os::openLog(path_);
    if (fd < 0) return fd;
    fd_ = os::Fd(fd, os::Class::Log);
    is_file_ = os::isFile(fd);
    return 0;
}

void LogFile::reopen() {
    flush();
    if (path_ == "stderr" || path_ == "stdout") return;
    os::Fd before = std::move(fd_);
    if (open() < 0) fd_ = std::move(before);  // better the old file than none
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
    int64_t done = os::appendLog(fd_.get(), is_file_, note);
    if (done > 0) torn_ = note[static_cast<size_t>(done) - 1] != '\n';
    if (done != static_cast<int64_t>(note.size())) return false;
    lost_since_ = 0;
    return true;
}

void LogFile::flush() {
    if (used_ == 0) return;
    std::string_view rest(buffer_.get(), used_);
    int64_t done = tellLost() ? os::appendLog(fd_.get(), is_file_, rest) : -EAGAIN;
    if (done > 0) {
        torn_ = rest[static_cast<size_t>(done) - 1] != '\n';
        rest.remove_prefix(static_cast<size_t>(done));
    }
    // A pipe that is full for the moment gets the rest later, as long as there is room for more lines.
    bool waits = lost_since_ == 0 && (done == -EAGAIN || done > 0) && !is_file_;
    if (!rest.empty() && (!waits || rest.size() >= kFlushAt)) {
        auto lines = static_cast<uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
        lost_ += lines;
        lost_since_ += lines;
        rest = {};
    }
    if (!rest.empty()) std::memmove(buffer_.get(), rest.data(), rest.size());
    used_ = rest.size();
}

std::string_view AccessLog::time(int64_t unix_ms) {
    time_t second = unix_ms / 1000;
    if (second != time_second_) {
        time_second_ = second;
        tm local{};
        localtime_r(&second, &local);
        time_size_ = format_ == config::LogFormat::Json
                         ? std::strftime(time_text_, sizeof time_text_, "%Y-%m-%dT%H:%M:%S%z", &local)
                         : std::strftime(time_text_, sizeof time_text_, "%d/%b/%Y:%H:%M:%S %z", &local);
    }
    return {time_text_, time_size_};
}

void AccessLog::write(const tp_request_view& request, const tp_log_record& record) {
    if (!isOn()) return;
    LogLine line(file_.room());
    if (format_ == config::LogFormat::Json)
        json(line, request, record);
    else
        combined(line, request, record);
    file_.commit(line.size());
}

void AccessLog::combined(LogLine& line, const tp_request_view& request, const tp_log_record& record) {
    line.text(text(request.remote_address)).text(" - ");
    if (request.remote_user.len == 0) line.byte('-');
    line.escaped(text(request.remote_user)).text(" [").text(time(request.received_unix_ms)).text("] \"");
    line.escaped(text(request.method)).byte(' ').escaped(text(request.target)).byte(' ');
    line.text(text(request.protocol)).text("\" ").number(record.status).byte(' ');
    line.number(static_cast<int64_t>(record.bytes_sent)).byte(' ');
    quoted(line, field(request, "referer"));
    line.byte(' ');
    quoted(line, field(request, "user-agent"));
    line.byte(' ').id(request.id).byte(' ').text(request.site.len > 0 ? text(request.site) : "-").byte(' ');
    line.text(*record.plugin != '\0' ? record.plugin : "-").byte(' ').number(record.total_us).byte('\n');
}

void AccessLog::json(LogLine& line, const tp_request_view& request, const tp_log_record& record) {
    line.text("{\"time\":\"").text(time(request.received_unix_ms)).text("\",\"id\":\"").id(request.id).byte('"');
    member(line, "site", text(request.site));
    member(line, "plugin", record.plugin);
    member(line, "remote", text(request.remote_address));
    member(line, "user", text(request.remote_user));
    member(line, "method", text(request.method));
    member(line, "target", text(request.target));
    member(line, "protocol", text(request.protocol));
    member(line, "host", text(request.host));
    member(line, "referer", field(request, "referer"));
    member(line, "agent", field(request, "user-agent"));
    member(line, "status", record.status);
    member(line, "sent", static_cast<int64_t>(record.bytes_sent));
    member(line, "received", static_cast<int64_t>(record.bytes_received));
    member(line, "aborted", record.aborted);
    member(line, "total_us", record.total_us);
    member(line, "routed_us", record.routed_us);
    static constexpr const char* kPhases[TP_PHASE_COUNT] = {"queued_us", "connected_us", "request_sent_us",
                                                            "first_byte_us", "last_byte_us"};
    for (size_t i = 0; i < TP_PHASE_COUNT; ++i)
        if (record.phase_us[i] >= 0) member(line, kPhases[i], record.phase_us[i]);
    member(line, "first_sent_us", record.first_sent_us);
    crossings(line, record);
    line.text("}\n");
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
