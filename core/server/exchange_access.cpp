// The access hooks of an exchange: who is asked before content, and a hook that takes its time.
#include <utility>

#include "base/clock.h"
#include "server/exchange.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }
constexpr tp_str str(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace

void Exchange::process() {
    if (isTimed()) routed_ns_ = monotonicNs();
    next_access_ = next_route_ = 0;
    stands_in_ = is_chosen_ = false;
    route_ = nullptr;
    access_ = Access::Past;
    addHsts();
    if (error_status_ != 0 || passesAccess()) runRoutes();  // a new path may have other guards
}

bool Exchange::isDecided() const {
    return response_.isStarted() || redirecting_ || !handover_.empty() || aborted_;
}

/// Asks the access hooks from next_access_ on. False: one of them has ended the request, or holds it.
bool Exchange::passesAccess() {
    while (next_access_ < site_->access.size()) {
        const PluginSlot& slot = site_->access[next_access_++];
        access_ = Access::Asking;
        tp_verdict verdict = slot.table->on_access(slot.worker, this);
        const bool passed = std::exchange(access_, Access::Past) == Access::Passed;
        if (verdict == TP_DECLINED && !isDecided()) continue;
        own(slot);
        if (verdict == TP_PENDING && passed && !isDecided()) {
            letGo();
            continue;
        }
        answered_by_ = slot.table->name;
        if (verdict == TP_PENDING && !isDecided())
            access_ = Access::Held;
        else
            apply(verdict);
        return false;
    }
    return true;
}

/// The route that is being asked has found the file `path` for the one that came, and goes on with it when nobody
/// objects to that one either.
void Exchange::goOnWith(std::string_view path) {
    if (path.empty()) {
        log(TP_LOG_ERROR, "no memory is left for the path that was found (limits.request_memory)");
        return answerStatus(500);
    }
    view_.path = str(path);
    --next_route_;
    is_chosen_ = true;
    if (error_status_ == 0 && !site_->access.empty()) {
        dropAccessWords();
        addHsts();
        next_access_ = 0;
        route_ = nullptr;
        stands_in_ = true;
        if (!passesAccess()) return;
    }
    runRoutes();
}

/// False: nobody is to be asked about that file.
bool Exchange::goOnAs(std::string_view path) {
    if (error_status_ != 0 || site_->access.empty() || path == text(view_.path)) return false;
    if (redirect(path, As::Found) < 0) fail(500, "cannot go on with the file " + std::string(path));
    return true;
}

void Exchange::proceed() {
    if (gone_) return;  // on_done() is about to say so
    const bool is_held = access_ == Access::Asking || access_ == Access::Held;
    if (!is_held || isDecided())
        return log(TP_LOG_ERROR, "proceed() of a request that no on_access() holds: a mistake in a plugin");
    access_ = Access::Passed;
    settleLater();
}

/// The hook has let go: those behind it are asked, then the routes.
void Exchange::runPassed() {
    Hook hook(*this);
    access_ = Access::Past;
    letGo();
    answered_by_ = "";
    if (passesAccess()) runRoutes();
}

/// The body is the handler's: a hook that took it would leave nothing behind.
bool Exchange::isBodyOutOfReach() {
    if (access_ == Access::Past || isDecided()) return false;
    fail(500, "an access plugin asked for the body, which is the handler's");
    return true;
}

}  // namespace turnpike::server
