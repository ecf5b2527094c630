// A whole HTTP/2 connection with a worker's own server around it: whatever a client sends, what comes back are
// frames as RFC 9113 has them, no answer says that it is whole and is not, and everything is given back when the
// client leaves. The first byte seeds the pieces in which the bytes come; the preface is sent for the input.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>

#include "fuzz.h"
#include "server/connections.h"
#include "server/host_table.h"
#include "server/http2.h"
#include "server/runtime.h"
#include "server/worker.h"

namespace {

using namespace turnpike;
using namespace turnpike::server;

std::string_view view(tp_str s) { return {s.ptr, s.len}; }
tp_str str(std::string_view s) { return {s.data(), s.size()}; }
const tp_host* host = nullptr;
const std::string kLarge(100'000, 'l');

/// A path says how it is answered: /e echoes, /s spools, /l is large, /n never, /f fails in the middle.
tp_verdict onRequest(void*, tp_request* r) {
    const std::string_view path = view(host->view(r)->path);
    const char way = path.size() > 1 ? path[1] : 'd';
    if (way == 'd') return TP_DECLINED;
    if (way == 's') host->spool_body(r);
    if (way == 'n' || way == 's') return TP_PENDING;
    host->start(r, 200, nullptr, 0, way == 'l' ? static_cast<int64_t>(kLarge.size()) : TP_LENGTH_UNKNOWN);
    const tp_str part = str(way == 'l' ? std::string_view(kLarge) : std::string_view("begin"));
    if (way == 'l') return host->send(r, &part, 1, TP_LAST) == TP_GONE ? TP_FAILED : TP_PENDING;
    host->send(r, &part, 1, 0);
    if (way == 'f') return TP_FAILED;
    host->read_body(r);
    return TP_PENDING;
}
std::map<tp_request*, std::string> echoes;
void onBody(void*, tp_request* r, tp_str data, uint32_t flags) {
    std::string& kept = echoes[r] = view(data);
    const tp_str part = str(kept);
    const bool last = (flags & TP_LAST) != 0;
    if (host->send(r, &part, 1, last ? TP_LAST : 0) == TP_SENT && !last) host->read_body(r);
}
void onWritable(void*, tp_request* r) {
    if (echoes.contains(r)) host->read_body(r);
}
void onSpooled(void*, tp_request* r, const tp_body*) {
    host->start(r, 200, nullptr, 0, 0);
    host->send(r, nullptr, 0, TP_LAST);
}
void onDone(void*, tp_request* r, int32_t) { echoes.erase(r); }

/// The parts of a worker that requests need.
struct Server {
    Server() {
        auto made = std::make_shared<config::Snapshot>();
        made->server.log_level = -1;
        made->server.error_log = "stderr";
        made->server.access_format = "off";
        made->sites.emplace_back();
        made->sites[0].access_format = "off";
        made->server.spool_folder = "/tmp";
        made->sites[0].hosts = {"*"};
        made->sites[0].body_limit = 1u << 20;
        setup.snapshot = made;
        setup.slot = &slot;
        loop = std::move(*net::EventLoop::create());
        sites = std::make_unique<SiteTable>(*made, problems);
        runtime = std::make_unique<Runtime>(setup, *loop, *sites);
        host = &hostTable();
        table.struct_size = sizeof table;
        table.name = "fuzz";
        table.on_request = onRequest;
        table.on_body = onBody;
        table.on_spooled = onSpooled;
        table.on_writable = onWritable;
        table.on_done = onDone;
        sites->all()[0]->routes.push_back({&route, {&table, nullptr, nullptr}, nullptr, {}});
        connections = std::make_unique<Connections>(*runtime);
        auto address = os::Address::parse("127.0.0.1:0");
        listener = std::move(*os::listen(*address, 16));
        os::localAddress(listener.get(), os::Class::Listen, &at);
        FUZZ_EXPECT(connections->listen({listener.get(), at}) == 0);
    }
    /// Until nothing is left to do.
    void turn(int rounds = 1) {
        for (int i = 0; i < rounds; ++i) {
            loop->later([](void* l) { static_cast<net::EventLoop*>(l)->stop(); }, loop.get());
            loop->run();
        }
    }

    ledger::WorkerSlot slot{};
    WorkerSetup setup;
    std::vector<config::Problem> problems;
    std::unique_ptr<net::EventLoop> loop;
    std::unique_ptr<SiteTable> sites;
    std::unique_ptr<Runtime> runtime;
    std::unique_ptr<Connections> connections;
    os::Fd listener;
    os::Address at;
    tp_plugin table{};
    config::Route route;
};

/// Looks at what the server sends.
class Reader {
 public:
    void take(std::string_view bytes) {
        buffer_ += bytes;
        while (buffer_.size() >= 9) {
            const auto byte = [&](size_t i) {
                return static_cast<size_t>(static_cast<unsigned char>(buffer_[i]));
            };
            const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
            FUZZ_EXPECT(size <= 16384);
            FUZZ_EXPECT(byte(3) <= 9 && byte(3) != 5);
            if (buffer_.size() < 9 + size) return;
            judge(byte(3), byte(4), byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8), size);
            buffer_.erase(0, 9 + size);
        }
    }

 private:
    void judge(size_t type, size_t flags, size_t stream, size_t size) {
        FUZZ_EXPECT(first_ == (type == 4) || !first_);
        first_ = false;
        if (type > 1) return;
        FUZZ_EXPECT(stream % 2 == 1);
        Seen& seen = seen_[stream];
        FUZZ_EXPECT(!seen.ended);
        FUZZ_EXPECT(type == 1 || seen.headers);
        seen.headers = true;
        if (type == 0) seen.bytes += size;
        seen.ended = (flags & 1) != 0;
    }
    struct Seen {
        bool headers = false, ended = false;
        size_t bytes = 0;
    };
    std::string buffer_;
    std::map<size_t, Seen> seen_;
    bool first_ = true;
};

class Client {
 public:
    explicit Client(Server& server) : server_(server) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        FUZZ_EXPECT(::connect(fd_, reinterpret_cast<const sockaddr*>(&server.at.storage), server.at.size) == 0);
        ::fcntl(fd_, F_SETFL, O_NONBLOCK);
    }
    ~Client() { ::close(fd_); }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t done = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (done < 0 && errno != EAGAIN) return;
            if (done > 0) bytes.remove_prefix(static_cast<size_t>(done));
            listen();
        }
    }
    void listen() {
        server_.turn();
        char block[65536];
        for (ssize_t got; (got = ::recv(fd_, block, sizeof block, 0)) > 0;)
            reader_.take({block, static_cast<size_t>(got)});
    }

 private:
    Server& server_;
    int fd_;
    Reader reader_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static Server server;
    if (size == 0) return 0;
    fuzz::Pieces pieces(data[0]);
    std::string_view input = fuzz::text(data + 1, size - 1);
    {
        Client client(server);
        client.send(Http2::kPreface);
        while (!input.empty()) {
            const size_t piece = pieces.next(input.size());
            client.send(input.substr(0, piece));
            input.remove_prefix(piece);
        }
        client.listen();
    }
    for (int i = 0; i < 1000 && server.connections->count() > 0; ++i) server.turn();
    FUZZ_EXPECT(server.connections->count() == 0);
    server.turn(2);
    FUZZ_EXPECT(server.slot.counters.requests_active == 0);
    FUZZ_EXPECT(echoes.empty());
    return 0;
}
