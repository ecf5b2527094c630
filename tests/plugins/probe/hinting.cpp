// hinting.cpp - answers below /hint/ with the interim responses that the query names, then with what became of
// each; /hint/hold never answers, /hint/later does so after a while, /hint/late asks for one behind the head of
// its answer.
#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "sdk/plugin.hpp"
#include "sdk/services.h"
#include "sdk/support/lists.h"

using namespace turnpike;

struct Hinting {
    static constexpr const char *name = "hinting", *version = "1.0", *summary = "sends interim responses";

    Hinting(const tp_host& h, tp_setup&) : host(h) {}
    const tp_host& host;

    struct Worker {
        Worker(Hinting& plugin, tp_worker* w) : host(plugin.host), worker(w) {}

        const tp_host& host;
        tp_worker* worker;
        const std::string large = std::string(TP_MOST_INTERIM_BYTES - 7, 'l');  // its line is a byte too long
        std::map<tp_request*, std::string> pages;

        tp_verdict onRequest(tp_request* r) {
            const std::string_view path = text(host.view(r)->path);
            if (!path.starts_with("/hint/")) return TP_DECLINED;
            if (path == "/hint/late") return late(r);
            std::string& page = pages[r];
            if (path == "/hint/later") return later(r);
            hintAll(r);
            return path == "/hint/hold" ? TP_PENDING : answer(host, r, 200, "text/plain", page);
        }
        void onDone(tp_request* r, bool) { pages.erase(r); }

        void hintAll(tp_request* r) {
            std::string_view words = text(host.view(r)->query);
            while (!words.empty()) pages[r] += std::to_string(hint(r, support::nextElement(words))) + "\n";
        }
        tp_verdict later(tp_request*) {
            host.timer(
                worker, 50,
                [](void* self) {
                    auto& us = *static_cast<Worker*>(self);
                    for (auto& [waiting, page] : us.pages) {
                        us.hintAll(waiting);
                        answer(us.host, waiting, 200, "text/plain", page);
                    }
                },
                this);
            return TP_PENDING;
        }

        tp_verdict late(tp_request* r) {
            tp_str part = str("late\n");
            host.start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
            host.send(r, &part, 1, 0);
            part = str(hint(r, "103") == -EALREADY ? "no\n" : "yes\n");
            host.send(r, &part, 1, TP_LAST);
            return TP_DONE;
        }

        int32_t hint(tp_request* r, std::string_view word) {
            const auto* service = static_cast<const tp_response_service*>(host.extension(TP_RESPONSE_ID));
            const auto send = [&](unsigned status, std::vector<tp_field> fields) {
                return service->send_interim(r, status, fields.data(), fields.size());
            };
            const tp_field link{str("Link"), str("</a.css>; rel=preload")};
            if (word == "large") return send(103, {{str("link"), str(large)}});
            if (word == "name") return send(103, {{str("li nk"), str("x")}});
            if (word == "value") return send(103, {{str("link"), str("x\r\nevil: 1")}});
            if (word == "framing")
                return send(103, {{str("Content-Length"), str("5")},
                                  {str("transfer-encoding"), str("chunked")},
                                  {str("Connection"), str("close")},
                                  link});
            return send(static_cast<unsigned>(std::atoi(std::string(word).c_str())), {link});
        }
    };
};

TURNPIKE_PLUGIN(Hinting)
