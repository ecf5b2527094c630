// teller.cpp - a handler that says which worker process answers, at once or after a while, and its marker.
#include <unistd.h>

#include <charconv>
#include <map>
#include <memory>
#include <string>

#include "sdk/plugin.hpp"

using namespace turnpike;

struct Teller {
    static constexpr const char *name = "teller", *version = "1.0", *summary = "tells which worker answers";
    static constexpr tp_key keys[] = {{"marker", TP_KEY_STRING, 0, "none", "What /marker says."}};

    Teller(const tp_host& h, tp_setup& setup) : host(h), marker(text(h.config_string(&setup, "marker"))) {}

    const tp_host& host;
    std::string marker;

    struct Worker {
        Worker(Teller& teller, tp_worker* w) : host(teller.host), plugin(teller), worker(w) {}

        struct Waiting {
            Worker* self;
            tp_request* request;
            tp_timer* timer;
        };

        const tp_host& host;
        Teller& plugin;
        tp_worker* worker;
        std::map<tp_request*, std::unique_ptr<Waiting>> waiting;

        /// "/pid", "/marker", and "/slow?MS" for the pid after so many milliseconds.
        tp_verdict onRequest(tp_request* r) {
            const tp_request_view& view = *host.view(r);
            if (text(view.path) == "/pid") return tell(r);
            if (text(view.path) == "/marker") return answer(host, r, 200, "text/plain", plugin.marker);
            if (text(view.path) != "/slow") return TP_DECLINED;
            uint64_t ms = 0;
            std::from_chars(view.query.ptr, view.query.ptr + view.query.len, ms);
            auto& mine = waiting[r] = std::make_unique<Waiting>(Waiting{this, r, nullptr});
            mine->timer = host.timer(worker, ms, &Worker::onTimer, mine.get());
            return TP_PENDING;
        }
        tp_verdict tell(tp_request* r) { return answer(host, r, 200, "text/plain", std::to_string(::getpid())); }
        static void onTimer(void* arg) {
            auto [self, request, timer] = *static_cast<Waiting*>(arg);
            self->waiting.erase(request);
            self->tell(request);
        }
        void onDone(tp_request* r, bool) {
            auto found = waiting.find(r);
            if (found == waiting.end()) return;
            host.cancel(worker, found->second->timer);
            waiting.erase(found);
        }
    };
};

TURNPIKE_PLUGIN(Teller)
