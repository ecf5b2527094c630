// access.cpp - the plugin: who may enter, and on what grounds.
#include <sys/auxv.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "auth_service.h"
#include "client_limits.h"
#include "remembered.h"
#include "settings.h"
#include "verification.h"

namespace turnpike::access {
namespace {

// The sixteen random bytes that the kernel gives each program; reading them calls nothing.
support::HashKey randomKey() {
    support::HashKey key;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives the address as a number
    std::memcpy(&key, reinterpret_cast<const void*>(getauxval(AT_RANDOM)), sizeof key);
    return key;
}

// Credentials that come twice could mean something else to the next one who reads them.
std::optional<Credentials> credentialsOf(const tp_request_view& view) {
    std::string_view value;
    for (uint32_t i = 0; i < view.field_count; ++i) {
        if (text(view.fields[i].name) != "authorization") continue;
        if (!value.empty()) return std::nullopt;
        value = text(view.fields[i].value);
    }
    return parseBasic(value);
}

// For the log, in which a name may not begin a line of its own.
std::string shown(std::string_view name) {
    std::string safe = "\"";
    for (char c : name.substr(0, 64)) safe += c >= ' ' && c <= '~' && c != '"' ? c : '?';
    return safe + "\"";
}

}  // namespace

struct Access {
    static constexpr const char *name = "access", *version = "1.0",
                                *summary = "lets clients in by address, password or a service, and limits them";
    static constexpr const auto& keys = kKeys;

    Access(const tp_host& h, tp_setup& setup) : host(h), settings(h, setup) {}

    const tp_host& host;
    Settings settings;

    class Worker {
     public:
        Worker(Access& plugin, tp_worker* worker)
            : host_(plugin.host),
              settings_(plugin.settings),
              worker_(worker),
              remembered_(randomKey(), plugin.settings.remember_ns) {
            if (settings_.limits) limits_.emplace(host_, *settings_.limits, randomKey());
            if (settings_.auth) service_.emplace(host_, *settings_.auth, worker);
        }

        tp_verdict onAccess(tp_request* request) {
            const tp_request_view& view = *host_.view(request);
            if (!settings_.paths.cover(text(view.path))) return TP_DECLINED;
            const bool is_admitted = settings_.admits(text(view.remote_address));
            if (!is_admitted && !settings_.is_one_enough) return refuseAddress(request, view);
            // Before a password is verified, which is the dearest thing that a client can ask for. No client has
            // come for a background request: who had come for the page was counted.
            if (limits_ && view.background_of == 0)
                if (const auto refusal = limits_->enter(request)) return refuseForNow(request, *refusal);
            if (settings_.users.isEmpty() || (is_admitted && settings_.is_one_enough)) return askService(request);
            return askPassword(request, view);
        }

        /// The end of every request, also of one whose client left.
        void onLog(tp_request* request, const tp_log_record&) {
            if (limits_) limits_->leave(request);
            if (service_) service_->forget(request);
        }
        void onDone(tp_request* request, bool) {
            if (service_) service_->release(request);
        }

     private:
        tp_verdict askPassword(tp_request* request, const tp_request_view& view);
        tp_verdict askService(tp_request* request) { return service_ ? service_->ask(request) : TP_DECLINED; }
        static void answered(tp_request* request, void* arg);
        tp_verdict refuseAddress(tp_request* request, const tp_request_view& view);
        tp_verdict refuseForNow(tp_request* request, const Limits::Refusal& refusal);
        tp_verdict challenge(tp_request* request, const std::string& cause);

        const tp_host& host_;
        const Settings& settings_;
        tp_worker* worker_;
        Remembered remembered_;
        std::optional<Limits> limits_;
        std::optional<AuthService> service_;
    };
};

tp_verdict Access::Worker::askPassword(tp_request* request, const tp_request_view& view) {
    auto credentials = credentialsOf(view);
    if (!credentials) return challenge(request, "no name and password came with the request");
    if (remembered_.has(remembered_.digest(credentials->pair), view.received_ns)) {
        host_.set_remote_user(request, str(credentials->name()));
        return askService(request);
    }
    const Users::Lookup user = settings_.users.find(credentials->name());
    auto job = std::make_unique<Verification>(std::move(*credentials), user.hash, user.is_known, this);
    if (Verification::begin(host_, worker_, request, std::move(job), answered)) return TP_PENDING;
    host_.fail(request, 503, str("the blocking pool's queue is full of work (limits.pool_queue)"));
    return TP_FAILED;
}

// [loop] The plugin's part of a verification that has ended.
void Access::Worker::answered(tp_request* request, void* arg) {
    const std::unique_ptr<Verification> job(static_cast<Verification*>(arg));
    if (request == nullptr) return;  // the client has left, and the worker may have
    auto& self = *static_cast<Worker*>(job->owner);
    const std::string_view name = job->credentials.name();
    if (!job->isGranted()) {
        self.challenge(request, (job->is_known ? "wrong password for " : "there is no user ") + shown(name));
        return;
    }
    self.remembered_.add(self.remembered_.digest(job->credentials.pair), self.host_.view(request)->received_ns);
    self.host_.set_remote_user(request, str(name));
    if (self.askService(request) == TP_DECLINED) self.host_.proceed(request);
}

tp_verdict Access::Worker::refuseAddress(tp_request* request, const tp_request_view& view) {
    const std::string cause = "the client's address " + std::string(text(view.remote_address)) + " may not enter";
    host_.fail(request, 403, str(cause));
    return TP_FAILED;
}

// RFC 6585 section 4.
tp_verdict Access::Worker::refuseForNow(tp_request* request, const Limits::Refusal& refusal) {
    const std::string seconds = std::to_string(refusal.retry_after_s);
    const tp_str value = str(seconds);
    host_.set_field(request, str("retry-after"), &value);
    host_.fail(request, 429, str(refusal.cause));
    return TP_FAILED;
}

tp_verdict Access::Worker::challenge(tp_request* request, const std::string& cause) {
    const tp_str value = str(settings_.challenge);
    host_.set_field(request, str("www-authenticate"), &value);
    host_.fail(request, 401, str(cause));
    return TP_FAILED;
}

}  // namespace turnpike::access

using turnpike::access::Access;
TURNPIKE_PLUGIN(Access)
