// access.cpp - the plugin: who may enter, and on what grounds.
#include <sys/auxv.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>

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
                                *summary = "lets clients in by address, or by name and password";
    static constexpr const auto& keys = kKeys;

    Access(const tp_host& h, const tp_setup& setup) : host(h), settings(h, setup) {}

    const tp_host& host;
    Settings settings;

    class Worker {
     public:
        Worker(Access& plugin, tp_worker* worker)
            : host_(plugin.host),
              settings_(plugin.settings),
              worker_(worker),
              remembered_(randomKey(), plugin.settings.remember_ns) {}

        tp_verdict onAccess(tp_request* request) {
            const tp_request_view& view = *host_.view(request);
            if (!settings_.paths.cover(text(view.path))) return TP_DECLINED;
            const bool is_admitted = settings_.admits(text(view.remote_address));
            if (!is_admitted && !settings_.is_one_enough) return refuseAddress(request, view);
            if (settings_.users.isEmpty() || (is_admitted && settings_.is_one_enough)) return TP_DECLINED;
            return askPassword(request, view);
        }

     private:
        tp_verdict askPassword(tp_request* request, const tp_request_view& view);
        static void answered(tp_request* request, void* arg);
        tp_verdict refuseAddress(tp_request* request, const tp_request_view& view);
        tp_verdict challenge(tp_request* request, const std::string& cause);

        const tp_host& host_;
        const Settings& settings_;
        tp_worker* worker_;
        Remembered remembered_;
    };
};

tp_verdict Access::Worker::askPassword(tp_request* request, const tp_request_view& view) {
    auto credentials = credentialsOf(view);
    if (!credentials) return challenge(request, "no name and password came with the request");
    if (remembered_.has(remembered_.digest(credentials->pair), view.received_ns)) {
        host_.set_remote_user(request, str(credentials->name()));
        return TP_DECLINED;
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
    self.host_.proceed(request);
}

tp_verdict Access::Worker::refuseAddress(tp_request* request, const tp_request_view& view) {
    const std::string cause = "the client's address " + std::string(text(view.remote_address)) + " may not enter";
    host_.fail(request, 403, str(cause));
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
