#include "http/response_head.h"

#include <charconv>
#include <cstring>

#include "base/assert.h"
#include "http/syntax.h"

namespace turnpike::http {
namespace {

std::string_view view(tp_str text) { return {text.ptr, text.len}; }

/// Writes one piece after the other; the caller has made room for all of them.
class Writer {
 public:
    explicit Writer(char* to) : begin_(to), at_(to) {}

    Writer& text(std::string_view piece) {
        if (!piece.empty()) std::memcpy(at_, piece.data(), piece.size());
        at_ += piece.size();
        return *this;
    }
    Writer& number(uint64_t value) {
        at_ = std::to_chars(at_, at_ + 20, value).ptr;
        return *this;
    }
    Writer& field(std::string_view name, std::string_view value) {
        return text(name).text(": ").text(value).text("\r\n");
    }
    size_t size() const { return static_cast<size_t>(at_ - begin_); }

 private:
    char* begin_;
    char* at_;
};

/// RFC 9110 section 6.6.2.
void writeTrailerNames(const ResponseHead& head, Writer& writer) {
    for (size_t i = 0; i < head.trailer_count; ++i)
        writer.text(i == 0 ? "Trailer: " : ", ").text(view(head.trailers[i].name));
    if (head.trailer_count > 0) writer.text("\r\n");
}

void writeFraming(const ResponseHead& head, Writer& writer) {
    if (head.framing == Framing::Length) writer.text("Content-Length: ").number(head.length).text("\r\n");
    if (head.framing == Framing::Chunked) writer.text("Transfer-Encoding: chunked\r\n");
    writeTrailerNames(head, writer);
}

void writeEnd(const ResponseHead& head, Writer& writer) {
    if (!head.upgrade.empty())
        writer.text("Connection: upgrade\r\n").field("Upgrade", head.upgrade).text("\r\n");
    else if (!head.is_open)
        writer.text(headEnd(head.keep_alive && head.framing != Framing::Close, head.client_is_1_0));
}

}  // namespace

bool isValidField(std::string_view name, std::string_view value) { return isToken(name) && isFieldText(value); }

bool isFramingField(std::string_view name) {
    switch (name.size()) {
        case 2:
            return equalsLower(name, "te");
        case 4:
            return equalsLower(name, "date");
        case 6:
            return equalsLower(name, "server");
        case 7:
            return equalsLower(name, "trailer") || equalsLower(name, "upgrade");
        case 10:
            return equalsLower(name, "connection") || equalsLower(name, "keep-alive");
        case 14:
            return equalsLower(name, "content-length");
        case 16:
            return equalsLower(name, "proxy-connection");
        case 17:
            return equalsLower(name, "transfer-encoding");
        default:
            return false;
    }
}

size_t responseHeadSize(const ResponseHead& head) {
    constexpr size_t kFixed = sizeof "HTTP/1.1 200 \r\nDate: \r\nServer: \r\nContent-Length: 18446744073709551615\r\n"
                                     "Connection: keep-alive\r\n\r\n";
    size_t size = kFixed + reasonPhrase(head.status).size() + head.date.size() + head.server.size();
    for (size_t i = 0; i < head.field_count; ++i) size += head.fields[i].name.len + head.fields[i].value.len + 4;
    for (size_t i = 0; i < head.trailer_count; ++i) size += head.trailers[i].name.len + 2;
    size += head.upgrade.size() + sizeof "Connection: upgrade\r\nUpgrade: \r\n";
    return size + sizeof "Trailer: \r\n";
}

std::string_view headEnd(bool keep_alive, bool client_is_1_0) {
    if (!keep_alive) return "Connection: close\r\n\r\n";
    return client_is_1_0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

size_t writeResponseHead(const ResponseHead& head, char* to) {
    TP_ASSERT(head.status >= 100 && head.status <= 599);
    // Chunked is for HTTP/1.1 only (RFC 9112 section 6.1).
    TP_ASSERT(head.framing != Framing::Chunked || !head.client_is_1_0);
    TP_ASSERT(head.framing == Framing::Chunked || head.trailer_count == 0);
    Writer writer(to);
    writer.text("HTTP/1.1 ").number(head.status).text(" ").text(reasonPhrase(head.status)).text("\r\n");
    if (!head.date.empty()) writer.field("Date", head.date);
    if (!head.server.empty()) writer.field("Server", head.server);
    for (size_t i = 0; i < head.field_count; ++i)
        writer.field(view(head.fields[i].name), view(head.fields[i].value));
    writeFraming(head, writer);
    writeEnd(head, writer);
    return writer.size();
}

}  // namespace turnpike::http
