// fastcgi.cpp - the plugin: hands requests to FastCGI backends. See README.md.
#include <memory>
#include <unordered_map>
#include <vector>

#include "php_fpm.h"
#include "pool.h"
#include "target.h"

namespace turnpike::fastcgi {
namespace {

/// What declare() needs, with the memory behind it.
class Declaration {
 public:
    Declaration(const Settings& settings, std::string name) : name_(std::move(name)) {
        spec_.struct_size = sizeof spec_;
        spec_.count = settings.children;
        spec_.instances = 1;
        spec_.restart_ms = settings.restart_ms;
        spec_.name = str(name_);
    }
    void external(const std::string& address) { spec_.address = str(address); }
    void supervised(const Settings& settings, const std::vector<std::string>& command) {
        for (const std::string& word : command) argv_.push_back(str(word));
        for (const auto& [key, value] : settings.environment)
            environment_.emplace_back(key).append("=").append(value);
        for (const std::string& entry : environment_) env_.push_back(str(entry));
        spec_.command = argv_.data();
        spec_.argc = argv_.size();
        spec_.env = env_.data();
        spec_.envc = env_.size();
        spec_.address = str(settings.listen);
        spec_.directory = str(settings.directory);
        spec_.instances = settings.instances;
        spec_.count = settings.children * settings.instances;
    }
    void phpFpm(const Settings& settings) {
        config_ = phpFpmConfig(settings);
        spec_.config_text = str(config_);
        spec_.listens_itself = 1;
    }
    const tp_backend_spec* spec() const { return &spec_; }

 private:
    tp_backend_spec spec_{};
    std::string name_, config_;
    std::vector<std::string> environment_;
    std::vector<tp_str> argv_, env_;
};

std::string baseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

class FastCgi {
 public:
    static constexpr const char *name = "fastcgi", *version = "1.0",
                                *summary = "hands requests to FastCGI programs and to PHP-FPM";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS;
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    FastCgi(const tp_host& host, tp_setup& setup) : services_(host), settings_(host, setup) {
        for (const std::string& address : settings_.addresses) {
            Declaration declaration(settings_, address);
            declaration.external(address);
            declare(setup, declaration);
        }
        if (settings_.addresses.empty()) declareSupervised(setup);
    }

    class Worker;

 private:
    void declare(tp_setup& setup, const Declaration& declaration) {
        tp_backend* backend = services_.backends->declare(&setup, declaration.spec());
        if (backend == nullptr) throw Refused("", "the backend was refused");
        backends_.push_back(backend);
    }

    void declareSupervised(tp_setup& setup) {
        std::vector<std::string> command = settings_.command;
        bool is_own_php = command.empty();
        if (is_own_php) command = phpFpmCommand(requirePhpFpm());
        std::string program = is_own_php ? "php-fpm" : baseName(command.front());
        std::string own_name = settings_.name.empty() ? settings_.site + "-" + program : settings_.name;
        Declaration declaration(settings_, plainName(own_name));
        declaration.supervised(settings_, command);
        if (is_own_php) declaration.phpFpm(settings_);
        declare(setup, declaration);
    }

    static std::string requirePhpFpm() {
        std::string program = findPhpFpm(phpFpmFolders());
        if (program.empty())
            throw Refused("preset",
                          "php-fpm is not installed: install the package php-fpm (Debian, Ubuntu: apt install "
                          "php-fpm), or set address to a php-fpm that runs elsewhere");
        return program;
    }

    Services services_;
    Settings settings_;
    std::vector<tp_backend*> backends_;
};

class FastCgi::Worker {
 public:
    Worker(FastCgi& plugin, tp_worker* worker)
        : services_(plugin.services_),
          settings_(plugin.settings_),
          pool_(plugin.services_, plugin.settings_, plugin.backends_, worker),
          target_(services_, plugin.settings_) {}

    tp_verdict onRequest(tp_request* request) {
        Pool::Entry entry(pool_);
        Active::node_type node = take(request);
        Exchange& exchange = *node.mapped();
        exchange.begin(request, services_.host->view(request));
        if (!target_.resolve(exchange)) {
            spare_.push_back(std::move(node));
            return TP_DECLINED;
        }
        active_.insert(std::move(node));
        if (exchange.view->body_length > 0 && settings_.stream_body) {
            exchange.is_reading = true;
            services_.host->read_body(request);
            return TP_PENDING;
        }
        if (exchange.view->body_length != 0) {
            services_.host->spool_body(request);
            return TP_PENDING;
        }
        submit(exchange, {}, -1, 0);
        if (exchange.has_failed) return TP_FAILED;
        return exchange.stage == Exchange::Stage::Over ? TP_DONE : TP_PENDING;
    }
    void onSpooled(tp_request* request, const tp_body& body) noexcept {
        Pool::Entry entry(pool_);
        if (Exchange* exchange = find(request)) submit(*exchange, text(body.memory), body.fd, body.size);
    }
    /// Without a first part there is nothing to do for a backend yet.
    void onBody(tp_request* request, std::string_view part, bool) noexcept {
        Pool::Entry entry(pool_);
        Exchange* exchange = find(request);
        if (exchange == nullptr) return;
        exchange->is_reading = false;
        if (exchange->stage == Exchange::Stage::Body) {
            auto size = static_cast<uint64_t>(exchange->view->body_length);
            target_.encode(*exchange, size);
            exchange->outbound.startStream(part, size);
            pool_.enqueue(*exchange);
        } else if (exchange->stage == Exchange::Stage::Queued || exchange->stage == Exchange::Stage::Running) {
            exchange->outbound.feed(part);
            if (exchange->connection != nullptr) exchange->connection->pump();
        }
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
    void submit(Exchange& exchange, std::string_view memory, int fd, uint64_t size) {
        target_.encode(exchange, size);
        exchange.outbound.start(memory, fd, size);
        pool_.enqueue(exchange);
    }

    const Services& services_;
    const Settings& settings_;
    Pool pool_;
    Target target_;
    Active active_;
    std::vector<Active::node_type> spare_;
};

}  // namespace turnpike::fastcgi

TURNPIKE_PLUGIN(turnpike::fastcgi::FastCgi)
