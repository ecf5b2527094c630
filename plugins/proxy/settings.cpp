#include "settings.h"

#include <algorithm>

#include "sdk/http/syntax.h"

namespace turnpike::proxy {
namespace {

using gateway::KeyReader;

bool isSame(const TargetSpec& a, const TargetSpec& b) {
    return a.address == b.address && a.tls_name == b.tls_name;
}

std::vector<TargetSpec> readTargets(const tp_host& host, const KeyReader& read, const TlsKeys& tls) {
    std::vector<TargetSpec> targets;
    for (const std::string& entry : read.list("targets"))
        for (const TargetSpec& target : readTarget(host, entry, tls)) {
            if (std::ranges::any_of(targets, [&](const TargetSpec& other) { return isSame(other, target); }))
                throw Refused("targets", "\"" + target.name + "\" stands twice in the list");
            targets.push_back(target);
        }
    if (targets.empty()) throw Refused("targets", "names no target");
    if (targets.size() > Settings::kMostTargets)
        throw Refused("targets", "has more than " + std::to_string(Settings::kMostTargets) + " targets");
    if (read.isSet("tls") &&
        std::ranges::all_of(targets, [](const auto& target) { return target.tls_name.empty(); }))
        throw Refused("tls", "only means something with a target that begins with \"https://\"");
    return targets;
}

Balance readBalance(const KeyReader& read) {
    const std::string value = read.string("balance");
    if (value == "round_robin") return Balance::RoundRobin;
    if (value == "least_connections") return Balance::LeastConnections;
    if (value == "address") return Balance::Address;
    if (value == "cookie") return Balance::Cookie;
    throw Refused("balance", "must be \"round_robin\", \"least_connections\", \"address\" or \"cookie\", not \"" +
                                 value + "\"");
}

void readForwarded(const KeyReader& read, Settings& to) {
    const std::string value = read.string("forwarded");
    if (value != "x-forwarded" && value != "rfc7239" && value != "both" && value != "none")
        throw Refused("forwarded",
                      "must be \"x-forwarded\", \"rfc7239\", \"both\" or \"none\", not \"" + value + "\"");
    to.x_forwarded = value == "x-forwarded" || value == "both";
    to.rfc7239 = value == "rfc7239" || value == "both";
}

std::string lower(std::string text) {
    for (char& c : text) c = http::toLower(c);
    return text;
}

/// What frames or routes the message is not for a list of fields to say.
bool isOurs(std::string_view name) {
    static constexpr std::string_view kNames[] = {"connection", "content-length", "expect",
                                                  "host",       "keep-alive",     "te",
                                                  "trailer",    "upgrade",        "transfer-encoding"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

gateway::Pairs readFields(const KeyReader& read) {
    gateway::Pairs fields = read.map("fields");
    for (auto& [name, value] : fields) {
        name = lower(name);
        if (!http::isToken(name)) throw Refused("fields", "\"" + name + "\" is no name of a field");
        if (!http::isFieldText(value)) throw Refused("fields", "the value of \"" + name + "\" has a control byte");
        if (isOurs(name)) throw Refused("fields", "\"" + name + "\" is set by the proxy itself");
    }
    return fields;
}

std::vector<std::string> readUpgrade(const KeyReader& read) {
    std::vector<std::string> protocols = read.list("upgrade");
    for (std::string& protocol : protocols) {
        protocol = lower(protocol);
        if (!http::isToken(protocol)) throw Refused("upgrade", "\"" + protocol + "\" is no name of a protocol");
        // Requests would pass in it that no rule of this server sees.
        if (protocol == "h2c")
            throw Refused("upgrade", "\"h2c\" would carry requests past the rules of this server");
    }
    return protocols;
}

void checkText(const char* key, const std::string& value) {
    if (!http::isFieldText(value) || value.find(' ') != std::string::npos || value.find('\t') != std::string::npos)
        throw Refused(key, "\"" + value + "\" holds a blank or a control byte");
}

}  // namespace

Settings::Settings(const tp_host& given, const tp_setup& setup) {
    KeyReader read(given, setup);
    tls = readTls(read);
    targets = readTargets(given, read, tls);
    balance = readBalance(read);
    cookie = read.string("cookie");
    if (!http::isToken(cookie)) throw Refused("cookie", "\"" + cookie + "\" is no name of a cookie");
    if (balance != Balance::Cookie && read.isSet("cookie"))
        throw Refused("cookie", "only means something with balance = \"cookie\"");
    connections = static_cast<uint32_t>(read.integer("connections", 1, 65536));
    keep_ms = read.duration("keep_timeout");
    read.waiting(*this);
    read.connecting(*this);
    tunnel_ms = read.duration("tunnel_timeout");
    health_path = read.string("health_path");
    checkText("health_path", health_path);
    if (!health_path.empty() && health_path.front() != '/') throw Refused("health_path", "must begin with \"/\"");
    health_ms = read.duration("health_interval");
    health_status = static_cast<unsigned>(read.integer("health_status", 200, 599));
    host = read.string("host");
    checkText("host", host);
    strip_prefix = read.isTrue("strip_prefix");
    readForwarded(read, *this);
    via = read.string("via");
    if (!via.empty() && !http::isToken(via)) throw Refused("via", "\"" + via + "\" is no name for Via");
    fields = readFields(read);
    upgrade = readUpgrade(read);
}

}  // namespace turnpike::proxy
