#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <span>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {

void Variables::clear() {
    text_.clear();
    entries_.clear();
}

void Variables::replace(size_t i, std::string_view value) {
    const Entry old = entries_[i];
    const std::string kept(text_, old.begin, old.name);
    add(kept, value);
    entries_[i] = entries_.back();
    entries_.pop_back();
}

void Variables::add(std::string_view name, std::string_view value) {
    const size_t begin = text_.size();
    text_.resize(begin + name.size() + 1 + value.size());
    char* at = std::copy(name.begin(), name.end(), text_.data() + begin);
    *at = '=';
    std::copy(value.begin(), value.end(), at + 1);
    entries_.push_back(
        {static_cast<uint32_t>(begin), static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
}

/// Writes into Variables what `extra` does not replace.
class MetaWriter {
 public:
    MetaWriter(const Pairs& extra, Variables& to) : extra_(extra), to_(to) {}

    void add(std::string_view name, std::string_view value) {
        if (!isReplaced(name)) to_.add(name, value);
    }
    void addNumber(std::string_view name, uint64_t number) {
        char digits[20];
        char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        add(name, {digits, static_cast<size_t>(end - digits)});
    }
    /// Unless that name is there already, but for HTTP_*, whose value it becomes.
    void addOther(std::string_view name, std::string_view value);
    /// A value made of pieces: nothing is built beside the memory that it ends in.
    void addJoined(std::string_view name, std::initializer_list<std::string_view> pieces) {
        if (isReplaced(name)) return;
        to_.add(name, {});
        for (std::string_view piece : pieces) extend(piece);
    }
    /// HTTP_* for a field; false: its name must not be passed.
    bool beginField(std::string_view name);
    void extend(std::string_view more) {
        to_.text_.append(more);
        to_.entries_.back().value += static_cast<uint32_t>(more.size());
    }

 private:
    bool isReplaced(std::string_view name) const {
        return std::any_of(extra_.begin(), extra_.end(), [&](const auto& pair) { return pair.first == name; });
    }

    const Pairs& extra_;
    Variables& to_;
};

void MetaWriter::addOther(std::string_view name, std::string_view value) {
    for (size_t i = 0; i < to_.size(); ++i) {
        if (to_.name(i) != name) continue;
        if (name.starts_with("HTTP_")) to_.replace(i, value);
        return;
    }
    add(name, value);
}

namespace {

/// What a byte of a field's name becomes in HTTP_*; 0: a name with it is not passed. '_' is such a byte: it could
/// not be told from '-' afterwards, and a proxy in front that strips "X-User" would let "X_User" through.
constexpr std::array<char, 256> metaBytes() {
    std::array<char, 256> map{};
    for (size_t c = 'a'; c <= 'z'; ++c) map[c] = static_cast<char>(c - 'a' + 'A');
    for (size_t c = 'A'; c <= 'Z'; ++c) map[c] = static_cast<char>(c);
    for (size_t c = '0'; c <= '9'; ++c) map[c] = static_cast<char>(c);
    map['-'] = '_';
    return map;
}
constexpr std::array<char, 256> kMetaBytes = metaBytes();

}  // namespace

bool MetaWriter::beginField(std::string_view name) {
    size_t begin = to_.text_.size();
    to_.text_.append("HTTP_");
    for (char c : name) {
        char mapped = kMetaBytes[static_cast<unsigned char>(c)];
        if (mapped == 0) {
            to_.text_.resize(begin);
            return false;
        }
        to_.text_.push_back(mapped);
    }
    size_t size = to_.text_.size() - begin;
    if (isReplaced({to_.text_.data() + begin, size})) {
        to_.text_.resize(begin);
        return false;
    }
    to_.text_.push_back('=');
    to_.entries_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(size), 0});
    return true;
}

namespace {

/// Fields that have a variable of their own (RFC 3875 4.1.18), that belong to the server, or that a program would
/// take for its own configuration (Proxy: httpoxy).
bool isWithheld(std::string_view name, bool pass_authorization) {
    if (name == "authorization") return !pass_authorization;
    return name == "content-length" || name == "content-type" || name == "proxy" || name == "proxy-authorization";
}

bool cameBefore(const tp_request_view& request, uint32_t index) {
    std::string_view name = text(request.fields[index].name);
    for (uint32_t i = 0; i < index; ++i)
        if (text(request.fields[i].name) == name) return true;
    return false;
}

void addFields(const tp_request_view& request, bool pass_authorization, MetaWriter& to) {
    for (uint32_t i = 0; i < request.field_count; ++i) {
        std::string_view name = text(request.fields[i].name);
        if (isWithheld(name, pass_authorization) || cameBefore(request, i) || !to.beginField(name)) continue;
        to.extend(text(request.fields[i].value));
        for (uint32_t j = i + 1; j < request.field_count; ++j) {
            if (text(request.fields[j].name) != name) continue;
            to.extend(name == "cookie" ? "; " : ", ");  // RFC 6265 5.4, RFC 9110 5.3
            to.extend(text(request.fields[j].value));
        }
    }
}

/// A host of before has none.
std::span<const tp_field> variablesOf(const tp_request_view& request) {
    constexpr size_t kWithThem = offsetof(tp_request_view, variable_count) + sizeof request.variable_count;
    if (request.struct_size < kWithThem) return {};
    return {request.variables, request.variable_count};
}

/// Variables of access hooks: they replace fields of the client's, and nothing that the server itself says.
void addVariables(const tp_request_view& request, MetaWriter& to) {
    for (const tp_field& variable : variablesOf(request)) to.addOther(text(variable.name), text(variable.value));
}

/// The target in origin form: programs take REQUEST_URI for a path, also when a client sent "http://host/path".
std::string_view originForm(std::string_view target) {
    size_t scheme = target.find("://");
    if (target.starts_with('/') || scheme == target.npos) return target;
    size_t path = target.find_first_of("/?", scheme + 3);
    return path == target.npos ? std::string_view("/") : target.substr(path);
}

/// RFC 3875 4.1.1: the scheme, as the client wrote it.
std::string_view authType(const tp_request_view& request) {
    std::string_view credentials = field(request, "authorization");
    return credentials.substr(0, credentials.find(' '));
}

void addBody(const tp_request_view& request, uint64_t content_length, MetaWriter& to) {
    // RFC 3875 4.1.2, 4.1.3: set when there is a body. A client that says "Content-Length: 0" sends an empty one.
    if (content_length > 0 || !field(request, "content-length").empty())
        to.addNumber("CONTENT_LENGTH", content_length);
    std::string_view type = field(request, "content-type");
    if (!type.empty()) to.add("CONTENT_TYPE", type);
}

void addServer(const tp_request_view& request, MetaWriter& to) {
    std::string_view name = text(request.host).empty() ? text(request.local_address) : text(request.host);
    // RFC 3875 4.1.14: an IPv6 address stands in brackets.
    if (name.find(':') != name.npos && !name.starts_with('['))
        to.addJoined("SERVER_NAME", {"[", name, "]"});
    else
        to.add("SERVER_NAME", name);
    to.addNumber("SERVER_PORT", request.local_port);
    to.add("SERVER_PROTOCOL", text(request.protocol));
    to.add("SERVER_SOFTWARE", "Turnpike");
    to.add("SERVER_ADDR", text(request.local_address));
}

void addScript(const tp_request_view& request, const Script& script, MetaWriter& to) {
    to.add("SCRIPT_NAME", script.name);
    if (!script.filename.empty()) to.add("SCRIPT_FILENAME", script.filename);
    if (!script.path_info.empty()) to.add("PATH_INFO", script.path_info);
    if (!script.path_info.empty() && request.document_root.len > 0)
        to.addJoined("PATH_TRANSLATED", {text(request.document_root), script.path_info});
    to.add("DOCUMENT_ROOT", text(request.document_root));
    to.addJoined("DOCUMENT_URI", {script.name, script.path_info});
}

/// The names that Apache's mod_ssl has made known.
void addTls(const tp_request_view& request, MetaWriter& to) {
    to.add("HTTPS", "on");
    to.add("SSL_PROTOCOL", text(request.tls_version));
    to.add("SSL_CIPHER", text(request.tls_cipher));
    to.add("SSL_CLIENT_VERIFY", request.client_verified != 0 ? "SUCCESS" : "NONE");
    if (request.client_verified == 0) return;
    to.add("SSL_CLIENT_S_DN", text(request.client_subject));
    to.add("SSL_CLIENT_I_DN", text(request.client_issuer));
    to.add("SSL_CLIENT_M_SERIAL", text(request.client_serial));
}

void addTime(const tp_request_view& request, MetaWriter& to) {
    auto ms = static_cast<uint64_t>(request.received_unix_ms);
    char fraction[4] = {'.', static_cast<char>('0' + ms / 100 % 10), static_cast<char>('0' + ms / 10 % 10),
                        static_cast<char>('0' + ms % 10)};
    char digits[20];
    char* end = std::to_chars(digits, digits + sizeof digits, ms / 1000).ptr;
    std::string_view seconds(digits, static_cast<size_t>(end - digits));
    to.add("REQUEST_TIME", seconds);
    to.addJoined("REQUEST_TIME_FLOAT", {seconds, {fraction, sizeof fraction}});
}

}  // namespace

void meta(const tp_request_view& request, const Script& script, uint64_t content_length, bool pass_authorization,
          const Pairs& extra, Variables& out) {
    MetaWriter to(extra, out);
    to.add("GATEWAY_INTERFACE", "CGI/1.1");
    to.add("REQUEST_METHOD", text(request.method));
    addScript(request, script, to);
    to.add("QUERY_STRING", text(request.query));
    to.add("REQUEST_URI", originForm(text(request.target)));
    addBody(request, content_length, to);
    addServer(request, to);
    to.add("REMOTE_ADDR", text(request.remote_address));
    to.add("REMOTE_HOST", text(request.remote_address));  // RFC 3875 4.1.9: the address where no name is known
    to.addNumber("REMOTE_PORT", request.remote_port);
    if (request.remote_user.len > 0) {
        to.add("AUTH_TYPE", authType(request));
        to.add("REMOTE_USER", text(request.remote_user));
    }
    to.add("REQUEST_SCHEME", request.secure != 0 ? "https" : "http");
    if (request.secure != 0) addTls(request, to);
    addTime(request, to);
    // php-cgi refuses to run without it: it tells a request from a program that was called by its own URL.
    to.add("REDIRECT_STATUS", "200");
    // What the server has checked itself is no business of the program's, which gets REMOTE_USER instead.
    addFields(request, pass_authorization && request.remote_user.len == 0, to);
    addVariables(request, to);
    for (const auto& [name, value] : extra) out.add(name, value);
}

}  // namespace turnpike::gateway
