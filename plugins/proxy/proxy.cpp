// proxy.cpp - the plugin: hands requests to HTTP/1.1 servers. See README.md.
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "balance.h"
#include "pool.h"
#include "probe.h"
#include "request_head.h"
#include "sdk/gateway/active.h"

namespace turnpike::proxy {
namespace {

/// A host may be older than this.
bool canUpgrade(const tp_host& host, const tp_request_view& view) {
    return host.struct_size > offsetof(tp_host, upgrade) && view.struct_size > offsetof(tp_request_view, upgrade);
}

}  // namespace

class Proxy {
 public:
    static constexpr const char *name = "proxy", *version = "1.0", *summary = "hands requests to HTTP servers";
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    Proxy(const tp_host& host, tp_setup& setup) : services_(host), settings_(host, setup) {
        for (const TargetSpec& target : settings_.targets)
            places_.push_back({declareBackend(setup, target), declareTls(setup, target)});
    }

    class Worker;

 private:
    tp_backend* declareBackend(tp_setup& setup, const TargetSpec& target) {
        tp_backend_spec spec{};
        spec.struct_size = sizeof spec;
        spec.count = settings_.connections;
        spec.instances = 1;
        spec.restart_ms = 1;
        spec.name = spec.address = str(target.address);
        tp_backend* handle = services_.backends->declare(&setup, &spec);
        if (handle == nullptr) throw Refused("targets", "\"" + target.address + "\" was refused");
        return handle;
    }

    /// Null: it speaks plain HTTP.
    tp_tls* declareTls(tp_setup& setup, const TargetSpec& target) {
        if (target.tls_name.empty()) return nullptr;
        if (services_.tls == nullptr)
            throw Refused("targets", "\"" + target.name + "\": this host speaks no TLS there");
        tp_tls_spec spec{};
        spec.struct_size = sizeof spec;
        spec.is_unverified = settings_.tls.is_unverified ? 1 : 0;
        spec.server_name = str(target.tls_name);
        spec.trust = str(settings_.tls.trust);
        spec.certificate = str(settings_.tls.certificate);
        spec.key = str(settings_.tls.key);
        spec.protocol = str("http/1.1");
        std::array<char, 1024> why;
        tp_tls* handle = services_.tls->declare(&setup, &spec, why.data(), why.size());
        if (handle == nullptr) throw Refused("tls", why.data());
        return handle;
    }

    gateway::Services services_;
    Settings settings_;
    std::vector<Target::Place> places_;
};

class Proxy::Worker {
 public:
    Worker(Proxy& plugin, tp_worker* worker)
        : services_(plugin.services_),
          settings_(plugin.settings_),
          pool_(services_, settings_, plugin.places_, worker) {
        if (settings_.health_path.empty()) return;
        for (size_t i = 0; i < pool_.targetCount(); ++i) probes_.push_back(std::make_unique<Probe>(pool_, i));
    }

    tp_verdict onRequest(tp_request* request) {
        Pool::Entry entry(pool_);
        Exchange& exchange = active_.add(active_.take(request, pool_.isNested()));
        prepare(exchange, request);
        pool_.enqueue(exchange);
        if (exchange.has_failed) return TP_FAILED;
        return exchange.stage == Exchange::Stage::Over ? TP_DONE : TP_PENDING;
    }

    void onBody(tp_request* request, std::string_view part, bool is_last) noexcept {
        Pool::Entry entry(pool_);
        Exchange* exchange = active_.find(request);
        if (exchange == nullptr) return;
        exchange->is_reading = false;
        exchange->has_body_begun = true;
        exchange->upload.feed(part, is_last);
        if (exchange->connection != nullptr) exchange->connection->pump();
    }

    void onWritable(tp_request* request) noexcept {
        Pool::Entry entry(pool_);
        if (Exchange* exchange = active_.find(request)) pool_.clientTook(*exchange);
    }

    void onDone(tp_request* request, bool) noexcept {
        Pool::Entry entry(pool_);
        active_.done(request, [this](Exchange& exchange) { pool_.forget(exchange); });
    }

 private:
    void prepare(Exchange& exchange, tp_request* request) {
        const tp_request_view& view = *services_.host->view(request);
        exchange.begin(request, &view);
        exchange.restart(pool_.buffers());
        if (canUpgrade(*services_.host, view) && view.body_length == 0)
            exchange.upgrade = chooseUpgrade(text(view.upgrade), settings_.upgrade);
        appendHead(view, settings_, authority(), exchange.upgrade, exchange.upload.head());
        exchange.upload.start(codingOf(view));
        if (settings_.balance != Balance::Cookie) return;
        const std::string_view value = cookieValue(field(view, "cookie"), settings_.cookie);
        if (const uint64_t index = targetOf(value, pool_.targetCount()); index < pool_.targetCount())
            exchange.favourite = index;
    }

    /// For a request without Host, which HTTP/1.0 allows.
    std::string_view authority() const { return settings_.targets.front().authority; }

    const gateway::Services& services_;
    const Settings& settings_;
    Pool pool_;
    std::vector<std::unique_ptr<Probe>> probes_;
    gateway::Active<Exchange> active_;
};

}  // namespace turnpike::proxy

TURNPIKE_PLUGIN(turnpike::proxy::Proxy)
