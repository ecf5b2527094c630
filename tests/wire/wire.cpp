#include "wire.h"

#include <sys/stat.h>

#include <cstdio>

namespace turnpike::wire {
namespace {

void replaceAll(std::string& text, const std::string& name, const std::string& value) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

}  // namespace

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

Site::Site(const std::string& limits, const std::string& routes, const std::string& sites,
           const std::string& server) {
    ::chmod(root_.path().c_str(), 0755);
    root_.write("index.html", "<p>index</p>\n");
    root_.write("file.txt", "a file\n");
    root_.write("cgi-bin/hello", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nfrom a program\\n'\n");
    root_.write("cgi-bin/slow",
                "#!/bin/sh\nsleep 0.3\nprintf 'Content-Type: text/plain\\n\\nfrom a slow program\\n'\n");
    for (const char* program : {"/cgi-bin/hello", "/cgi-bin/slow"})
        ::chmod((root_.path() + program).c_str(), 0755);
    std::string text = "[[site]]\nhosts = [\"localhost\", \"*.example.org\"]\nroot = \"ROOT\"\n" + routes +
                       "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n"
                       "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n"
                       "[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n" +
                       sites;
    replaceAll(text, "ROOT", root_.path());
    server_ = std::make_unique<ServerProcess>(text, server, limits);
}

Talk talk(uint16_t port, std::string_view request, int ms) {
    Talk result;
    RawClient client(port);
    client.send(request);
    result.bytes = client.rest(ms, &result.closed);
    for (size_t at = 0; (at = result.bytes.find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++result.answers;
    if (result.bytes.starts_with("HTTP/1.1 ")) result.status = std::atoi(result.bytes.c_str() + 9);
    return result;
}

std::string request(const std::string& path, const std::string& fields, const std::string& method) {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields) {
    return request(path, "Content-Length: " + std::to_string(body.size()) + "\r\n" + fields, "POST") + body;
}

std::string shown(std::string_view bytes) {
    std::string text;
    for (char c : bytes.substr(0, 300)) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        if (c == '\r' || c == '\n')
            text += c == '\r' ? "\\r" : "\\n";
        else
            text += c >= 0x20 && c < 0x7f ? std::string(1, c) : hex;
    }
    return bytes.size() > 300 ? text + "..." : text;
}

int total(ServerProcess& server, const std::string& name) {
    std::string status;
    if (server.run("status --json", &status) != 0) return -1;
    size_t at = status.find("\"" + name + "\"", status.find("\"totals\""));
    return at == std::string::npos ? -1 : std::atoi(status.c_str() + status.find(':', at) + 1);
}

void expectRefused(uint16_t port, const std::vector<Refused>& cases) {
    for (const Refused& c : cases) {
        SCOPED_TRACE(std::string(c.what) + ": " + shown(c.bytes));
        Talk got = talk(port, c.bytes + kHello);
        EXPECT_EQ(got.status, c.status);
        EXPECT_EQ(got.answers, 1) << got.bytes;
        EXPECT_TRUE(got.has("\r\nConnection: close\r\n")) << got.bytes;
        EXPECT_TRUE(got.closed);
        EXPECT_FALSE(got.has("hello\n")) << got.bytes;
    }
}

}  // namespace turnpike::wire
