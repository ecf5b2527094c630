// php_inline.cpp - the plugin: runs PHP scripts in the worker itself, one at a time, to measure what every hop
// costs that the other ways have. See README.md.
#include <SAPI.h>
#include <dlfcn.h>
#include <php.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../interpreter/request.h"
#include "../interpreter/sapi.h"
#include "../interpreter/script.h"
#include "conversation.h"
#include "sdk/fastcgi/keys.h"
#include "sdk/fastcgi/target.h"

namespace turnpike::php {
namespace {

using Outcome = fastcgi::Response::Outcome;

constexpr tp_key kKeys[] = {
    {"insist", TP_KEY_BOOLEAN, 0, "false",
     "A script that runs in the worker holds up everything else that this worker does, and takes it along when it "
     "crashes. This plugin is there to be measured against; true says that you know."},
    {"ini", TP_KEY_MAP, 0, nullptr, "PHP's own settings; those of the first place that names this plugin hold."},
    fastcgi::key::kParams,
    fastcgi::key::kPassAuthorization,
};

/// PHP's extensions look for its functions among those that all may see; a plugin's own are seen by nobody.
void showPhp() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(&sapi_startup), &info) != 0 && info.dli_fname != nullptr)
        dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

/// One for each process, however many places name the plugin.
class Interpreter {
 public:
    static std::shared_ptr<Interpreter> get(const fastcgi::Services& services, const PhpSettings& settings) {
        static std::weak_ptr<Interpreter> only;
        std::shared_ptr<Interpreter> there = only.lock();
        if (there == nullptr) only = there = std::make_shared<Interpreter>(services, settings);
        return there;
    }
    Interpreter(const fastcgi::Services& services, const PhpSettings& settings) : conversation_(services) {
        showPhp();
        clearenv();  // scripts see it, and what the server was started with is none of theirs
        if (!startPhp(settings)) throw Refused("", "PHP cannot be initialised");
        adoptPhp();
    }
    ~Interpreter() { endPhp(); }

    /// False: PHP is of no more use.
    bool run() {
        volatile bool is_well = false;
        if (request_->receive()) {
            zend_first_try { is_well = answer(*request_); }
            zend_end_try();
        }
        if (!is_well)
            request_ = std::make_unique<Request>(conversation_, slot_);  // it is in the middle of something
        return is_well;
    }
    Conversation& conversation() { return conversation_; }

 private:
    Slot slot_;
    Conversation conversation_;
    std::unique_ptr<Request> request_ = std::make_unique<Request>(conversation_, slot_);
};

}  // namespace

class PhpInline {
 public:
    static constexpr const char *name = "php_inline", *version = "1.0",
                                *summary = "runs PHP scripts in the worker itself, to be measured against";
    static constexpr uint32_t capabilities = TP_CAP_SCRIPTS | TP_CAP_RESIDENT;
    static constexpr const tp_key (&keys)[std::size(kKeys)] = kKeys;

    PhpInline(const tp_host& host, tp_setup& setup) : services_(host) {
        fastcgi::KeyReader read(host, setup);
        if (!read.isTrue("insist"))
            throw Refused(
                "insist",
                "scripts would hold up the worker, and end it when they crash: use plugin \"php\", or say "
                "insist = true if you are here to measure");
        if (text(host.site_root(&setup)).empty())
            throw Refused("", "looks for scripts below the site's root, but this site has no root");
        rules_.only_scripts = true;
        rules_.keep = false;
        rules_.params = read.map("params");
        rules_.pass_authorization = read.isTrue("pass_authorization");
        for (const auto& [key, value] : read.map("ini")) php_.ini.emplace_back(key).append("=").append(value);
    }

    class Worker;

 private:
    fastcgi::Services services_;
    fastcgi::Rules rules_;
    PhpSettings php_;
};

class PhpInline::Worker {
 public:
    Worker(PhpInline& plugin, tp_worker*)
        : services_(plugin.services_),
          target_(plugin.services_, plugin.rules_),
          interpreter_(Interpreter::get(plugin.services_, plugin.php_)) {}

    tp_verdict onRequest(tp_request* request) {
        auto exchange = std::make_unique<fastcgi::Exchange>();
        exchange->begin(request, services_.host->view(request));
        if (!target_.resolve(*exchange)) return TP_DECLINED;
        fastcgi::Exchange& kept = *(active_[request] = std::move(exchange));
        if (kept.view->body_length != 0) {
            services_.host->spool_body(request);
            return TP_PENDING;
        }
        run(kept, {}, -1, 0);
        if (kept.has_failed) return TP_FAILED;
        return kept.stage == fastcgi::Exchange::Stage::Over ? TP_DONE : TP_PENDING;
    }
    void onSpooled(tp_request* request, const tp_body& body) noexcept {
        if (auto found = active_.find(request); found != active_.end())
            run(*found->second, text(body.memory), body.fd, body.size);
    }
    void onWritable(tp_request* request) noexcept {
        auto found = active_.find(request);
        if (found == active_.end()) return;
        found->second->response.taken(buffers());
        finish(*found->second);
    }
    void onDone(tp_request* request, bool) noexcept {
        auto found = active_.find(request);
        if (found == active_.end()) return;
        found->second->response.reset(buffers());
        active_.erase(found);
    }

 private:
    fastcgi::BufferPool& buffers() { return interpreter_->conversation().buffers(); }

    void run(fastcgi::Exchange& exchange, std::string_view memory, int fd, uint64_t size) {
        Conversation& conversation = interpreter_->conversation();
        target_.encode(exchange, size);
        conversation.begin(exchange, memory, fd, size);
        services_.host->mark(exchange.request, TP_PHASE_SENT);
        const bool is_well = interpreter_->run();
        services_.host->mark(exchange.request, TP_PHASE_LAST_BYTE);
        exchange.errors.finish(*services_.host, exchange.request);
        if (!is_well || !conversation.hasEnded()) return fail(exchange, conversation.trouble());
        exchange.stage = fastcgi::Exchange::Stage::Delivering;
        finish(exchange);
    }

    void finish(fastcgi::Exchange& exchange) {
        using Stage = fastcgi::Exchange::Stage;
        if (exchange.stage != Stage::Delivering) return;
        switch (exchange.response.deliver(*services_.host, exchange.request, exchange.is_head, buffers())) {
            case Outcome::More:
            case Outcome::Waiting:
                return;
            case Outcome::Complete:
            case Outcome::Gone:
                exchange.stage = Stage::Over;
                return;
            case Outcome::Redirect: {
                exchange.stage = Stage::Over;
                std::string target(exchange.response.redirectTarget());
                if (services_.host->redirect(exchange.request, str(target)) < 0)
                    fail(exchange, "a local redirect to \"" + target + "\" that cannot be followed");
                return;
            }
            case Outcome::Bad:
                return fail(exchange, "PHP sent " + exchange.response.reason());
        }
    }

    void fail(fastcgi::Exchange& exchange, const std::string& cause) {
        exchange.stage = fastcgi::Exchange::Stage::Over;
        exchange.has_failed = true;
        services_.host->fail(exchange.request, 502, str(cause));
    }

    const fastcgi::Services& services_;
    fastcgi::Target target_;
    std::shared_ptr<Interpreter> interpreter_;
    std::unordered_map<tp_request*, std::unique_ptr<fastcgi::Exchange>> active_;
};

}  // namespace turnpike::php

TURNPIKE_PLUGIN(turnpike::php::PhpInline)
