// guard.cpp - an access plugin that the query commands: "?first=wait" is for the guard with label = "first".
#include <unistd.h>

#include <map>
#include <memory>
#include <string>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

using namespace turnpike;

struct Guard {
    static constexpr const char *name = "guard", *version = "1.0", *summary = "holds requests as their query says";
    static constexpr tp_key keys[] = {{"label", TP_KEY_STRING, 0, "guard", "What the query calls it."}};

    Guard(const tp_host& h, tp_setup& setup) : host(h), label(text(h.config_string(&setup, "label"))) {}

    const tp_host& host;
    std::string label;

    struct Worker {
        Worker(Guard& guard, tp_worker* w) : host(guard.host), label(guard.label), worker(w) {}

        /// A request that this guard holds, and what is to become of it.
        struct Held {
            Worker* guard;
            tp_request* request;
            std::string order;
            tp_timer* timer;
        };

        const tp_host& host;
        const std::string& label;
        tp_worker* worker;
        std::map<tp_request*, std::unique_ptr<Held>> held;

        /// The value of "LABEL=" in the query.
        std::string order(tp_request* r) const {
            std::string query = "&" + std::string(text(host.view(r)->query));
            size_t at = query.find("&" + label + "=");
            if (at == std::string::npos) return "";
            at += label.size() + 2;
            return query.substr(at, query.find('&', at) - at);
        }

        tp_verdict onAccess(tp_request* r) {
            const std::string what = order(r);
            if (what.empty()) return TP_DECLINED;
            if (what == "deny") return deny(r);
            if (what == "at-once") return pass(r), TP_PENDING;
            if (what == "fields") return setFields(r);
            if (what == "declines") return pass(r), TP_DECLINED;
            if (what == "reads-inside") return host.read_body(r), TP_PENDING;
            if (what.starts_with("thread")) return askThread(r, isLong(what));
            auto& place = held[r] = std::make_unique<Held>(Held{this, r, what, nullptr});
            if (what != "never") place->timer = host.timer(worker, isLong(what) ? 400 : 30, decide, place.get());
            return TP_PENDING;
        }

        static bool isLong(std::string_view what) { return what.ends_with("-long"); }
        static void decide(void* arg) {
            auto& h = *static_cast<Held*>(arg);
            h.timer = nullptr;
            h.guard->carryOut(h.request, h.order);
        }
        void carryOut(tp_request* r, const std::string& what) {
            if (what.starts_with("wait") || what == "twice" || what == "regrets") pass(r);
            if (what == "twice") host.proceed(r);
            if (what == "denies-later" || what == "regrets") deny(r);
            if (what == "answers") answer(host, r, 200, "text/plain", "from the guard\n");
            if (what == "answers-and-passes") answer(host, r, 200, "text/plain", "from the guard\n"), pass(r);
            if (what == "passes-and-answers") passAndAnswer(r);
            if (what == "reads") host.read_body(r);
            if (what == "spools") host.spool_body(r);
            if (what == "redirects") host.redirect(r, str("/view?from=guard"));
            if (what == "rewrites") host.rewrite(r, str("/spool"));
        }
        /// Puts a field in the place of the client's, takes one away, and leaves those alone that it may not
        /// touch.
        tp_verdict setFields(tp_request* r) {
            const auto& requests = *static_cast<const tp_request_service*>(host.extension(TP_REQUEST_ID));
            const tp_str condition = str("\"v1\""), other = str("other");
            std::string said = std::to_string(requests.set_request_field(r, str("If-None-Match"), &condition));
            said += " " + std::to_string(requests.set_request_field(r, str("x-secret"), nullptr));
            for (const char* name : {"host", "content-length", "transfer-encoding", "connection", "no name"})
                said += " " + std::to_string(requests.set_request_field(r, str(name), &other));
            const tp_str split = str("a\r\nb: c");
            said += " " + std::to_string(requests.set_request_field(r, str("x-split"), &split));
            const bool is_there = (host.view(r)->present & TP_HAS_IF_NONE_MATCH) != 0;
            host.add_field(r, str("x-said"), str(said + (is_there ? " there" : " not there")));
            return TP_DECLINED;
        }
        void pass(tp_request* r) {
            host.add_field(r, str("x-passed"), str(label));
            host.set_remote_user(r, str(label));
            host.proceed(r);
        }
        void passAndAnswer(tp_request* r) {
            pass(r);
            if (host.start(r, 200, nullptr, 0, 0) == -EALREADY && host.redirect(r, str("/hello")) == -EALREADY)
                host.log_request(r, TP_LOG_WARN, str("too late for an answer"));
        }
        tp_verdict deny(tp_request* r) {
            host.fail(r, 403, str("the guard says no"));
            return TP_FAILED;
        }

        struct Job {
            Worker* guard;
            tp_ticket* ticket;
            unsigned wait_us;
        };
        tp_verdict askThread(tp_request* r, bool takes_long) {
            auto work = [](void* arg) {
                auto* job = static_cast<Job*>(arg);
                usleep(job->wait_us);
                auto finish = [](tp_request* request, void* a) {
                    std::unique_ptr<Job> j(static_cast<Job*>(a));
                    if (request != nullptr) j->guard->pass(request);
                };
                job->guard->host.resume(job->ticket, finish, job);
            };
            auto* job = new Job{this, host.defer(r), takes_long ? 400'000u : 20'000u};
            return host.offload(worker, work, job) == 0 ? TP_PENDING : TP_FAILED;
        }

        void onDone(tp_request* r, bool aborted) {
            std::string line = label + (aborted ? " is done, aborted" : " is done");
            host.log_request(r, TP_LOG_WARN, str(line));
            host.proceed(r);  // too late: nothing may come of it
            auto h = held.find(r);
            if (h == held.end()) return;
            if (h->second->timer != nullptr) host.cancel(worker, h->second->timer);
            held.erase(h);
        }
    };
};

TURNPIKE_PLUGIN(Guard)
