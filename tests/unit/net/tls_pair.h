// tls_pair.h - a TLS server's end and OpenSSL as its client, both in one thread over a pair of sockets.
#pragma once
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "net/tls_server.h"
#include "support/certificates.h"

namespace turnpike::net {

/// A server with one certificate, which is longer than a socket of a pair holds.
struct TlsEnd {
    explicit TlsEnd(const TlsSettings& settings) {
        MadeCertificate made = makeCertificate();
        const std::string one = made.certificate;
        for (int i = 0; i < 30; ++i) made.certificate += one;
        TlsFault fault;
        identity = TlsIdentity::make({made.certificate, made.key, {}, {}, false}, settings, &fault);
        EXPECT_TRUE(identity) << fault.text;
        server = std::make_unique<TlsServer>([this](std::string_view) { return identity.get(); });
    }
    std::shared_ptr<const TlsIdentity> identity;
    std::unique_ptr<TlsServer> server;
};

struct SessionFree {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

struct TlsPair {
    explicit TlsPair(TlsServer& server, SSL_SESSION* resumed = nullptr) {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        const int small = 4096;
        ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        transport = server.accept(fds[0]);
        peer = fds[1];
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, keepSession);
        client = SSL_new(context);
        SSL_set_app_data(client, this);
        SSL_set_fd(client, peer);
        if (resumed != nullptr) SSL_set_session(client, resumed);
    }
    ~TlsPair() {
        SSL_free(client);
        SSL_CTX_free(context);
        ::close(peer);
    }
    TlsPair(const TlsPair&) = delete;
    TlsPair& operator=(const TlsPair&) = delete;

    bool shakeHands() {
        for (int i = 0; i < 100; ++i) {
            const int done = SSL_connect(client);
            char byte;
            if (transport->receive(&byte, 1) != -EAGAIN) return false;
            was_full = was_full || transport->wantsToWrite();
            if (done == 1 && transport->isReady()) return true;
        }
        return false;
    }
    /// What has come to the client, as far as one record goes.
    std::string take() {
        char block[16384];
        const int got = SSL_read(client, block, sizeof block);
        return got > 0 ? std::string(block, static_cast<size_t>(got)) : std::string();
    }
    static int keepSession(SSL* ssl, SSL_SESSION* made) {
        static_cast<TlsPair*>(SSL_get_app_data(ssl))->session.reset(made);
        return 1;
    }

    std::unique_ptr<Transport> transport;
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* client;
    std::unique_ptr<SSL_SESSION, SessionFree> session;
    int peer;
    bool was_full = false;
};

}  // namespace turnpike::net
