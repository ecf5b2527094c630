#include "http/request_fields.h"

#include <algorithm>

#include "http/trailers.h"

namespace turnpike::http {
namespace {

/// More options than any client sends; it bounds the work of looking for the fields that they name.
constexpr uint32_t kMaxConnectionOptions = 32;

std::string_view view(tp_str text) { return {text.ptr, text.len}; }

constexpr int32_t portOf(const Authority& authority, bool https) {
    return authority.port >= 0 ? authority.port : https ? 443 : 80;
}

/// Only "chunked" alone is understood. A list in which it is not the last, or stands twice, leaves the length of
/// the message open: 400 (RFC 9112 section 6.3). Other codings are not implemented: 501 (section 6.1).
Refusal judgeCoding(std::string_view value) {
    if (equalsLower(value, "chunked")) return {};
    constexpr Refusal kBad{400, "malformed Transfer-Encoding"};
    ListReader list(value);
    std::string_view member;
    bool chunked = false;
    while (list.next(member)) {
        const std::string_view name = trimBlanks(member.substr(0, member.find(';')));
        if (chunked || !isToken(name)) return kBad;
        chunked = equalsLower(name, "chunked");
        if (chunked && name.size() != member.size()) return kBad;
    }
    return {501, "transfer coding is not implemented"};
}

}  // namespace

enum class RequestFields::Known : uint8_t {
    Other,
    Dropped,
    Upgrade,
    Te,
    Host,
    Length,
    Coding,
    Connection,
    Expect,
    // From here on in the order of TP_HAS_*.
    IfMatch,
    IfNoneMatch,
    IfModifiedSince,
    IfUnmodifiedSince,
    IfRange,
    Range,
    AcceptEncoding,
    Authorization,
    Cookie
};

RequestFields::Known RequestFields::classify(std::string_view name) {
    const auto pick = [name](std::string_view wanted, Known known) {
        return name == wanted ? known : Known::Other;
    };
    switch (name.size()) {
        case 2:
            return pick("te", Known::Te);
        case 4:
            return pick("host", Known::Host);
        case 5:
            return name == "range" ? Known::Range : pick("proxy", Known::Dropped);
        case 6:
            return name == "cookie" ? Known::Cookie : pick("expect", Known::Expect);
        case 7:
            return name == "trailer" ? Known::Dropped : pick("upgrade", Known::Upgrade);
        case 8:
            return name == "if-match" ? Known::IfMatch : pick("if-range", Known::IfRange);
        case 10:
            return name == "connection" ? Known::Connection : pick("keep-alive", Known::Dropped);
        case 13:
            return name == "authorization" ? Known::Authorization : pick("if-none-match", Known::IfNoneMatch);
        case 14:
            return pick("content-length", Known::Length);
        case 15:
            return pick("accept-encoding", Known::AcceptEncoding);
        case 16:
            return pick("proxy-connection", Known::Dropped);
        case 17:
            return name == "if-modified-since" ? Known::IfModifiedSince : pick("transfer-encoding", Known::Coding);
        case 19:
            return pick("if-unmodified-since", Known::IfUnmodifiedSince);
        default:
            return Known::Other;
    }
}

std::optional<uint64_t> RequestFields::presenceOf(std::string_view name) {
    const Known known = classify(name);
    if (known == Known::Other) return 0;
    if (known < Known::IfMatch) return std::nullopt;
    return uint64_t{1} << (static_cast<unsigned>(known) - static_cast<unsigned>(Known::IfMatch));
}

void RequestFields::keep(const tp_field& field) { head_.fields[head_.field_count++] = field; }

void RequestFields::add(const tp_field& field) {
    if (++lines_ > limits_.fields) return;
    const Known known = classify(view(field.name));
    switch (known) {
        case Known::Dropped:
            return;
        case Known::Upgrade:
            ++upgrades_seen_, upgrade_ = field.value;
            return;
        case Known::Te:
            // Most clients do not name it in Connection as RFC 9110 section 10.1.4 asks.
            head_.takes_trailers |= asksForTrailers(view(field.value));
            return;
        case Known::Connection:
            return addConnection(field);
        case Known::Coding:
            ++codings_, coding_ = field.value;
            return;
        case Known::Host:
            ++hosts_, host_ = field.value;
            break;
        case Known::Length:
            ++lengths_, length_ = field.value;
            break;
        case Known::Expect:
            addExpect(view(field.value));
            break;
        case Known::Other:
            break;
        default:
            head_.present |= *presenceOf(view(field.name));
    }
    keep(field);
}

/// Connection = #connection-option (RFC 9110 section 7.6.1). A field that names others stays until all are known.
void RequestFields::addConnection(const tp_field& field) {
    ListReader list(view(field.value));
    std::string_view option;
    bool names = false;
    while (list.next(option)) {
        bad_connection_ |= ++connection_options_ > kMaxConnectionOptions || !(option.empty() || isToken(option));
        if (equalsLower(option, "close")) {
            close_ = true;
        } else if (equalsLower(option, "keep-alive")) {
            keep_alive_ = true;
        } else {
            names = true;
            upgrades_ |= equalsLower(option, "upgrade");
        }
    }
    if (names) keep(field);
    names_fields_ |= names;
}

void RequestFields::addExpect(std::string_view value) {
    ListReader list(value);
    std::string_view expectation;
    while (list.next(expectation)) {
        const bool known = equalsLower(expectation, "100-continue");
        expects_continue_ |= known;
        expects_other_ |= !known && !expectation.empty();
    }
}

/// Fields that are never hop-by-hop: naming them in Connection is a trick, not a wish (RFC 9110 section 7.6.1).
bool RequestFields::isEssential(std::string_view name) {
    const Known known = classify(name);
    return (known != Known::Other && known != Known::Connection) || name.starts_with("content-") ||
           name == "cache-control";
}

void RequestFields::removeNamedFields() {
    tp_field* const begin = head_.fields;
    tp_field* const end = begin + head_.field_count;
    const auto isConnection = [](const tp_field& f) { return view(f.name) == "connection"; };
    const auto isNamed = [&](const tp_field& field) {
        const std::string_view name = view(field.name);
        if (isEssential(name) || isConnection(field)) return false;
        return std::any_of(begin, end, [&](const tp_field& other) {
            if (!isConnection(other)) return false;
            ListReader list(view(other.value));
            std::string_view option;
            while (list.next(option)) {
                if (equalsLower(option, name)) return true;
            }
            return false;
        });
    };
    // Marked first: the Connection fields are read until the last field has been looked at.
    std::for_each(begin, end, [&](tp_field& field) {
        if (isNamed(field)) field.name.len = 0;
    });
    tp_field* const left =
        std::remove_if(begin, end, [&](const tp_field& f) { return f.name.len == 0 || isConnection(f); });
    head_.field_count = static_cast<size_t>(left - begin);
}

/// RFC 9112 section 3.2: exactly one Host in HTTP/1.1, and it says what an absolute-form says.
Refusal RequestFields::concludeHost(const Authority& target) {
    if (hosts_ > 1) return {400, "more than one Host"};
    if (hosts_ == 0) {
        if (head_.minor_version > 0) return {400, "no Host"};
        head_.host = target.host;
        return {};
    }
    Authority host;
    // The fields point into the caller's buffer, which is ours to change; only tp_str has it const.
    if (!parseAuthority(const_cast<char*>(host_.ptr), host_.len, host)) return {400, "bad Host"};
    head_.host = host.host;
    if (target.host.empty()) return {};
    const bool agree = target.host == host.host && portOf(target, head_.https) == portOf(host, head_.https);
    return agree ? Refusal{} : Refusal{400, "Host differs from the request target"};
}

/// RFC 9112 section 6. Whatever two readers could frame differently is refused. A request that says neither has no
/// body, whatever its method (section 6.3, rule 7).
Refusal RequestFields::concludeFraming() {
    if (codings_ == 0) {
        if (lengths_ == 0) return {};
        if (lengths_ > 1) return {400, "more than one Content-Length"};
        return readLength(view(length_), head_.content_length) ? Refusal{} : Refusal{400, "bad Content-Length"};
    }
    if (head_.minor_version == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
    if (lengths_ > 0) return {400, "Transfer-Encoding and Content-Length"};
    if (codings_ > 1) return {400, "more than one Transfer-Encoding"};
    head_.chunked = true;
    head_.content_length = TP_LENGTH_UNKNOWN;
    return judgeCoding(view(coding_));
}

/// RFC 9112 section 9.3; and RFC 9110 section 10.1.1 for Expect, which HTTP/1.0 does not have.
void RequestFields::concludeConnection() {
    head_.keep_alive = !close_ && (head_.minor_version > 0 || keep_alive_);
    head_.expect_continue = expects_continue_ && head_.minor_version > 0 && head_.content_length != 0;
    // RFC 9110 section 7.8. Two fields would be one list, which nobody sends.
    if (upgrades_ && upgrades_seen_ == 1 && head_.minor_version > 0) head_.upgrade = view(upgrade_);
    if (names_fields_) removeNamedFields();
}

Refusal RequestFields::conclude(const Authority& target) {
    if (lines_ > limits_.fields) return {431, "too many fields"};
    Refusal refusal = concludeHost(target);
    if (refusal.status == 0) refusal = concludeFraming();
    if (refusal.status != 0) return refusal;
    if (bad_connection_) return {400, "malformed Connection"};
    if (expects_other_) return {417, "unknown expectation"};
    concludeConnection();
    return {};
}

}  // namespace turnpike::http
