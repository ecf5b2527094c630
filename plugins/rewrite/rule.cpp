#include "rule.h"

#include <algorithm>
#include <cerrno>

#include "sdk/support/escape.h"

namespace turnpike::rewrite {

tp_verdict Rule::onAccess(tp_request* request) const {
    const tp_request_view& view = *services_.host.view(request);
    const std::string shown = settings_.conditions.shown();
    Match match;
    const Found found = settings_.conditions.hold(view, match);
    if (found == Found::TooMuch)
        return refuse(request, 500,
                      "a pattern of the rule " + shown +
                          " tries too much (match limit 10000): write it without nested repetition");
    if (found == Found::No || !isMapped(view, match) ||
        !settings_.conditions.filesHold(services_.io, request, view, match))
        return TP_DECLINED;
    if (settings_.action == Settings::Action::Redirect) return redirect(request, view, match);
    if (settings_.action == Settings::Action::Rewrite) return rewrite(request, view, match);
    return refuse(request, settings_.status, "refused by the rule " + shown);
}

bool Rule::isMapped(const tp_request_view& view, Match& match) const {
    if (settings_.map.isEmpty()) return true;
    const std::string* value = settings_.map.find(settings_.map_key.plain(view, match));
    if (value == nullptr) return false;
    match.mapped = *value;
    return true;
}

/// With the query, unless the rule says one.
std::string Rule::targetOf(const tp_request_view& view, const Match& match) const {
    std::string target = settings_.target.target(view, match);
    // "//host" would be another host's (RFC 3986 section 4.2), and a capture that begins with a slash made one.
    if (const size_t slashes = target.find_first_not_of('/'); target.starts_with("//"))
        target.erase(0, std::min(slashes, target.size()) - 1);
    if (target.find('?') == std::string::npos && view.query.len > 0) target.append("?").append(text(view.query));
    return target;
}

/// Where a client is to go is for the path that it asked for, not for a file that was found for it.
tp_verdict Rule::redirect(tp_request* request, const tp_request_view& view, const Match& match) const {
    if (services_.requests.stands_in(request) != 0) return TP_DECLINED;
    const std::string target = targetOf(view, match);
    const tp_field fields[] = {{str("location"), str(target)}};
    if (services_.host.start(request, settings_.status, fields, 1, 0) < 0) return TP_FAILED;
    services_.host.send(request, nullptr, 0, TP_LAST);
    return TP_DONE;
}

/// A file that was found goes on as it is, unless the rule leads to another one: its query was the other path's.
tp_verdict Rule::rewrite(tp_request* request, const tp_request_view& view, const Match& match) const {
    const std::string target = targetOf(view, match);
    std::string here;
    support::appendPath(here, text(view.path));
    const bool is_same_path = target.substr(0, target.find('?')) == here;
    if (view.query.len > 0) here.append("?").append(text(view.query));
    if (target == here || (is_same_path && services_.requests.stands_in(request) != 0))
        return TP_DECLINED;  // it is there already
    const int32_t result = services_.host.rewrite(request, str(target));
    if (result == 0) return TP_PENDING;
    const std::string why = result == -ELOOP ? "rules lead round in a circle: the rule "
                                             : "cannot rewrite to \"" + target + "\": the rule ";
    return refuse(request, 500, why + settings_.conditions.shown());
}

tp_verdict Rule::refuse(tp_request* request, uint32_t status, const std::string& cause) const {
    services_.host.fail(request, status, str(cause));
    return TP_FAILED;
}

}  // namespace turnpike::rewrite
