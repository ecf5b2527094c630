#include "server/exchange.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "http/response_head.h"
#include "os/process.h"
#include "server/error_page.h"
#include "server/files.h"
#include "server/real_client.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }
constexpr tp_str str(std::string_view s) { return {s.data(), s.size()}; }

constexpr std::string_view kSpeakTls = "This port speaks HTTPS: the address must begin with https://.";

constexpr tp_field kAllow{str("allow"), str("GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")};

}  // namespace

Exchange::Exchange(Runtime& runtime)
    : runtime_(runtime),
      arena_(runtime.blocks(), runtime.snapshot().server.limits.request_memory),
      response_(this, arena_) {}

void Exchange::open(Stream& stream, uint64_t received_ns) {
    open_ = true;
    stream_ = &stream;
    response_.open(&stream);
    const Peer& peer = stream.peer();
    view_ = {};
    view_.struct_size = sizeof view_;
    view_.received_ns = received_ns;
    view_.received_unix_ms = runtime_.unixMs();
    view_.id = runtime_.nextId();
    view_.secure = peer.secure ? 1 : 0;
    view_.protocol = str(peer.protocol);
    view_.remote_address = str(peer.remote_address);
    view_.local_address = str(peer.local_address);
    view_.remote_port = peer.remote_port;
    network_ = peer.network;
    view_.local_port = peer.local_port;
    view_.background_of = peer.background_of;
    if (peer.tls != nullptr) fillTls(*peer.tls);
    ++runtime_.counters().requests_active;
}

void Exchange::fillView(const http::RequestHead& head) {
    view_.field_count = static_cast<uint32_t>(head.field_count);
    view_.fields = head.fields;
    view_.present = head.present;
    view_.method_id = head.method;
    view_.body_length = head.content_length;
    view_.method = str(head.method_name);
    view_.target = str(head.target);
    view_.query = str(head.query);
    view_.host = str(head.host);
    if (head.content_length == 0) view_.upgrade = str(head.upgrade);
    body_ended_ = head.content_length == 0;
}

/// Who a trusted proxy speaks for may ask for https although the proxy does not (RFC 9110 section 7.4).
bool Exchange::isFromProxy() const {
    const Peer& peer = stream_->peer();
    return peer.by_proxy || runtime_.snapshot().server.trusted.contains(peer.remote_address);
}

/// Who the client is, and how it came, as trusted proxies tell.
void Exchange::believeProxy(const Peer& peer) {
    const config::Server& server = runtime_.snapshot().server;
    if (server.trusted.isEmpty() || !server.trusted.contains(peer.remote_address)) return;
    const RealClient client = realClient(view_.fields, view_.field_count, server);
    if (client.secure) view_.secure = *client.secure ? 1 : 0;
    if (client.address.empty()) return;
    const std::string_view address = arena_.copy(client.address), network = arena_.copy(client.network);
    if (address.data() == nullptr || network.data() == nullptr) return;
    view_.remote_address = str(address);
    view_.remote_port = client.port;
    network_ = network;
}

bool Exchange::decodePath(std::string_view raw) {
    char* to = arena_.array<char>(raw.size());
    http::PathResult result = to != nullptr ? http::normalisePath(raw, to) : http::PathResult{414, 0};
    if (result.status == 0) view_.path = {to, result.size};
    return result.status == 0;
}

void Exchange::run(const http::RequestHead& head) {
    Hook hook(*this);
    if (uint32_t count = runtime_.snapshot().server.inject_null_calls; count > 0) os::nullCalls(count);
    fillView(head);
    believeProxy(stream_->peer());
    const Site* site = siteFor(head.host);
    if (site == nullptr) return;
    site_ = site;
    view_.site = str(site_->config->name);
    view_.document_root = str(site_->config->root);
    response_.setFilters(&site_->filters, head.method == TP_METHOD_HEAD);
    if (head.https && view_.secure == 0 && !isFromProxy())
        return refuse(421, "the target says https, the connection is not secure");
    if (head.path == "*") return answerOptions();
    if (redirectsToTls(head)) return;
    if (!decodePath(head.path))
        return refuse(400,
                      "the path is not UTF-8, leads out of the root, or has a broken escape or one that stands "
                      "for a slash, a backslash or a control byte");
    if (head.method_name == "TRACE") return refuse(405, "TRACE is not offered");
    if (head.content_length > 0 && static_cast<uint64_t>(head.content_length) > site_->config->body_limit) {
        return onBodyFailed(413, "Content-Length is above the site's body_limit");
    }
    process();
}

/// Asks the routes in the order of the file, from next_route_ on, until one takes the request.
void Exchange::runRoutes() {
    while (next_route_ < site_->routes.size()) {
        const Route& route = site_->routes[next_route_++];
        if (!std::exchange(is_chosen_, false)) {
            if (route.config->internal && !internal_) continue;
            if (!route.matches(text(view_.path))) continue;
            if (!route.config->try_files.empty() && !tryFiles(route)) return;
        }
        route_ = &route;
        view_.route_prefix = str(route.config->match.prefix);
        if ((route.slot.table->capabilities & TP_CAP_BLOCKING) != 0) return callOnPool(route.slot);
        call(route.slot);
        if (owner_ != nullptr || response_.isStarted() || redirecting_) return;
    }
    answerUnhandled();
}

void Exchange::own(const PluginSlot& slot) {
    owner_ = &slot;
    owned_ns_ = runtime_.loop().nowNs();
}

void Exchange::call(const PluginSlot& slot) {
    own(slot);
    const char* before = answered_by_;
    answered_by_ = slot.table->name;
    tp_verdict verdict = slot.table->on_request(slot.worker, this);
    if (!apply(verdict)) {
        owner_ = nullptr;
        answered_by_ = before;
    }
}

/// False: declined.
bool Exchange::apply(tp_verdict verdict) {
    if (verdict == TP_DECLINED && !response_.isStarted()) return false;
    bool is_answered = isDecided();
    if (verdict == TP_FAILED && !response_.isComplete() && !redirecting_ && !aborted_)
        fail(500, "the plugin failed");
    else if (verdict == TP_DONE && !is_answered)
        fail(500, "the plugin says that it has answered, and has not");
    return true;
}

namespace {
struct PoolCall {
    Exchange* exchange;
    const PluginSlot* slot;
    tp_verdict verdict;
    ledger::Account account;
};
}  // namespace

void Exchange::callOnPool(const PluginSlot& slot) {
    own(slot);
    answered_by_ = slot.table->name;
    on_pool_ = true;
    keepAddresses();  // the connection may go while the pool still reads them
    auto work = [](void* arg) {
        auto& call = *static_cast<PoolCall*>(arg);
        ledger::Scope charge(call.account);
        call.verdict = call.slot->table->on_request(call.slot->worker, call.exchange);
    };
    auto done = [](void* arg) {
        std::unique_ptr<PoolCall> call(static_cast<PoolCall*>(arg));
        call->exchange->onPoolVerdict(call->verdict, call->account);
    };
    auto call = std::make_unique<PoolCall>(PoolCall{this, &slot, TP_FAILED, {}});
    if (runtime_.pool().submit(work, done, call.get())) {
        (void)call.release();
        return;
    }
    on_pool_ = false;
    fail(503, "the blocking pool's queue is full (limits.pool_queue)");
}

void Exchange::onPoolVerdict(tp_verdict verdict, const ledger::Account& account) {
    Hook hook(*this);
    on_pool_ = false;
    account_.add(account);
    if (gone_ || apply(verdict)) return;
    owner_ = nullptr;
    runRoutes();
}

void Exchange::answerUnhandled() {
    std::string_view path = text(view_.path);
    if (!site_->config->source_files && isNeverStatic(path) && fileExists(path)) {
        log(TP_LOG_ERROR, "no plugin answers for a script: " + std::string(path));
        return answerStatus(500);
    }
    answerStatus(404);
}

void Exchange::answerOptions() {
    start(204, &kAllow, 1, 0);
    send(nullptr, 0, true);
}

void Exchange::noteRefused(const http::RequestHead& head) {
    view_.method = str(head.method_name);
    view_.target = str(head.target);
}

void Exchange::refuse(unsigned status, std::string_view reason) {
    Hook hook(*this);
    if (stream_ != nullptr) stream_->closeAfter();
    log(TP_LOG_INFO, reason);
    answerStatus(status);
}

/// Answers with the site's page for `status`, or with our own.
void Exchange::answerStatus(unsigned status) {
    if (redirectToErrorPage(status)) return;
    if (error_status_ != 0) status = error_status_;
    error_status_ = 0;
    response_.dropTrailers();  // they spoke of another body
    const bool misdirected = stream_ != nullptr && stream_->peer().misdirected;
    std::string_view page = arena_.copy(errorPage(status, view_.id, misdirected ? kSpeakTls : std::string_view()));
    tp_field fields[] = {{str("content-type"), str("text/html; charset=utf-8")},
                         {str("x-content-type-options"), str("nosniff")},
                         {str("content-security-policy"), str("default-src 'none'; style-src 'unsafe-inline'")},
                         status == 503 ? tp_field{str("retry-after"), str("1")} : kAllow};
    start(status, fields, status == 503 || status == 405 ? 4 : 3, static_cast<int64_t>(page.size()));
    tp_str part = str(page);
    send(&part, 1, true);
}

bool Exchange::redirectToErrorPage(unsigned status) {
    if (site_ == nullptr || error_status_ != 0 || gone_) return false;
    const std::string_view page = errorPageFor(status);
    if (page.empty()) return false;
    error_status_ = status;
    redirect_target_ = page;
    redirect_as_ = As::Get;
    redirecting_ = redirect_internal_ = true;
    settleLater();
    return true;
}

int32_t Exchange::redirect(std::string_view target, As as) {
    if (response_.isStarted() || redirecting_ || !handover_.empty() || access_ == Access::Passed) return -EALREADY;
    if (target.empty() || target.front() != '/') return -EINVAL;
    if (redirects_ >= kMostRedirects) return -ELOOP;
    redirect_target_ = target;
    redirect_as_ = as;
    redirecting_ = true;
    settleLater();
    return 0;
}

/// Nobody can have a body that another one has taken. One that was dropped is as good as none.
int32_t Exchange::rewrite(std::string_view target) {
    const bool is_free = (body_ == Body::Untouched || body_ == Body::Dropped) && asked_ == Body::Untouched;
    return is_free ? redirect(target, As::Itself) : -EALREADY;
}

/// Begins again for the new target.
void Exchange::runRedirect() {
    Hook hook(*this);
    redirecting_ = false;
    ++redirects_;
    asked_ = Body::Untouched;  // by the one who has let go
    letGo();
    response_.dropTrailers();
    if (redirect_as_ == As::Found) return goOnWith(arena_.copy(redirect_target_));
    internal_ = std::exchange(redirect_internal_, false);
    if (error_status_ != 0)
        view_.present = 0;  // an error page is sent whole, whatever the request's conditions say
    std::string_view target = arena_.copy(redirect_target_);
    auto question = target.find('?');
    view_.query = str(question == std::string_view::npos ? std::string_view() : target.substr(question + 1));
    if (error_status_ == 0) dropAccessWords();
    if (redirect_as_ == As::Get) becomeGet();
    if (target.empty() || !decodePath(target.substr(0, question))) {
        log(TP_LOG_ERROR, "a redirect leads to a path that is not acceptable: " + redirect_target_);
        return answerStatus(500);
    }
    process();
}

void Exchange::becomeGet() {
    dropBody();
    if (view_.method_id != TP_METHOD_HEAD) {
        view_.method_id = TP_METHOD_GET;
        view_.method = str("GET");
    }
    auto* fields = arena_.array<tp_field>(view_.field_count);
    if (fields == nullptr) return;
    auto isAboutBody = [](const tp_field& f) {
        return text(f.name).starts_with("content-") || text(f.name) == "expect";
    };
    const tp_field* end = std::remove_copy_if(view_.fields, view_.fields + view_.field_count, fields, isAboutBody);
    view_.field_count = static_cast<uint32_t>(end - fields);
    view_.fields = fields;
}

void Exchange::releaseOwner(bool aborted) {
    const PluginSlot* owner = std::exchange(owner_, nullptr);
    tickets_.drop();
    if (owner != nullptr && owner->table->on_done != nullptr)
        owner->table->on_done(owner->worker, this, aborted ? 1 : 0);
}

/// Its part is done, and the request goes on. What has passed since the loop woke up is not seen, and no clock is
/// read for it.
void Exchange::letGo() {
    if (owner_ != nullptr && ledger::isOn())
        runtime_.pluginSlots().add(owner_->number, runtime_.loop().nowNs() - owned_ns_);
    releaseOwner(false);
}

void Exchange::setRemoteUser(std::string_view name) { view_.remote_user = str(arena_.copy(name)); }

void Exchange::mark(uint32_t phase) {
    if (phase < TP_PHASE_COUNT && ledger::isOn()) phases_[phase] = monotonicNs();
}

tp_ticket* Exchange::defer() { return tickets_.issue(runtime_.loop(), this); }

}  // namespace turnpike::server
