#include <algorithm>
#include <charconv>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

/// RFC 9110 5.6.2.
bool isTokenByte(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// RFC 9110 5.5, without CR, LF, NUL and every other control byte but HTAB.
bool isValueByte(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

std::string_view trimmed(std::string_view text) {
    size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// What the server writes itself, or must never take from a program.
bool isServers(std::string_view name) {
    static constexpr std::string_view kNames[] = {"connection", "content-length",   "date",    "keep-alive",
                                                  "server",     "proxy-connection", "trailer", "transfer-encoding",
                                                  "te",         "upgrade"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// 100 is the server's own word to the client, 101 the end of HTTP.
constexpr bool isInterim(unsigned status) { return status >= 102 && status <= 199; }

/// Three digits, of a status that a program may say, alone or before a space; 0: not that.
unsigned parseStatus(std::string_view text) {
    if (text.size() < 3 || (text.size() > 3 && text[3] != ' ')) return 0;
    unsigned status = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + 3, status);
    const bool is_number = error == std::errc() && end == text.data() + 3;
    return is_number && status >= 102 && status <= 599 ? status : 0;
}

/// RFC 3875 6.2.2: path and query of this server. "//host/path" and a fragment are for the client.
bool isLocalPath(std::string_view location) {
    return location.starts_with('/') && !location.starts_with("//") && location.find('#') == location.npos;
}

}  // namespace

void ResponseHead::reset(Dialect dialect) {
    dialect_ = dialect;
    left_ = limit_;
    interims_ = 0;
    reason_.clear();
    beginHead();
}

void ResponseHead::beginHead() {
    state_ = State::More;
    text_.clear();
    line_ = 0;
    line_count_ = 0;
    status_ = 200;
    has_status_ = has_type_ = false;
    length_ = TP_LENGTH_UNKNOWN;
    location_ = {};
    places_.clear();
    fields_.clear();
    local_redirect_ = {};
}

ResponseHead::State ResponseHead::refuse(std::string why) {
    reason_ = std::move(why);
    return state_ = State::Bad;
}

ResponseHead::State ResponseHead::feed(std::string_view data, size_t* consumed) {
    *consumed = 0;
    if (state_ == State::Interim && !data.empty()) beginHead();
    while (state_ == State::More && *consumed < data.size()) {
        std::string_view rest = data.substr(*consumed, left_ - text_.size());
        size_t newline = rest.find('\n');
        rest = rest.substr(0, newline == rest.npos ? newline : newline + 1);
        text_.append(rest);
        *consumed += rest.size();
        if (newline != rest.npos) takeLine();
        if (state_ == State::More && text_.size() == left_)
            refuse("its header is larger than " + std::to_string(limit_) + " bytes");
    }
    return state_;
}

/// The line from line_ to the end of text_.
ResponseHead::State ResponseHead::takeLine() {
    size_t begin = line_;
    std::string_view line = std::string_view(text_).substr(begin);
    line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    line_ = text_.size();
    ++line_count_;
    if (dialect_ == Dialect::NonParsed && line_count_ == 1) return takeStatusLine(line);
    if (line.empty()) return finish();
    return takeField(begin, line);
}

ResponseHead::State ResponseHead::takeStatusLine(std::string_view line) {
    bool is_http1 = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
    status_ = is_http1 ? parseStatus(line.substr(9)) : 0;
    if (status_ == 0)
        return refuse("its first line is no HTTP/1 status line with a status from 200 to 599, or 102 to 199");
    return state_;
}

ResponseHead::State ResponseHead::takeField(size_t begin, std::string_view line) {
    auto refuseLine = [this](const char* why) {
        return refuse("line " + std::to_string(line_count_) + " of its header " + why);
    };
    size_t colon = line.find(':');
    if (colon == line.npos) return refuseLine("has no colon");
    std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (name.empty() || !std::all_of(name.begin(), name.end(), isTokenByte))
        return refuseLine("has a name that is no token");
    if (!std::all_of(value.begin(), value.end(), isValueByte)) return refuseLine("holds a control byte");
    for (size_t i = begin; i < begin + colon; ++i)
        if (text_[i] >= 'A' && text_[i] <= 'Z') text_[i] = static_cast<char>(text_[i] - 'A' + 'a');
    size_t value_begin = value.empty() ? begin : static_cast<size_t>(value.data() - text_.data());
    Place place{static_cast<uint32_t>(begin), static_cast<uint32_t>(name.size()),
                static_cast<uint32_t>(value_begin), static_cast<uint32_t>(value.size())};
    return takeKnown(place, name, value);
}

/// The fields that mean something to the server. RFC 3875 6.3: none of them may come twice.
ResponseHead::State ResponseHead::takeKnown(const Place& place, std::string_view name, std::string_view value) {
    bool is_cgi = dialect_ == Dialect::Cgi;
    if (is_cgi && name == "status") return takeStatus(value);
    if (name == "content-length") return takeLength(value);
    if (!is_cgi && name == "transfer-encoding")
        return refuse("a program that writes the whole response itself must not use Transfer-Encoding");
    if (isServers(name)) return state_;
    if (name == "location" && !value.empty()) {
        if (location_.value_size > 0) return refuse("it says Location twice");
        location_ = place;
    }
    if (name == "content-type") {
        if (has_type_) return refuse("it says Content-Type twice");
        has_type_ = true;
    }
    places_.push_back(place);
    return state_;
}

ResponseHead::State ResponseHead::takeStatus(std::string_view value) {
    if (has_status_) return refuse("it says Status twice");
    has_status_ = true;
    status_ = parseStatus(value);
    if (status_ == 0) return refuse("its Status is not a number from 200 to 599, or 102 to 199");
    return state_;
}

ResponseHead::State ResponseHead::takeLength(std::string_view value) {
    if (length_ != TP_LENGTH_UNKNOWN) return refuse("it says Content-Length twice");
    int64_t length = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    bool is_digits = !value.empty() && value[0] != '-' && end == value.data() + value.size();
    if (error != std::errc() || !is_digits) return refuse("its Content-Length is no number");
    length_ = length;
    return state_;
}

ResponseHead::State ResponseHead::refuseInterim() {
    return refuse("its status is " + std::to_string(status_) +
                  ", which is that of an interim answer (RFC 9110 section 15.2): no answer with a body has it");
}

/// What is left of the limit is for the heads that follow.
ResponseHead::State ResponseHead::finishInterim() {
    // Its body would be taken for the head that follows.
    if (dialect_ == Dialect::Cgi && (has_type_ || length_ != TP_LENGTH_UNKNOWN)) return refuseInterim();
    if (++interims_ > TP_MOST_INTERIMS)
        return refuse("it sends more than " + std::to_string(TP_MOST_INTERIMS) + " interim heads");
    left_ -= text_.size();
    if (left_ == 0) return refuse("its header is larger than " + std::to_string(limit_) + " bytes");
    return state_ = State::Interim;
}

ResponseHead::State ResponseHead::finish() {
    bool says_nothing = places_.empty() && !has_status_ && length_ == TP_LENGTH_UNKNOWN;
    if (dialect_ == Dialect::Cgi && says_nothing) return refuse("its header is empty");
    for (const Place& p : places_)
        fields_.push_back({str(at(p.name, p.name_size)), str(at(p.value, p.value_size))});
    if (isInterim(status_)) return finishInterim();
    if (dialect_ == Dialect::Cgi && location_.value_size > 0 && !has_status_) {
        std::string_view location = at(location_.value, location_.value_size);
        // RFC 3875 6.2.2: a local redirect says nothing else. With a cookie beside it the client must see it.
        bool is_alone = places_.size() == 1 && length_ == TP_LENGTH_UNKNOWN;
        if (is_alone && isLocalPath(location)) local_redirect_ = location;
        status_ = 302;  // 6.2.3
    }
    return state_ = State::Complete;
}

}  // namespace turnpike::gateway
