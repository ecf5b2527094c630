#include "over_http2.h"

#include <algorithm>
#include <sstream>

#include "support/http2_client.h"

namespace turnpike::conformance {
namespace {

struct Message {
    std::string method, target, version, authority, body;
    Fields fields;
    bool is_chunked = false;
};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string trimmed(const std::string& text) {
    const size_t begin = text.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string unchunked(const std::string& chunks) {
    std::string body;
    for (size_t at = 0;;) {
        const size_t size = std::stoul(chunks.substr(at), nullptr, 16);
        const size_t data = chunks.find("\r\n", at) + 2;
        if (size == 0) return body;
        body += chunks.substr(data, size);
        at = data + size + 2;
    }
}

void addField(Message& message, const std::string& name, const std::string& value) {
    if (name == "host")
        message.authority = value;
    else if (name == "transfer-encoding")
        message.is_chunked = true;
    else if (name != "connection" && name != "expect")
        message.fields.emplace_back(name, value);
}

Message parse(const std::string& request) {
    const size_t end = request.find("\r\n\r\n");
    std::istringstream lines(request.substr(0, end));
    Message message;
    lines >> message.method >> message.target >> message.version;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        if (line.ends_with('\r')) line.pop_back();
        const size_t colon = line.find(':');
        addField(message, lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
    message.body = request.substr(end + 4);
    if (message.is_chunked) message.body = unchunked(message.body);
    return message;
}

}  // namespace

std::optional<Answer> askOverHttp2(uint16_t port, const std::string& request) {
    const Message message = parse(request);
    if (message.version == "HTTP/1.0" || !message.target.starts_with('/')) return std::nullopt;
    Fields fields = {{":method", message.method},
                     {":scheme", "http"},
                     {":authority", message.authority},
                     {":path", message.target}};
    fields.insert(fields.end(), message.fields.begin(), message.fields.end());
    Http2Client client(port);
    // What is more than the window would have to wait for more of it.
    constexpr size_t kWindow = 65535;
    if (message.body.size() > kWindow) return std::nullopt;
    const bool has_body = message.is_chunked || !message.body.empty();
    const uint32_t stream = client.request(fields, !has_body);
    if (has_body) client.data(stream, message.body, true);
    const Http2Answer& got = client.answer(stream);
    Answer answer{got.status, got.fields, "HTTP/2 " + std::to_string(got.status), got.body, got.ended};
    std::erase_if(answer.fields, [](const auto& field) { return field.first == ":status"; });
    return answer;
}

}  // namespace turnpike::conformance
