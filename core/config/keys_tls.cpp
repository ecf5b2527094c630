#include "config/keys_tls.h"

#include <algorithm>
#include <charconv>

#include "config/paths.h"
#include "config/suggest.h"

namespace turnpike::config {
namespace {

constexpr std::string_view kCertificate = "certificate", kKey = "key", kOcsp = "ocsp", kClientCa = "client_ca",
                           kClient = "client";

TlsFile* fileOf(Tls& tls, std::string_view part) {
    if (part == kCertificate) return &tls.certificate;
    if (part == kKey) return &tls.key;
    if (part == kOcsp) return &tls.ocsp;
    return part == kClientCa ? &tls.client_ca : nullptr;
}

std::string takePart(Tls& tls, const std::string& part, const std::string& text, const std::string& from,
                     const Machine& machine) {
    if (TlsFile* file = fileOf(tls, part); file != nullptr) {
        if (text.empty()) return quoted(part) + " names no file";
        file->path = absolutePath(text, from, machine.working_folder);
        return {};
    }
    if (part != kClient)
        return "there is no " + quoted(part) + suggestion(part, {kCertificate, kKey, kOcsp, kClientCa, kClient});
    if (text != "required" && text != "optional")
        return "\"client\" must be \"required\" or \"optional\", not " + quoted(text);
    tls.client_required = text == "required";
    return {};
}

bool names(const BoundKey& value, std::string_view part) {
    return std::any_of(value.map.begin(), value.map.end(), [&](const auto& pair) { return pair.first == part; });
}

/// One directive of the field; `seconds` is set by max-age.
bool isDirective(std::string_view text, bool* has_age) {
    if (text == "includeSubDomains" || text == "preload") return true;
    constexpr std::string_view kAge = "max-age=";
    if (*has_age || !text.starts_with(kAge)) return false;
    const std::string_view digits = text.substr(kAge.size());
    uint64_t seconds = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    *has_age = error == std::errc() && end == digits.data() + digits.size();
    return *has_age;
}

}  // namespace

std::string storeTls(Site& to, const BoundKey& value, const Machine& machine) {
    to.tls = {};
    if (!value.is_set) return {};
    to.tls.at = value.at;
    to.tls.client_required = true;  // a forgotten word must not let everybody in
    for (const auto& [part, text] : value.map)
        if (std::string wrong = takePart(to.tls, part, text, value.at.file, machine); !wrong.empty()) return wrong;
    if (to.tls.certificate.path.empty()) return "names no \"certificate\"";
    if (to.tls.key.path.empty()) return "names no \"key\"";
    if (names(value, kClient) && to.tls.client_ca.path.empty())
        return "\"client\" without \"client_ca\": nobody would be believed";
    return {};
}

std::string storeHsts(Site& to, const BoundKey& value, const Machine&) {
    if (!value.is_set) return {};
    constexpr const char* kForm =
        " must read as \"max-age=31536000\", perhaps with \"; includeSubDomains\" and "
        "\"; preload\" behind it";
    bool has_age = false;
    std::string_view rest = value.text;
    for (bool more = true; more;) {
        const size_t end = rest.find("; ");
        if (!isDirective(rest.substr(0, end), &has_age)) return quoted(value.text) + kForm;
        more = end != std::string_view::npos;
        rest.remove_prefix(more ? end + 2 : rest.size());
    }
    if (!has_age) return quoted(value.text) + kForm;
    to.hsts = value.text;
    return {};
}

void readTlsFiles(Site& site, const Files& files, std::vector<Problem>& problems) {
    if (!site.tls.isOn()) return;
    for (std::string_view part : {kCertificate, kKey, kOcsp, kClientCa}) {
        TlsFile& file = *fileOf(site.tls, part);
        if (file.path.empty()) continue;
        auto bytes = part == kKey ? files.readSecret(file.path) : files.read(file.path);
        if (bytes)
            file.bytes = std::move(*bytes);
        else
            problems.push_back(
                {site.tls.at, "\"tls." + std::string(part) + "\": cannot read " + bytes.error().text});
    }
}

void checkTlsUse(const Snapshot& snapshot, std::vector<Problem>& problems) {
    const auto& listen = snapshot.server.listen;
    const auto tls = std::find_if(listen.begin(), listen.end(), [](const Listen& one) { return one.tls; });
    bool has_certificate = false;
    for (const Site& site : snapshot.sites) {
        has_certificate = has_certificate || site.tls.isOn();
        if (site.tls.isOn() && tls == listen.end())
            problems.push_back({site.tls.at,
                                "\"tls\": nobody can get there, no [server] listen is a \"tls\" one: "
                                "write listen = [\":443 tls\"]"});
        if (site.redirect_https && !site.tls.isOn())
            problems.push_back({site.at, "\"redirect_https\": the site has no certificate, set its `tls`"});
    }
    if (tls != listen.end() && !has_certificate)
        problems.push_back({tls->at, "\"listen\": " + quoted(tls->address) +
                                         " speaks TLS, but no [[site]] has a certificate: set its `tls`"});
}

}  // namespace turnpike::config
