// proxy.cpp - the plugin: hands requests to HTTP/1.1 servers. See README.md.
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "balance.h"
#include "pool.h"
#include "probe.h"
#include "request_head.h"

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
        for (const std::string& target : settings_.targets) {
            tp_backend_spec spec{};
            spec.struct_size = sizeof spec;
            spec.count = settings_.connections;
            spec.instances = 1;
            spec.restart_ms = 1;
            spec.name = spec.address = str(target);
            tp_backend* handle = services_.backends->declare(&setup, &spec);
            if (handle == nullptr) throw Refused("targets", "\"" + target + "\" was refused");
            handles_.push_back(handle);
        }
    }

    class Worker;

 private:
    gateway::Services services_;
    Settings settings_;
    std::vector<tp_backend*> handles_;
};

class Proxy::Worker {
 public:
    Worker(Proxy& plugin, tp_worker* worker)
        : services_(plugin.services_),
          settings_(plugin.settings_),
          pool_(services_, settings_, plugin.handles_, worker) {
        if (settings_.health_path.empty()) return;
        for (size_t i = 0; i < pool_.targetCount(); ++i) probes_.push_back(std::make_unique<Probe>(pool_, i));
    }

    tp_verdict onRequest(tp_request* request) {
        Pool::Entry entry(pool_);
        Active::node_type node = take(request);
        Exchange& exchange = *node.mapped();
        prepare(exchange, request);
        active_.insert(std::move(node));
        pool_.enqueue(exchange);
        if (exchange.has_failed) return TP_FAILED;
        return exchange.stage == Exchange::Stage::Over ? TP_DONE : TP_PENDING;
    }

    void onBody(tp_request* request, std::string_view part, bool is_last) noexcept {
        Pool::Entry entry(pool_);
        Exchange* exchange = find(request);
        if (exchange == nullptr) return;
        exchange->is_reading = false;
        exchange->has_body_begun = true;
        exchange->upload.feed(part, is_last);
        if (exchange->connection != nullptr) exchange->connection->pump();
    }

    void onWritable(tp_request* request) noexcept {
        Pool::Entry entry(pool_);
        if (Exchange* exchange = find(request)) pool_.clientTook(*exchange);
    }

    void onDone(tp_request* request, bool) noexcept {
        Pool::Entry entry(pool_);
        auto found = active_.find(request);
        if (found == active_.end()) return;
        pool_.forget(*found->second);
        Active::node_type node = active_.extract(found);
        if (spare_.size() < kSpare) spare_.push_back(std::move(node));
    }

 private:
    using Active = std::unordered_map<tp_request*, std::unique_ptr<Exchange>>;
    static constexpr size_t kSpare = 256;

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
    std::string_view authority() const {
        const std::string& target = settings_.targets.front();
        return target.starts_with("unix:") ? std::string_view("localhost") : std::string_view(target);
    }

    /// Of those that are done, so that nothing is allocated in steady state; but one that ended inside a call
    /// which is still running may still be looked at.
    Active::node_type take(tp_request* request) {
        if (spare_.empty() || pool_.isNested())
            return active_.extract(active_.emplace(request, std::make_unique<Exchange>()).first);
        Active::node_type node = std::move(spare_.back());
        spare_.pop_back();
        node.key() = request;
        return node;
    }

    Exchange* find(tp_request* request) {
        auto found = active_.find(request);
        return found == active_.end() ? nullptr : found->second.get();
    }

    const gateway::Services& services_;
    const Settings& settings_;
    Pool pool_;
    std::vector<std::unique_ptr<Probe>> probes_;
    Active active_;
    std::vector<Active::node_type> spare_;
};

}  // namespace turnpike::proxy

TURNPIKE_PLUGIN(turnpike::proxy::Proxy)
