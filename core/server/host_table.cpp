#include "server/host_table.h"

#include <cstring>
#include <memory>

#include "base/assert.h"
#include "plugin/setup.h"
#include "server/exchange.h"
#include "server/runtime.h"

/// The opaque watch of plugin.h.
struct tp_watch : turnpike::net::Source {
    turnpike::server::Runtime* runtime;
    int fd;
    void (*ready)(void*, uint32_t);
    void* arg;
    turnpike::server::Exchange* payer = nullptr;
    bool gone = false;

    void onEvent(uint32_t what, uint32_t share_milli) override { tell(what, share_milli); }
    virtual int add(uint32_t events) { return runtime->loop().add(fd, events, *this); }
    virtual void remove() { runtime->loop().remove(fd, *this); }

 protected:
    void tell(uint32_t what, uint32_t share_milli);
    /// Who pays for what the event leads to; its part of the wait is charged.
    turnpike::ledger::Account& charge(uint32_t share_milli) const;
};

/// The opaque timer of plugin.h.
struct tp_timer {
    turnpike::net::Timer timer;
    void (*fired)(void*);
    void* arg;

    tp_timer(void (*f)(void*), void* a) : timer(fire, this), fired(f), arg(a) {}
    static void fire(void* self);
};

namespace turnpike::server {
namespace {

/// Of a connection over shared memory.
struct LaneWatch final : tp_watch, LaneWatcher {
    void onLane(uint32_t what, uint32_t share_milli) override {
        what != 0 ? tell(what, share_milli) : static_cast<void>(charge(share_milli));
    }
    int add(uint32_t events) override {
        runtime->links().watch(fd, events, *this);
        return 0;
    }
    void remove() override { runtime->links().unwatch(fd); }
};

/// Of a connection under TLS, which needs the socket's events for itself as well.
struct TlsWatch final : tp_watch, TlsWatcher {
    explicit TlsWatch(TlsLink& of) : link(of) {}

    void onEvent(uint32_t what, uint32_t share_milli) override {
        ledger::Scope scope(charge(share_milli));
        if (const uint32_t told = link.advance(what) & (asked | os::kHangup); told != 0) ready(arg, told);
        if (!gone && wanted() != watched) watchAgain();
    }
    int add(uint32_t events) override {
        asked = events;
        watched = wanted();
        const int added = runtime->loop().add(fd, watched, *this);
        if (added >= 0) link.setWatcher(this);
        return added;
    }
    void remove() override {
        link.setWatcher(nullptr);
        tp_watch::remove();
    }
    uint32_t wanted() const { return asked | link.needs(); }
    void watchAgain() override {
        watched = wanted();
        runtime->loop().tellAgain(fd, watched, *this);
    }

    TlsLink& link;
    uint32_t asked = 0, watched = 0;
};

// Events of the loop and of the ABI have the same numbers, so that they need no translation.
static_assert(TP_READABLE == os::kReadable && TP_WRITABLE == os::kWritable && TP_HANGUP == os::kHangup);

Exchange& of(tp_request* request) { return *static_cast<Exchange*>(request); }
Runtime& of(tp_worker* worker) { return *static_cast<Runtime*>(worker); }
std::string_view text(tp_str s) { return {s.ptr, s.len}; }

/// A [loop] function called from the pool would corrupt the worker: better to stop at the mistake.
void onLoop() { TP_ASSERT(!BlockingPool::isPoolThread()); }

const void* extension(const char* id) {
    if (std::strcmp(id, TP_IO_ID) == 0) return &ioTable();
    if (std::strcmp(id, TP_PROCESS_ID) == 0) return &processTable();
    if (std::strcmp(id, TP_BACKEND_ID) == 0) return &backendTable();
    if (std::strcmp(id, TP_REQUEST_ID) == 0) return &requestTable();
    if (std::strcmp(id, TP_FOLDERS_ID) == 0) return &foldersTable();
    if (std::strcmp(id, TP_SHARED_ID) == 0) return &sharedTable();
    if (std::strcmp(id, TP_RESPONSE_ID) == 0) return &responseTable();
    if (std::strcmp(id, TP_CHECK_ID) == 0) return &checkTable();
    if (std::strcmp(id, TP_BACKGROUND_ID) == 0) return &backgroundTable();
    if (std::strcmp(id, TP_TLS_ID) == 0) return &tlsTable();
    return nullptr;
}

void log(int32_t level, tp_str message) {
    if (Runtime* runtime = Runtime::current(); runtime != nullptr) runtime->log(level, text(message));
}
const tp_request_view* view(tp_request* r) { return &of(r).view(); }
void* allocate(tp_request* r, size_t size) {
    onLoop();
    return of(r).arena().allocate(size);
}
void logRequest(tp_request* r, int32_t level, tp_str message) { of(r).log(level, text(message)); }
void mark(tp_request* r, uint32_t phase) { of(r).mark(phase); }

int32_t start(tp_request* r, uint32_t status, const tp_field* fields, size_t count, int64_t length) {
    onLoop();
    return of(r).start(status, fields, count, length);
}
int32_t upgrade(tp_request* r, tp_str protocol, const tp_field* fields, size_t count) {
    onLoop();
    return of(r).upgrade({protocol.ptr, protocol.len}, fields, count);
}
int32_t send(tp_request* r, const tp_str* parts, size_t count, uint32_t flags) {
    onLoop();
    return of(r).send(parts, count, (flags & TP_LAST) != 0);
}
int32_t sendFile(tp_request* r, int fd, uint64_t offset, uint64_t size, uint32_t flags) {
    onLoop();
    return of(r).sendFile(fd, offset, size, (flags & TP_LAST) != 0, (flags & TP_GIVE_FD) != 0);
}
void fail(tp_request* r, uint32_t status, tp_str cause) {
    onLoop();
    of(r).fail(status, text(cause));
}
int32_t redirect(tp_request* r, tp_str target) {
    onLoop();
    return of(r).redirect(text(target));
}
int32_t rewrite(tp_request* r, tp_str target) {
    onLoop();
    return of(r).rewrite(text(target));
}
void proceed(tp_request* r) {
    onLoop();
    of(r).proceed();
}
void readBody(tp_request* r) {
    onLoop();
    of(r).readBody();
}
void spoolBody(tp_request* r) {
    onLoop();
    of(r).spoolBody();
}
int32_t setField(tp_request* r, tp_str name, const tp_str* value) {
    onLoop();
    std::string_view v = value != nullptr ? text(*value) : std::string_view();
    return of(r).response().change(text(name), value != nullptr ? &v : nullptr, false);
}
int32_t addField(tp_request* r, tp_str name, tp_str value) {
    onLoop();
    std::string_view v = text(value);
    return of(r).response().change(text(name), &v, true);
}
int32_t addTrailer(tp_request* r, tp_str name, tp_str value) {
    onLoop();
    return of(r).response().addTrailer(text(name), text(value));
}
const tp_response_view* response(tp_request* r) { return of(r).response().view(); }
void setStatus(tp_request* r, uint32_t status) { of(r).response().setStatus(status); }
void filterBody(tp_request* r) { of(r).response().filterBody(false); }
int32_t emit(tp_request* r, const tp_str* parts, size_t count) { return of(r).response().emit(parts, count); }
void setRemoteUser(tp_request* r, tp_str name) { of(r).setRemoteUser(text(name)); }

tp_ticket* defer(tp_request* r) { return of(r).defer(); }

void comeHome(void* pointer) {
    std::unique_ptr<tp_ticket> ticket(static_cast<tp_ticket*>(pointer));
    if (ticket->request == nullptr) return ticket->run(nullptr, ticket->arg);
    Exchange& exchange = of(ticket->request);
    exchange.forget(ticket.get());
    ledger::Scope charge(exchange.account());
    ticket->run(ticket->request, ticket->arg);
}

void resume(tp_ticket* ticket, void (*run)(tp_request*, void*), void* arg) {
    ticket->run = run;
    ticket->arg = arg;
    ticket->loop->post(comeHome, ticket);
}

int32_t offload(tp_worker* worker, void (*work)(void*), void* arg) {
    onLoop();
    return of(worker).pool().submit(work, nullptr, arg) ? 0 : -EAGAIN;
}

tp_watch* watch(tp_worker* worker, int fd, uint32_t events, void (*ready)(void*, uint32_t), void* arg) {
    onLoop();
    std::unique_ptr<tp_watch> w;
    if (of(worker).links().find(fd) != nullptr)
        w = std::make_unique<LaneWatch>();
    else if (TlsLink* link = of(worker).tlsLinks().find(fd))
        w = std::make_unique<TlsWatch>(*link);
    else
        w = std::make_unique<tp_watch>();
    w->runtime = &of(worker);
    w->fd = fd;
    w->ready = ready;
    w->arg = arg;
    if (w->add(events) < 0) return nullptr;
    return w.release();
}

void unwatch(tp_worker* worker, tp_watch* w) {
    onLoop();
    {
        ledger::Scope charge(w->payer != nullptr ? w->payer->account() : ledger::payer());
        w->remove();
    }
    w->gone = true;
    // Its own callback may be under way.
    of(worker).loop().later([](void* p) { delete static_cast<tp_watch*>(p); }, w);
}

void charge(tp_watch* w, tp_request* payer) { w->payer = payer != nullptr ? &of(payer) : nullptr; }

tp_timer* timer(tp_worker* worker, uint64_t ms, void (*fired)(void*), void* arg) {
    onLoop();
    auto* t = new tp_timer(fired, arg);
    of(worker).loop().arm(t->timer, ms);
    return t;
}

void cancel(tp_worker*, tp_timer* t) {
    onLoop();
    delete t;
}

}  // namespace

const tp_host& hostTable() {
    using namespace plugin;
    static const tp_host table = {
        sizeof(tp_host),
        TP_ABI_MAJOR,
        TP_ABI_MINOR,
        extension,
        log,
        configString,
        configInteger,
        configList,
        configMap,
        configIsSet,
        configError,
        siteName,
        siteRoot,
        siteIndex,
        view,
        allocate,
        logRequest,
        mark,
        start,
        send,
        sendFile,
        fail,
        redirect,
        readBody,
        spoolBody,
        setField,
        addField,
        response,
        setStatus,
        filterBody,
        emit,
        setRemoteUser,
        defer,
        resume,
        offload,
        watch,
        unwatch,
        charge,
        timer,
        cancel,
        rewrite,
        addTrailer,
        proceed,
        upgrade,
    };
    return table;
}

}  // namespace turnpike::server

turnpike::ledger::Account& tp_watch::charge(uint32_t share_milli) const {
    turnpike::ledger::Account& account = payer != nullptr ? payer->account() : runtime->account();
    account.event_milli += share_milli;
    return account;
}

void tp_watch::tell(uint32_t what, uint32_t share_milli) {
    turnpike::ledger::Scope scope(charge(share_milli));
    ready(arg, what & (TP_READABLE | TP_WRITABLE | TP_HANGUP));
}

void tp_timer::fire(void* self) {
    std::unique_ptr<tp_timer> timer(static_cast<tp_timer*>(self));
    timer->fired(timer->arg);
}
