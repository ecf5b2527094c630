// One connection under TLS, as the worker has it: whatever comes, nothing reaches the server that the client did
// not say. The first byte chooses: bit 0, the input is all that a client sends; otherwise OpenSSL's client talks,
// and the input changes its bytes on the way, three for each change: where (16 bits, counted from the last one)
// and by what. Bit 1: no more than TLS 1.2. The second byte seeds the pieces in which the bytes come.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "fuzz.h"
#include "net/tls_server.h"
#include "support/certificates.h"

namespace {

using namespace turnpike;

/// One certificate for all inputs.
struct Server {
    Server() {
        const MadeCertificate made = makeCertificate();
        net::TlsFault fault;
        identity = net::TlsIdentity::make({made.certificate, made.key, {}, {}, false}, {nullptr, true}, &fault);
        FUZZ_EXPECT(identity != nullptr);
        server = std::make_unique<net::TlsServer>([this](std::string_view) { return identity.get(); });
    }
    std::shared_ptr<const net::TlsIdentity> identity;
    std::unique_ptr<net::TlsServer> server;
};

/// The server's end of a connection, and what has come out of it.
class Connection {
 public:
    Connection(net::TlsServer& server, uint32_t seed) : pieces_(seed) {
        int fds[2];
        FUZZ_EXPECT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
        transport_ = server.accept(fds[0]);
        peer_ = fds[1];
    }
    ~Connection() { ::close(peer_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void give(std::string_view bytes) {
        while (!bytes.empty()) {
            const size_t size = pieces_.next(bytes.size());
            if (::send(peer_, bytes.data(), size, MSG_NOSIGNAL) < 0) return;
            bytes.remove_prefix(size);
            receive();
        }
    }
    /// The client has left.
    void end() {
        ::shutdown(peer_, SHUT_WR);
        receive();
    }
    std::string takeAnswer() {
        char block[65536];
        const ssize_t got = ::recv(peer_, block, sizeof block, 0);
        return got > 0 ? std::string(block, static_cast<size_t>(got)) : std::string();
    }
    const std::string& heard() const { return heard_; }
    const net::Transport& transport() const { return *transport_; }

 private:
    void receive() {
        char block[4096];
        int64_t got = 0;
        while (!has_ended_ && (got = transport_->receive(block, sizeof block)) > 0) {
            FUZZ_EXPECT(got <= static_cast<int64_t>(sizeof block));
            FUZZ_EXPECT(transport_->isReady());
            heard_.append(block, static_cast<size_t>(got));
            const iovec answer{block, static_cast<size_t>(got)};
            transport_->send(&answer, 1, false);
        }
        has_ended_ = has_ended_ || got != -EAGAIN;
        FUZZ_EXPECT((transport_->session() != nullptr) == (transport_->isReady() && transport_->isSecure()));
    }

    fuzz::Pieces pieces_;
    std::unique_ptr<net::Transport> transport_;
    int peer_;
    std::string heard_;
    bool has_ended_ = false;
};

/// OpenSSL's client, whose bytes go through memory.
class Client {
 public:
    explicit Client(bool is_old) : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
        if (is_old) SSL_set_max_proto_version(ssl_, TLS1_2_VERSION);
        SSL_set_connect_state(ssl_);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    }
    ~Client() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
        ERR_clear_error();
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// What it has to send now, after it was told `answer`.
    std::string next(const std::string& answer) {
        char block[4096];
        BIO_write(SSL_get_rbio(ssl_), answer.data(), static_cast<int>(answer.size()));
        if (SSL_do_handshake(ssl_) == 1) {
            while (SSL_read(ssl_, block, sizeof block) > 0) continue;
            if (said_.size() < kWords && SSL_write(ssl_, block, static_cast<int>(sizeof block)) > 0)
                said_.append(block, sizeof block);
        }
        ERR_clear_error();
        std::string bytes(static_cast<size_t>(BIO_pending(SSL_get_wbio(ssl_))), '\0');
        BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }
    const std::string& said() const { return said_; }

 private:
    static constexpr size_t kWords = size_t{3} * 4096;
    SSL_CTX* context_;
    SSL* ssl_;
    std::string said_;
};

/// The changes of an input, applied to a stream as it passes.
class Changes {
 public:
    explicit Changes(std::string_view from) : from_(from) { advance(); }
    void apply(std::string& bytes) {
        for (; !is_over_ && next_ < passed_ + bytes.size(); advance()) bytes[next_ - passed_] ^= by_;
        passed_ += bytes.size();
    }

 private:
    void advance() {
        is_over_ = from_.size() < 3;
        if (is_over_) return;
        next_ += static_cast<uint8_t>(from_[0]) * 256u + static_cast<uint8_t>(from_[1]);
        by_ = from_[2];
        from_.remove_prefix(3);
    }
    std::string_view from_;
    size_t next_ = 0, passed_ = 0;
    char by_ = 0;
    bool is_over_ = false;
};

void talk(Connection& connection, std::string_view changed, bool is_old) {
    Client client(is_old);
    Changes changes(changed);
    std::string answer;
    for (int turns = 0; turns < 16; ++turns) {
        std::string bytes = client.next(answer);
        changes.apply(bytes);
        connection.give(bytes);
        answer = connection.takeAnswer();
        if (bytes.empty() && answer.empty()) break;
    }
    connection.end();
    if (connection.transport().isMisdirected()) return;  // its first bytes were made into a plain request
    FUZZ_EXPECT(connection.heard() == client.said().substr(0, connection.heard().size()));
    FUZZ_EXPECT(!changed.empty() || connection.heard() == client.said());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static Server server;
    if (size < 2) return 0;
    const std::string_view input = fuzz::text(data + 2, size - 2);
    Connection connection(*server.server, data[1]);
    if ((data[0] & 1) == 0) {
        talk(connection, input, (data[0] & 2) != 0);
        return 0;
    }
    connection.give(input);
    connection.end();
    // Nobody has agreed on keys: what is heard came as it is, without TLS.
    FUZZ_EXPECT(connection.heard().empty() || connection.transport().isMisdirected());
    FUZZ_EXPECT(input.starts_with(connection.heard()));
    return 0;
}
