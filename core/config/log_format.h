// log_format.h - the lines of an access log as text with {fields}, "{remote} {status} {crossings.client.calls}":
// parsed when the config is read, written by the workers. Pure.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sdk/plugin.h"

namespace turnpike::config {

/// The longest part of a text that a log takes; the rest is cut.
inline constexpr size_t kMostOfALogField = 2048;
/// No format may make a longer line, whatever clients send.
inline constexpr size_t kMostLogLine = size_t{128} * 1024;

/// What the other servers call combined, and at its end what they lack: id, site, plugin and microseconds.
inline constexpr std::string_view kCombinedLog =
    R"({remote} - {user} [{time}] "{method} {target} {protocol}" {status} {sent} "{referer}" "{agent}" )"
    "{id} {site} {plugin} {total_us}";

/// In the order of kLogFields.
enum class LogField : uint8_t {
    // Texts.
    Time,
    TimeIso,
    Site,
    Plugin,
    Remote,
    Local,
    User,
    Scheme,
    Method,
    Target,
    Path,
    Query,
    Protocol,
    Host,
    Referer,
    Agent,
    // Numbers; the phases in the order of TP_PHASE_*.
    TimeUnixMs,
    RemotePort,
    LocalPort,
    Status,
    Sent,
    Received,
    Aborted,
    TotalUs,
    RoutedUs,
    QueuedUs,
    ConnectedUs,
    RequestSentUs,
    FirstByteUs,
    LastByteUs,
    FirstSentUs,
    EventMilli,
    AllCalls,
    Id,
    BackgroundOf,
    // With more than the name says.
    RequestField,
    Crossings,
    Literal,
};

struct LogFieldName {
    const char* name;
    LogField field;
    bool is_long;  // up to 4 * kMostOfALogField bytes, as every byte may be escaped
};
/// Those that a name alone tells.
inline constexpr std::array kLogFields = {
    LogFieldName{"time", LogField::Time, false},
    LogFieldName{"time_iso", LogField::TimeIso, false},
    LogFieldName{"site", LogField::Site, true},
    LogFieldName{"plugin", LogField::Plugin, true},
    LogFieldName{"remote", LogField::Remote, false},
    LogFieldName{"local", LogField::Local, false},
    LogFieldName{"user", LogField::User, true},
    LogFieldName{"scheme", LogField::Scheme, false},
    LogFieldName{"method", LogField::Method, true},
    LogFieldName{"target", LogField::Target, true},
    LogFieldName{"path", LogField::Path, true},
    LogFieldName{"query", LogField::Query, true},
    LogFieldName{"protocol", LogField::Protocol, false},
    LogFieldName{"host", LogField::Host, true},
    LogFieldName{"referer", LogField::Referer, true},
    LogFieldName{"agent", LogField::Agent, true},
    LogFieldName{"time_unix_ms", LogField::TimeUnixMs, false},
    LogFieldName{"remote_port", LogField::RemotePort, false},
    LogFieldName{"local_port", LogField::LocalPort, false},
    LogFieldName{"status", LogField::Status, false},
    LogFieldName{"sent", LogField::Sent, false},
    LogFieldName{"received", LogField::Received, false},
    LogFieldName{"aborted", LogField::Aborted, false},
    LogFieldName{"total_us", LogField::TotalUs, false},
    LogFieldName{"routed_us", LogField::RoutedUs, false},
    LogFieldName{"queued_us", LogField::QueuedUs, false},
    LogFieldName{"connected_us", LogField::ConnectedUs, false},
    LogFieldName{"request_sent_us", LogField::RequestSentUs, false},
    LogFieldName{"first_byte_us", LogField::FirstByteUs, false},
    LogFieldName{"last_byte_us", LogField::LastByteUs, false},
    LogFieldName{"first_sent_us", LogField::FirstSentUs, false},
    LogFieldName{"event_milli", LogField::EventMilli, false},
    LogFieldName{"crossings", LogField::AllCalls, false},
    LogFieldName{"id", LogField::Id, false},
    LogFieldName{"background_of", LogField::BackgroundOf, false},
};

/// What of a class of crossings.
enum class LogCount : uint8_t { Calls, Errors, Bytes };

struct LogPiece {
    LogField field = LogField::Literal;
    std::string text;            // a literal; of RequestField the lower-case name
    uint8_t crossing_class = 0;  // of Crossings: TP_CLASS_*
    LogCount count = LogCount::Calls;
};

/// "{{" and "}}" stand for braces. An error says what is wrong with the text.
Result<std::vector<LogPiece>> parseLogFormat(std::string_view text);

}  // namespace turnpike::config
