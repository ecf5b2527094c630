#include "server/tls_sites.h"

#include <algorithm>

#include "base/clock.h"
#include "os/socket.h"

namespace turnpike::server {
namespace {

constexpr int64_t kDay = 86'400, kWarnDays = 14;

bool isSame(const config::TlsFile& a, const config::TlsFile& b) { return a.path == b.path && a.bytes == b.bytes; }

bool isSame(const config::Tls& a, const config::Tls& b) {
    return isSame(a.certificate, b.certificate) && isSame(a.key, b.key) && isSame(a.ocsp, b.ocsp) &&
           isSame(a.client_ca, b.client_ca) && a.client_required == b.client_required;
}

const std::string& pathOf(const config::Tls& tls, std::string_view part) {
    if (part == "key") return tls.key.path;
    if (part == "ocsp") return tls.ocsp.path;
    return part == "client_ca" ? tls.client_ca.path : tls.certificate.path;
}

}  // namespace

TlsSites::TlsSites(SiteTable& sites, const net::TlsSettings& settings, std::vector<config::Problem>& problems)
    : sites_(sites), settings_(settings) {
    const size_t before = problems.size();
    lacks_kernel_ = settings.ktls && !os::hasKernelTls();
    settings_.ktls = settings.ktls && !lacks_kernel_;
    for (auto& site : sites_.all())
        if (site->config->tls.isOn()) site->tls = identityFor(site->config->tls, problems);
    if (made_.empty() || problems.size() > before) return;
    server_ = std::make_unique<net::TlsServer>([this](std::string_view name) { return choose(name); });
}

const net::TlsIdentity* TlsSites::identityFor(const config::Tls& tls, std::vector<config::Problem>& problems) {
    for (const Made& made : made_)
        if (isSame(*made.from, tls)) return made.identity.get();
    net::TlsFault fault;
    const net::TlsFiles files{tls.certificate.bytes, tls.key.bytes, tls.ocsp.bytes, tls.client_ca.bytes,
                              tls.client_required};
    auto identity = net::TlsIdentity::make(files, settings_, &fault);
    if (!identity) {
        std::string where = "\"tls." + std::string(fault.part) + "\": " + pathOf(tls, fault.part);
        problems.push_back({tls.at, where + " " + fault.text});
        return nullptr;
    }
    made_.push_back({&tls, std::move(identity)});
    return made_.back().identity.get();
}

/// As the site is found by the Host field. A client that names none may be told to come back with 421, but needs a
/// certificate to be told so: that of the default site, or else of the first.
const net::TlsIdentity* TlsSites::choose(std::string_view name) const {
    if (!name.empty()) {
        const Site* site = sites_.find(name);
        return site != nullptr ? site->tls : nullptr;
    }
    const Site* fallback = sites_.find("");
    return fallback != nullptr && fallback->tls != nullptr ? fallback->tls : made_.front().identity.get();
}

void TlsSites::warn(const std::function<void(const std::string&)>& tell) const {
    if (lacks_kernel_ && isOn())
        tell(
            "server.ktls: this kernel cannot encrypt (load its module: modprobe tls), so OpenSSL does it as "
            "without");
    const int64_t now = unixMs() / 1000;
    for (const Made& made : made_) {
        const int64_t days = (made.identity->validUntil() - now) / kDay;
        if (days < kWarnDays)
            tell(made.from->at.text() + ": the certificate " + made.from->certificate.path + " expires in " +
                 std::to_string(days) + " days: renew it and reload");
        if (made.identity->isStapleStale())
            tell(made.from->at.text() + ": the OCSP response " + made.from->ocsp.path +
                 " is out of date and not sent: fetch a new one and reload, or set this machine's clock");
    }
}

std::string httpsPort(const config::Server& server) {
    std::string to;
    for (const config::Listen& listen : server.listen) {
        auto address = os::Address::parse(listen.address);
        if (!listen.tls || !address || address->isUnix()) continue;
        if (address->port() == 443) return {};
        if (to.empty()) to = ":" + std::to_string(address->port());
    }
    return to;
}

}  // namespace turnpike::server
