#include "server/access_log.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <map>

#include "base/assert.h"
#include "ledger/ledger.h"

namespace turnpike::server {
namespace {

using config::LogField;
using config::LogPiece;

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

std::string_view field(const tp_request_view& request, std::string_view name) {
    for (uint32_t i = 0; i < request.field_count; ++i)
        if (text(request.fields[i].name) == name) return text(request.fields[i].value);
    return {};
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

void json(LogLine& line, std::string_view time, const tp_request_view& request, const tp_log_record& record) {
    line.text("{\"time\":\"").text(time).text("\",\"id\":\"").id(request.id).byte('"');
    if (request.background_of != 0) line.text(",\"background_of\":\"").id(request.background_of).byte('"');
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

/// What the pieces of a line are made from.
struct Source {
    const tp_request_view& request;
    const tp_log_record& record;
    LogClock &clock, &iso_clock;
};

/// "-" stands for what is not there, as the combined format has it.
void put(LogLine& line, std::string_view value) {
    if (value.empty()) line.byte('-');
    line.escaped(value);
}
void put(LogLine& line, int64_t value) {
    if (value < 0)
        line.byte('-');
    else
        line.number(value);
}

uint64_t allCalls(const tp_log_record& record) {
    uint64_t calls = 0;
    for (const tp_crossing& c : record.crossings) calls += c.calls;
    return calls;
}

int64_t countOf(const tp_log_record& record, const LogPiece& piece) {
    const tp_crossing& c = record.crossings[piece.crossing_class];
    const uint64_t counts[] = {c.calls, c.errors, c.bytes};
    return static_cast<int64_t>(counts[static_cast<size_t>(piece.count)]);
}

std::string_view textOf(const Source& from, LogField field_name) {
    const tp_request_view& request = from.request;
    switch (field_name) {
        case LogField::Time:
            return from.clock.text(request.received_unix_ms);
        case LogField::TimeIso:
            return from.iso_clock.text(request.received_unix_ms);
        case LogField::Site:
            return text(request.site);
        case LogField::Plugin:
            return from.record.plugin;
        case LogField::Remote:
            return text(request.remote_address);
        case LogField::Local:
            return text(request.local_address);
        case LogField::User:
            return text(request.remote_user);
        case LogField::Scheme:
            return request.secure != 0 ? "https" : "http";
        case LogField::Method:
            return text(request.method);
        case LogField::Target:
            return text(request.target);
        case LogField::Path:
            return text(request.path);
        case LogField::Query:
            return text(request.query);
        case LogField::Protocol:
            return text(request.protocol);
        case LogField::Host:
            return text(request.host);
        case LogField::Referer:
            return field(request, "referer");
        default:
            return field(request, "user-agent");
    }
}

int64_t numberOf(const Source& from, LogField field_name) {
    const tp_log_record& record = from.record;
    switch (field_name) {
        case LogField::TimeUnixMs:
            return from.request.received_unix_ms;
        case LogField::RemotePort:
            return from.request.remote_port;
        case LogField::LocalPort:
            return from.request.local_port;
        case LogField::Status:
            return record.status;
        case LogField::Sent:
            return static_cast<int64_t>(record.bytes_sent);
        case LogField::Received:
            return static_cast<int64_t>(record.bytes_received);
        case LogField::Aborted:
            return record.aborted;
        case LogField::TotalUs:
            return record.total_us;
        case LogField::RoutedUs:
            return record.routed_us;
        case LogField::FirstSentUs:
            return record.first_sent_us;
        case LogField::EventMilli:
            return record.event_milli;
        case LogField::AllCalls:
            return static_cast<int64_t>(allCalls(record));
        default:
            return record.phase_us[static_cast<size_t>(field_name) - static_cast<size_t>(LogField::QueuedUs)];
    }
}

void put(LogLine& line, const Source& from, const LogPiece& piece) {
    if (piece.field == LogField::Literal)
        line.text(piece.text);
    else if (piece.field <= LogField::Agent)
        put(line, textOf(from, piece.field));
    else if (piece.field <= LogField::AllCalls)
        put(line, numberOf(from, piece.field));
    else if (piece.field == LogField::Id)
        line.id(from.request.id);
    else if (piece.field == LogField::BackgroundOf)
        from.request.background_of != 0 ? line.id(from.request.background_of) : line.byte('-');
    else if (piece.field == LogField::RequestField)
        put(line, field(from.request, piece.text));
    else
        put(line, countOf(from.record, piece));
}

}  // namespace

std::string_view LogClock::text(int64_t unix_ms) {
    const time_t second = unix_ms / 1000;
    if (second != second_) {
        second_ = second;
        tm local{};
        localtime_r(&second, &local);
        size_ = std::strftime(text_, sizeof text_, format_, &local);
    }
    return {text_, size_};
}

AccessLog::AccessLog(const std::string& format, LogFile& file)
    : file_(file),
      kind_(format == "off"    ? Kind::Off
            : format == "json" ? Kind::Json
                               : Kind::Pieces),
      clock_("%d/%b/%Y:%H:%M:%S %z"),
      iso_clock_("%Y-%m-%dT%H:%M:%S%z") {
    has_phases_ = tells_background_ = kind_ == Kind::Json;
    if (kind_ != Kind::Pieces) return;
    auto pieces = config::parseLogFormat(format == "combined" ? config::kCombinedLog : format);
    TP_ASSERT(pieces);  // the config has parsed it before
    pieces_ = std::move(*pieces);
    for (const LogPiece& piece : pieces_) {
        has_phases_ = has_phases_ || piece.field == LogField::RoutedUs || piece.field == LogField::FirstSentUs;
        tells_background_ = tells_background_ || piece.field == LogField::BackgroundOf;
    }
}

void AccessLog::write(const tp_request_view& request, const tp_log_record& record) {
    if (!isOn() || (request.background_of != 0 && !tells_background_)) return;
    LogLine line(file_.room());
    if (kind_ == Kind::Json) {
        json(line, iso_clock_.text(request.received_unix_ms), request, record);
    } else {
        const Source from{request, record, clock_, iso_clock_};
        for (const LogPiece& piece : pieces_) put(line, from, piece);
        line.byte('\n');
    }
    file_.commit(line.size());
}

AccessLogs::AccessLogs(const config::Snapshot& snapshot, uint64_t& lost) {
    std::map<std::string, LogFile*> files;
    std::map<std::pair<std::string, std::string>, AccessLog*> logs;
    auto find = [&](const std::string& path, const std::string& format) {
        AccessLog*& log = logs[{path, format}];
        if (log != nullptr) return log;
        LogFile*& file = files[path];
        if (file == nullptr) file = files_.emplace_back(std::make_unique<LogFile>(path, lost)).get();
        return log = logs_.emplace_back(std::make_unique<AccessLog>(format, *file)).get();
    };
    of_server_ = find(snapshot.server.access_log, snapshot.server.access_format);
    for (const config::Site& site : snapshot.sites) of_site_.push_back(find(site.access_log, site.access_format));
}

int AccessLogs::open(std::string* why) {
    for (const auto& log : logs_) {
        if (!log->isOn() || log->file().isOpen()) continue;
        if (int opened = log->file().open(); opened < 0) {
            *why = "cannot open the log " + log->file().path() + ": " + std::strerror(-opened);
            return opened;
        }
    }
    return 0;
}

void AccessLogs::reopen() {
    for (const auto& file : files_)
        if (file->isOpen()) file->reopen();
}

void AccessLogs::flush() {
    for (const auto& file : files_) file->flush();
}

bool AccessLogs::hasLines() const {
    return std::any_of(files_.begin(), files_.end(), [](const auto& file) { return file->hasLines(); });
}

}  // namespace turnpike::server
