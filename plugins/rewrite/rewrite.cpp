// rewrite.cpp - the plugin: one rule of a site, that sends a client elsewhere, goes on with another path, or
// refuses.
#include <algorithm>
#include <cerrno>
#include <string>

#include "sdk/services.h"
#include "sdk/support/escape.h"
#include "settings.h"

namespace turnpike::rewrite {

struct Rewrite {
    static constexpr const char *name = "rewrite", *version = "1.0",
                                *summary = "redirects, rewrites paths and refuses, by rules";
    static constexpr const auto& keys = kKeys;

    Rewrite(const tp_host& h, const tp_setup& setup)
        : host(h), io(*static_cast<const tp_io*>(h.extension(TP_IO_ID))), settings(h, setup) {}

    const tp_host& host;
    const tp_io& io;
    Settings settings;

    class Worker {
     public:
        Worker(Rewrite& plugin, tp_worker*) : host_(plugin.host), io_(plugin.io), settings_(plugin.settings) {}

        tp_verdict onAccess(tp_request* request) {
            const tp_request_view& view = *host_.view(request);
            Match match;
            const Found found = settings_.conditions.hold(view, match);
            if (found == Found::TooMuch) return tooMuch(request);
            if (found == Found::No || !isMapped(view, match) ||
                !settings_.conditions.filesHold(io_, request, view, match))
                return TP_DECLINED;
            switch (settings_.action) {
                case Settings::Action::Redirect:
                    return redirect(request, view, match);
                case Settings::Action::Rewrite:
                    return rewrite(request, view, match);
                case Settings::Action::Refuse:
                    break;
            }
            host_.fail(request, settings_.status, str("refused by the rule " + settings_.conditions.shown()));
            return TP_FAILED;
        }

     private:
        bool isMapped(const tp_request_view& view, Match& match) const {
            if (settings_.map.isEmpty()) return true;
            const std::string* value = settings_.map.find(settings_.map_key.plain(view, match));
            if (value == nullptr) return false;
            match.mapped = *value;
            return true;
        }
        tp_verdict tooMuch(tp_request* request) const;
        tp_verdict redirect(tp_request* request, const tp_request_view& view, const Match& match) const;
        tp_verdict rewrite(tp_request* request, const tp_request_view& view, const Match& match) const;
        std::string targetOf(const tp_request_view& view, const Match& match) const;

        const tp_host& host_;
        const tp_io& io_;
        const Settings& settings_;
    };
};

/// With the query, unless the rule says one.
std::string Rewrite::Worker::targetOf(const tp_request_view& view, const Match& match) const {
    std::string target = settings_.target.target(view, match);
    // "//host" would be another host's (RFC 3986 section 4.2), and a capture that begins with a slash made one.
    if (const size_t slashes = target.find_first_not_of('/'); target.starts_with("//"))
        target.erase(0, std::min(slashes, target.size()) - 1);
    if (target.find('?') == std::string::npos && view.query.len > 0) target.append("?").append(text(view.query));
    return target;
}

tp_verdict Rewrite::Worker::tooMuch(tp_request* request) const {
    host_.fail(request, 500,
               str("a pattern of the rule " + settings_.conditions.shown() +
                   " tries too much (match limit 10000): write it without nested repetition"));
    return TP_FAILED;
}

tp_verdict Rewrite::Worker::redirect(tp_request* request, const tp_request_view& view, const Match& match) const {
    const std::string target = targetOf(view, match);
    const tp_field fields[] = {{str("location"), str(target)}};
    if (host_.start(request, settings_.status, fields, 1, 0) < 0) return TP_FAILED;
    host_.send(request, nullptr, 0, TP_LAST);
    return TP_DONE;
}

tp_verdict Rewrite::Worker::rewrite(tp_request* request, const tp_request_view& view, const Match& match) const {
    const std::string target = targetOf(view, match);
    std::string here;
    support::appendPath(here, text(view.path));
    if (view.query.len > 0) here.append("?").append(text(view.query));
    if (target == here) return TP_DECLINED;  // it is there already
    const int32_t result = host_.rewrite(request, str(target));
    if (result == 0) return TP_PENDING;
    const std::string why = result == -ELOOP ? "rules lead round in a circle: the rule "
                                             : "cannot rewrite to \"" + target + "\": the rule ";
    host_.fail(request, 500, str(why + settings_.conditions.shown()));
    return TP_FAILED;
}

}  // namespace turnpike::rewrite

TURNPIKE_PLUGIN(turnpike::rewrite::Rewrite)
