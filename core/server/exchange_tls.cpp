// What TLS means for a request: whether the connection is good for the site, and where plain requests are sent.
#include "net/tls_identity.h"
#include "net/transport.h"
#include "server/exchange.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

constexpr tp_str str(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace

/// What the handshake has found, for plugins. The texts of the client's certificate are copied: a request may live
/// longer than its connection.
void Exchange::fillTls(const net::TlsSession& session) {
    view_.tls_version = str(session.version);
    view_.tls_cipher = str(session.cipher);
    if (!session.client_verified) return;
    view_.client_subject = str(arena_.copy(session.client_subject));
    view_.client_issuer = str(arena_.copy(session.client_issuer));
    view_.client_serial = str(arena_.copy(session.client_serial));
    view_.client_verified = 1;
}

/// The site of `host`, if this connection may ask for it. Null: the request was refused. RFC 9110 15.5.20: what
/// the handshake promised holds for the sites that share all of it, not for one that asks for other certificates.
const Site* Exchange::siteFor(std::string_view host) {
    const Peer& peer = stream_->peer();
    if (peer.misdirected) {
        refuse(400, "plain HTTP came to a port that speaks TLS");
        return nullptr;
    }
    const Site* site = runtime_.sites().find(host);
    if (site == nullptr)
        refuse(421, "no site has this host name, and there is no default site");
    else if (peer.tls != nullptr && site->tls != peer.tls->identity)
        refuse(421, "the TLS connection was made for a site with another certificate");
    else
        return site;
    return nullptr;
}

/// True: the request was answered with the way to the same place over TLS.
bool Exchange::redirectsToTls(const http::RequestHead& head) {
    if (!site_->config->redirect_https || view_.secure != 0) return false;
    const std::string_view host = head.host;
    if (host.empty()) {
        refuse(400, "no Host to build the address of the TLS site from");
        return true;
    }
    std::string target = "https://" + std::string(host) + runtime_.httpsPort() + std::string(head.path);
    if (!head.query.empty()) target.append("?").append(head.query);
    const bool may_become_get = view_.method_id == TP_METHOD_GET || view_.method_id == TP_METHOD_HEAD;
    const std::string_view location = arena_.copy(target);
    const tp_field field{str("location"), str(location)};
    if (start(may_become_get ? 301 : 308, &field, 1, 0) < 0)
        fail(500, "the address of the TLS site is no valid field");
    else
        send(nullptr, 0, true);
    return true;
}

/// RFC 6797 7.2: never in plain.
void Exchange::addHsts() {
    if (view_.secure == 0 || site_->config->hsts.empty()) return;
    const std::string_view value = site_->config->hsts;
    response_.change("strict-transport-security", &value, false);
}

}  // namespace turnpike::server
