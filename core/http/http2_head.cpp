#include "http/http2_head.h"

#include <algorithm>

#include "http/request_line.h"
#include "http/syntax.h"

namespace turnpike::http {
namespace {

enum : uint8_t { kMethod = 1, kScheme = 2, kAuthority = 4, kPath = 8 };

constexpr size_t kFieldOverhead = 32;  // RFC 9113 section 6.5.2

tp_str str(std::string_view s) { return {s.data(), s.size()}; }

/// A token in lower case (RFC 9113 section 8.2.1).
bool isLowerToken(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return tokenLower(c) == c && c != 0; });
}

bool isGoodValue(std::string_view value) {
    if (!value.empty() && (isBlank(value.front()) || isBlank(value.back()))) return false;
    return isFieldText(value);
}

/// Fields that belong to one HTTP/1.1 connection (RFC 9113 section 8.2.2).
bool isConnectionField(std::string_view name) {
    return name == "connection" || name == "transfer-encoding" || name == "upgrade" || name == "keep-alive" ||
           name == "proxy-connection";
}

/// Why a field may not stand in any field section; null: it may.
const char* fieldFault(std::string_view name, std::string_view value) {
    if (!isLowerToken(name)) return "bad byte or upper case in a field name";
    if (!isGoodValue(value)) return "bad byte in a field value, or blank around it";
    if (isConnectionField(name)) return "a field of the connection";
    if (name == "te" && !equalsLower(value, "trailers")) return "TE says something else than trailers";
    return nullptr;
}

}  // namespace

void Http2Head::begin(Arena& arena, RequestHead& head) {
    tp_field* const array = head.fields;
    head = RequestHead{};
    head.fields = array;
    arena_ = &arena;
    head_ = &head;
    fields_.emplace(limits_, head);
    pseudo_ = {};
    verdict_ = {};
    size_ = crumbs_ = 0;
    has_fields_ = has_host_ = false;
    cookie_.clear();
}

void Http2Head::beginTrailers() {
    arena_ = nullptr;
    verdict_ = {};
    size_ = 0;
}

void Http2Head::malformed(const char* reason) { verdict_ = {Http2Verdict::Kind::Malformed, 400, reason}; }

void Http2Head::refuse(unsigned status, const char* reason) {
    if (isOpen()) verdict_ = {Http2Verdict::Kind::Refused, status, reason};
}

std::string_view Http2Head::copy(std::string_view text) {
    const std::string_view kept = arena_->copy(text);
    if (kept.data() == nullptr) refuse(503, "limits.request_memory does not hold the request's fields");
    return kept;
}

void Http2Head::add(std::string_view name, std::string_view value) {
    size_ += name.size() + value.size() + kFieldOverhead;
    if (isOversized()) return refuse(431, "fields too large");
    if (verdict_.kind == Http2Verdict::Kind::Malformed) return;
    if (!name.empty() && name.front() == ':') return addPseudo(name, value);
    has_fields_ = true;
    if (const char* fault = fieldFault(name, value); fault != nullptr) return malformed(fault);
    if (arena_ != nullptr && isOpen()) addField(name, value);
}

void Http2Head::addPseudo(std::string_view name, std::string_view value) {
    if (arena_ == nullptr) return malformed("a pseudo-header field in trailers");
    if (has_fields_) return malformed("a pseudo-header field behind other fields");
    const auto take = [&](std::string_view& to, uint8_t bit) {
        if ((pseudo_.seen & bit) != 0) return malformed("a pseudo-header field twice");
        if (!isGoodValue(value)) return malformed("bad byte in a pseudo-header field");
        pseudo_.seen = static_cast<uint8_t>(pseudo_.seen | bit);
        to = copy(value);
    };
    if (name == ":path") return take(pseudo_.path, kPath);
    if (name == ":method") return take(pseudo_.method, kMethod);
    if (name == ":authority") return take(pseudo_.authority, kAuthority);
    if (name == ":scheme") return take(pseudo_.scheme, kScheme);
    malformed("an unknown pseudo-header field");
}

void Http2Head::addField(std::string_view name, std::string_view value) {
    if (name.size() + value.size() + 2 > limits_.field) return refuse(431, "fields too large");
    if (name == "cookie") return addCookie(value);
    has_host_ = has_host_ || name == "host";
    const std::string_view kept_name = copy(name), kept_value = copy(value);
    if (isOpen()) fields_->add({str(kept_name), str(kept_value)});
}

/// RFC 9113 section 8.2.3: the crumbs of a cookie are one field for whoever is no HTTP/2.
void Http2Head::addCookie(std::string_view value) {
    if (crumbs_++ > 0) cookie_ += "; ";
    cookie_ += value;
}

Http2Verdict Http2Head::conclude(bool ends) {
    if (arena_ == nullptr) return concludeTrailers(ends);
    head_->method_name = pseudo_.method;
    head_->method = methodNumber(pseudo_.method);
    if (verdict_.kind == Http2Verdict::Kind::Malformed || isOversized()) return verdict_;
    concludePseudo();
    if (isOpen()) concludeTarget();
    if (isOpen()) concludeFields(ends);
    return verdict_;
}

Http2Verdict Http2Head::concludeTrailers(bool ends) const {
    if (!ends) return {Http2Verdict::Kind::Malformed, 400, "trailers that do not end the stream"};
    return verdict_;
}

/// RFC 9113 section 8.3.1, and 8.5 for CONNECT.
void Http2Head::concludePseudo() {
    constexpr uint8_t kNeeded = kMethod | kScheme | kPath;
    if (pseudo_.method == "CONNECT") {
        if ((pseudo_.seen & (kScheme | kPath)) != 0 || (pseudo_.seen & kAuthority) == 0)
            return malformed("CONNECT with a scheme or path, or without an authority");
        return refuse(405, "CONNECT: this is no proxy");
    }
    if ((pseudo_.seen & kNeeded) != kNeeded) return malformed("a pseudo-header field is missing");
    if (!isToken(pseudo_.method)) return malformed("bad method");
    if (pseudo_.path.empty()) return malformed("an empty :path");
}

void Http2Head::concludeTarget() {
    head_->target = pseudo_.path;
    head_->https = equalsLower(pseudo_.scheme, "https");
    if (!head_->https && !equalsLower(pseudo_.scheme, "http")) return refuse(400, "unknown :scheme");
    if (pseudo_.method.size() + pseudo_.path.size() > limits_.line) return refuse(414, "method and path too long");
    if (pseudo_.path.front() == '/') {
        const Refusal refusal = readOriginForm(pseudo_.path, *head_);
        if (refusal.status != 0) refuse(refusal.status, refusal.reason);
        return;
    }
    if (pseudo_.path != "*" || head_->method != TP_METHOD_OPTIONS) return refuse(400, ":path has no known form");
    head_->path = pseudo_.path;
}

void Http2Head::concludeFields(bool ends) {
    Authority authority;
    const bool has_authority = (pseudo_.seen & kAuthority) != 0;
    // Only a view of our own copy: the host is turned to lower case in place.
    auto* text = const_cast<char*>(pseudo_.authority.data());
    if (has_authority && !parseAuthority(text, pseudo_.authority.size(), authority))
        return refuse(400, "bad :authority");
    // Whoever reads the fields, a program behind CGI above all, knows only Host (RFC 9113 section 8.3.1).
    if (has_authority && !has_host_) fields_->add({str("host"), str(pseudo_.authority)});
    if (crumbs_ > 0) {
        const std::string_view cookie = copy(cookie_);
        if (!isOpen()) return;
        fields_->add({str("cookie"), str(cookie)});
    }
    head_->content_length = ends ? 0 : TP_LENGTH_UNKNOWN;
    const Refusal refusal = fields_->conclude(authority);
    if (refusal.status != 0) return refuse(refusal.status, refusal.reason);
    if (ends && head_->content_length != 0) malformed("Content-Length without a body");
}

}  // namespace turnpike::http
