// errander.cpp - a handler that begins a background request for "/begin?HOW" and does with it what HOW says;
// "/said" tells what came of them.
#include <map>
#include <string>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

using namespace turnpike;

struct Errander {
    static constexpr const char *name = "errander", *version = "1.0", *summary = "begins requests of its own";

    Errander(const tp_host& h, tp_setup&)
        : host(h), background(*static_cast<const tp_background_service*>(h.extension(TP_BACKGROUND_ID))) {}

    const tp_host& host;
    const tp_background_service& background;

    struct Worker {
        Worker(Errander& plugin, tp_worker*) : host(plugin.host), background(plugin.background) {}

        const tp_host& host;
        const tp_background_service& background;
        std::map<tp_request*, std::string> begun;
        std::string said;

        tp_verdict onRequest(tp_request* r) {
            const tp_request_view& view = *host.view(r);
            if (text(view.path) == "/said") return answer(host, r, 200, "text/plain", said);
            if (text(view.path) != "/begin") return TP_DECLINED;
            if (view.background_of != 0) return go(r, text(view.query));
            int32_t error = 0;
            tp_request* errand = begin(r, text(view.query), error);
            if (errand != nullptr) begun[errand] = text(view.query);
            return answer(host, r, 200, "text/plain", std::to_string(error));
        }
        tp_request* begin(tp_request* like, std::string_view how, int32_t& error) const {
            const tp_field field{str(how == "host" ? "Host" : "X-How"), str(how)};
            const tp_background_spec spec{how == "old" ? 8u : uint32_t{sizeof spec}, 0,      &field, 1,
                                          how == "waits" ? 100u : 60'000u,           100'000};
            return background.begin(like, &spec, &error);
        }
        tp_verdict go(tp_request* r, std::string_view how) {
            if (how == "waits") return TP_PENDING;
            if (how == "endless") return sendForEver(r);
            if (how == "body") return host.read_body(r), TP_PENDING;
            int32_t error = 0;
            said += begin(r, how, error) == nullptr ? std::to_string(error) + " " : "begun ";
            return answer(host, r, 200, "text/plain", said);
        }
        tp_verdict sendForEver(tp_request* r) {
            static const std::string block(10'000, 'x');
            const tp_str part = str(block);
            host.start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
            while (host.send(r, &part, 1, 0) != TP_GONE) said += "x";
            return TP_PENDING;
        }
        void onBody(tp_request* r, std::string_view data, bool last) {
            if (last && data.empty()) answer(host, r, 200, "text/plain", "it has none");
        }
        void onDone(tp_request* r, bool aborted) {
            const auto found = begun.find(r);
            if (found == begun.end()) return;
            said += field(*host.view(r), "x-how");
            said += aborted ? " aborted\n" : " done\n";
            begun.erase(found);
        }
    };
};

TURNPIKE_PLUGIN(Errander)
