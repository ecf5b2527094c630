#include "server/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>

#include "os/file.h"

namespace turnpike::server {
namespace {

constexpr size_t kMostOfAField = 2048;
constexpr size_t kFlushAt = 32768;
constexpr char kHex[] = "0123456789abcdef";

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

void appendNumber(std::string& to, uint64_t value) {
    char digits[20];
    auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    to.append(digits, end);
}

void appendSigned(std::string& to, int64_t value) {
    if (value < 0) to += '-';
    appendNumber(to, value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

void appendId(std::string& to, uint64_t id) {
    char digits[16];
    for (int i = 15; i >= 0; --i, id >>= 4) digits[i] = kHex[id & 15];
    to.append(digits, sizeof digits);
}

bool isPlain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

std::string_view field(const tp_request_view& request, std::string_view name) {
    for (uint32_t i = 0; i < request.field_count; ++i)
        if (text(request.fields[i].name) == name) return text(request.fields[i].value);
    return {};
}

/// "-" stands for what is not there, as the combined format has it.
void appendQuoted(std::string& to, std::string_view value) {
    to += '"';
    if (value.empty()) to += '-';
    appendEscaped(to, value);
    to += '"';
}

}  // namespace

void appendEscaped(std::string& to, std::string_view value) {
    value = value.substr(0, kMostOfAField);
    for (size_t at = 0; at < value.size();) {
        auto stop = std::find_if_not(value.begin() + static_cast<std::ptrdiff_t>(at), value.end(), isPlain);
        auto plain = static_cast<size_t>(stop - value.begin());
        to.append(value.substr(at, plain - at));
        at = plain;
        if (at == value.size()) return;
        auto byte = static_cast<unsigned char>(value[at++]);
        const char escaped[] = {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
        to.append(escaped, sizeof escaped);
    }
}

void appendJson(std::string& to, std::string_view value) {
    for (char c : value.substr(0, kMostOfAField)) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            // Bytes past ASCII may be anything; as Latin-1 code points the line is JSON whatever they were.
            const char escaped[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
            to.append(escaped, sizeof escaped);
        } else {
            to += c;
        }
    }
}

int LogFile::open() {
    if (path_ == "stderr" || path_ == "stdout") {
        fd_ = os::Fd(path_ == "stderr" ? STDERR_FILENO : STDOUT_FILENO, os::Class::Log);
        return 0;
    }
    int fd = os::open(path_, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0640, os::Class::Log);
    if (fd < 0) return fd;
    fd_ = os::Fd(fd, os::Class::Log);
    return 0;
}

void LogFile::reopen() {
    flush();
    if (path_ == "stderr" || path_ == "stdout") return;
    os::Fd before = std::move(fd_);
    if (open() < 0) fd_ = std::move(before);  // better the old file than none
}

void LogFile::append(std::string_view line) {
    buffer_.append(line);
    if (buffer_.size() >= kFlushAt) flush();
}

/// Before anything else is written after a loss. False: the log cannot be written yet.
bool LogFile::tellLost() {
    if (lost_since_ == 0) return true;
    std::string note = torn_ ? "\n" : "";
    note += std::to_string(lost_since_) + " log lines were lost: the log could not be written\n";
    int64_t done = os::write(fd_.get(), note.data(), note.size(), os::Class::Log);
    if (done > 0) torn_ = note[static_cast<size_t>(done) - 1] != '\n';
    if (done != static_cast<int64_t>(note.size())) return false;
    lost_since_ = 0;
    return true;
}

void LogFile::flush() {
    if (buffer_.empty()) return;
    std::string_view rest = buffer_;
    for (bool goes_on = tellLost(); goes_on && !rest.empty();) {
        int64_t done = os::write(fd_.get(), rest.data(), rest.size(), os::Class::Log);
        goes_on = done > 0;
        if (!goes_on) break;
        torn_ = rest[static_cast<size_t>(done) - 1] != '\n';
        rest.remove_prefix(static_cast<size_t>(done));
    }
    auto lines = static_cast<uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
    lost_ += lines;
    lost_since_ += lines;
    buffer_.clear();
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
    line_.clear();
    if (format_ == config::LogFormat::Json)
        json(request, record);
    else
        combined(request, record);
    file_.append(line_);
}

void AccessLog::combined(const tp_request_view& request, const tp_log_record& record) {
    line_.append(text(request.remote_address)).append(" - ");
    if (request.remote_user.len == 0) line_ += '-';
    appendEscaped(line_, text(request.remote_user));
    line_.append(" [").append(time(request.received_unix_ms)).append("] \"");
    appendEscaped(line_, text(request.method));
    line_ += ' ';
    appendEscaped(line_, text(request.target));
    line_ += ' ';
    line_.append(text(request.protocol)).append("\" ");
    appendNumber(line_, record.status);
    line_ += ' ';
    appendNumber(line_, record.bytes_sent);
    line_ += ' ';
    appendQuoted(line_, field(request, "referer"));
    line_ += ' ';
    appendQuoted(line_, field(request, "user-agent"));
    line_ += ' ';
    appendId(line_, request.id);
    line_ += ' ';
    line_.append(request.site.len > 0 ? text(request.site) : "-").append(" ");
    line_.append(*record.plugin != '\0' ? record.plugin : "-").append(" ");
    appendSigned(line_, record.total_us);
    line_ += '\n';
}

void AccessLog::json(const tp_request_view& request, const tp_log_record& record) {
    auto string = [this](const char* name, std::string_view value) {
        line_.append(",\"").append(name).append("\":\"");
        appendJson(line_, value);
        line_ += '"';
    };
    auto number = [this](const char* name, int64_t value) {
        line_.append(",\"").append(name).append("\":");
        appendSigned(line_, value);
    };
    line_.append("{\"time\":\"").append(time(request.received_unix_ms)).append("\",\"id\":\"");
    appendId(line_, request.id);
    line_ += '"';
    string("site", text(request.site));
    string("plugin", record.plugin);
    string("remote", text(request.remote_address));
    string("user", text(request.remote_user));
    string("method", text(request.method));
    string("target", text(request.target));
    string("protocol", text(request.protocol));
    string("host", text(request.host));
    string("referer", field(request, "referer"));
    string("agent", field(request, "user-agent"));
    number("status", record.status);
    number("sent", static_cast<int64_t>(record.bytes_sent));
    number("received", static_cast<int64_t>(record.bytes_received));
    number("aborted", record.aborted);
    number("total_us", record.total_us);
    number("routed_us", record.routed_us);
    static constexpr const char* kPhases[TP_PHASE_COUNT] = {"queued_us", "connected_us", "request_sent_us",
                                                            "first_byte_us", "last_byte_us"};
    for (size_t i = 0; i < TP_PHASE_COUNT; ++i)
        if (record.phase_us[i] >= 0) number(kPhases[i], record.phase_us[i]);
    number("first_sent_us", record.first_sent_us);
    line_.append(",\"crossings\":{\"event_milli\":");
    appendNumber(line_, record.event_milli);
    for (size_t i = 0; i < TP_CLASS_COUNT; ++i) {
        const tp_crossing& c = record.crossings[i];
        if (c.calls == 0) continue;
        line_.append(",\"").append(ledger::name(static_cast<ledger::Class>(i))).append("\":{\"calls\":");
        appendNumber(line_, c.calls);
        line_.append(",\"bytes\":");
        appendNumber(line_, c.bytes);
        line_.append("}");
    }
    line_.append("}}\n");
}

std::string aboutRequest(const tp_request_view& request, std::string_view message) {
    std::string line = "request ";
    appendId(line, request.id);
    line.append(" site ").append(request.site.len > 0 ? text(request.site) : "-");
    if (request.method.len > 0)
        line.append(" \"").append(text(request.method)).append(" ").append(text(request.target)).append("\"");
    return line.append(": ").append(message);
}

}  // namespace turnpike::server
