// host.hpp - the fake host itself: the tp_host table over the engine, the loop and the services.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../services.h"
#include "backend.hpp"
#include "engine.hpp"
#include "io.hpp"
#include "keep.hpp"
#include "loop.hpp"
#include "process.hpp"
#include "request.hpp"
#include "setup.hpp"
#include "shared.hpp"
#include "tls.hpp"

namespace turnpike::fake {

/// A line that the plugin logged; request is 0 for log(), otherwise the request's id.
struct LogLine {
    int32_t level;
    std::string text;
    uint64_t request;
};

/// A server with one worker and one plugin. There may be one Host at a time; the thread that made it is the loop.
class Host {
 public:
    Host()
        : current_(this),
          engine_(loop, loaded_, site,
                  [this](int32_t level, std::string_view line, Request* about) { note(level, line, about); }) {}
    /// Ends what runs, then the worker, then the instance. Dies when the plugin left a watch or a timer behind.
    ~Host() { stop(); }

    // --- before load()
    Site site;
    /// A value as it would stand in the config file: text, "30s", "64KiB", "true".
    Host& set(const std::string& key, std::string value) {
        settings_.texts[key] = std::move(value);
        return *this;
    }
    Host& setList(const std::string& key, std::vector<std::string> items) {
        settings_.lists[key] = std::move(items);
        return *this;
    }
    Host& setMap(const std::string& key, StringMap pairs) {
        settings_.maps[key] = std::move(pairs);
        return *this;
    }
    /// Another table for extension(); NULL hides the host's own.
    Host& extend(const std::string& id, const void* functions) {
        extensions_[id] = functions;
        return *this;
    }

    /// configure() and worker_start(). False: refused, see problems().
    bool load(tp_plugin_entry_fn entry) {
        const tp_plugin* plugin = entry(table());
        if (plugin == nullptr) die("the plugin's entry returned NULL");
        return load(*plugin);
    }
    bool load(const tp_plugin& plugin) {
        loaded_.table = &plugin;
        setup_.bind(plugin, settings_, site);
        if (!setup_.problems.empty()) return false;
        Threads::in_setup = true;
        loaded_.self = plugin.configure(table(), reinterpret_cast<tp_setup*>(&setup_));
        Threads::in_setup = false;
        if (loaded_.self == nullptr || !setup_.problems.empty()) return false;
        const bool has_start = plugin.worker_start != nullptr;
        loaded_.worker = has_start ? plugin.worker_start(loaded_.self, worker()) : loaded_.self;
        if (loaded_.worker == nullptr) setup_.problems.emplace_back("worker_start() returned NULL");
        return loaded_.worker != nullptr;
    }
    /// What load() or config_error() refused: "key: message".
    const std::vector<std::string>& problems() const { return setup_.problems; }

    // --- requests
    Request& request(std::string method, std::string target) {
        requests_.push_back(std::make_unique<Request>());
        Request& r = *requests_.back();
        r.method_ = std::move(method);
        r.target_ = std::move(target);
        r.id_ = requests_.size();
        return r;
    }
    Request& get(std::string target) { return request("GET", std::move(target)); }
    /// Sends it; the hooks run in the loop's next turns.
    Request& begin(Request& r) {
        if (!std::exchange(r.sent_off_, true)) engine_.begin(r);
        return r;
    }
    /// Sends it and turns the loop until it is done. False: not done in time, see Request::why().
    bool run(Request& r, int most_ms = 5000) {
        begin(r);
        return runUntil([&r] { return r.done(); }, most_ms);
    }
    template <class Condition>
    bool runUntil(Condition condition, int most_ms = 5000) {
        auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(most_ms);
        while (!condition()) {
            auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            if (left.count() <= 0) return false;
            loop.turn(
                static_cast<int>(std::min<int64_t>(left.count(), 10)));  // the condition may hold unannounced
        }
        return true;
    }
    /// A few turns without waiting: what is due now happens.
    void settle(int turns = 5) {
        for (int i = 0; i < turns; ++i) loop.turn(0);
    }
    /// Time passes for timers and for received_ns, at once.
    void advance(uint64_t milliseconds) {
        loop.advance(milliseconds);
        settle();
    }

    /// What turnpike.background/1 refuses the next requests with; 0: nothing.
    Host& refuseBackground(int32_t error) {
        background_error_ = error;
        return *this;
    }

    // --- what came of it
    /// The requests that the plugin began for itself, in that order. Each is answered with the content() of the
    /// one that it was begun for.
    std::vector<Request*> background() const {
        std::vector<Request*> found;
        for (const auto& r : requests_)
            if (r->backgroundOf() != 0) found.push_back(r.get());
        return found;
    }
    std::vector<LogLine> lines() const {
        std::lock_guard hold(lock_);
        return lines_;
    }
    bool logged(std::string_view part) const {
        for (const LogLine& line : lines())
            if (line.text.find(part) != line.text.npos) return true;
        return false;
    }
    /// Tickets of defer() that were not resumed yet.
    size_t tickets() const {
        std::lock_guard hold(lock_);
        return tickets_.size();
    }

    /// As the destructor; a test may call it to look at what worker_stop() and destroy() did.
    void stop();

    const tp_host* table();
    tp_worker* worker() { return reinterpret_cast<tp_worker*>(&loop); }

    Loop loop;
    Io io{site};
    Processes processes{loop};
    Backends backends{loop};
    Folders folders;
    Shareds shareds;
    Tls tls;

 private:
    struct Ticket {
        Request* request;
        unsigned attempt;
    };

    friend struct HostTable;

    void note(int32_t level, std::string_view line, Request* about) {
        std::lock_guard hold(lock_);
        lines_.push_back({level, std::string(line), about != nullptr ? about->id_ : 0});
    }
    const void* extension(const std::string& id) {
        auto own = extensions_.find(id);
        if (own != extensions_.end()) return own->second;
        if (id == TP_IO_ID) return Io::table();
        if (id == TP_PROCESS_ID) return Processes::table();
        if (id == TP_BACKEND_ID) return Backends::table();
        if (id == TP_REQUEST_ID) return Keeping::table();
        if (id == TP_FOLDERS_ID) return Folders::table();
        if (id == TP_SHARED_ID) return Shareds::table();
        if (id == TP_RESPONSE_ID) return responseTable();
        if (id == TP_BACKGROUND_ID) return backgroundTable();
        if (id == TP_TLS_ID) return Tls::table();
        return nullptr;
    }
    static const tp_response_service* responseTable();
    static const tp_background_service* backgroundTable();
    Request* beginBackground(const Request& like, const tp_background_spec& spec, int32_t* error) {
        *error = spec.struct_size < sizeof spec ? -EINVAL : like.background_of_ != 0 ? -ELOOP : background_error_;
        for (size_t i = 0; i < spec.field_count && *error == 0; ++i)
            if (!Keeping::isSettable(spec.fields[i])) *error = -EINVAL;
        if (*error != 0) return nullptr;
        Request& r = request("GET", like.target_);
        r.background_of_ = like.id_;
        r.host(like.host_).remote(like.remote_address_, like.remote_port_).protocol(like.protocol_);
        r.set(r.secure_, like.secure_).leavesAfter(std::min(spec.most_bytes, kUnlimited - 1) + 1);
        for (const auto& [name, value] : like.sent_fields_)
            if (name == "host") r.field(name, value);
        for (size_t i = 0; i < spec.field_count; ++i)
            r.field(std::string(text(spec.fields[i].name)), std::string(text(spec.fields[i].value)));
        if (like.stand_in_status_ != 0)
            r.content(like.stand_in_status_, like.stand_in_fields_, like.stand_in_body_);
        loop.timer(spec.limit_ms, [&r] { r.leave(); });
        return &begin(r);
    }
    tp_ticket* defer(Request& r) {
        r.live("defer");
        std::lock_guard hold(lock_);
        auto ticket = std::make_unique<Ticket>(Ticket{&r, r.attempt_});
        tp_ticket* handle = reinterpret_cast<tp_ticket*>(ticket.get());
        tickets_[handle] = std::move(ticket);
        return handle;
    }
    void resume(tp_ticket* handle, void (*call)(tp_request*, void*), void* arg) {
        std::unique_ptr<Ticket> ticket;
        {
            std::lock_guard hold(lock_);
            auto place = tickets_.find(handle);
            if (place == tickets_.end()) die("resume() of a ticket that was resumed before");
            ticket = std::move(place->second);
            tickets_.erase(place);
        }
        loop.post([r = ticket->request, attempt = ticket->attempt, call, arg] {
            bool is_there = r->live_ != nullptr && attempt == r->attempt_;
            call(is_there ? r->handle() : nullptr, arg);
        });
    }

    Current<Host> current_;
    Settings settings_;
    Setup setup_;
    std::map<std::string, const void*> extensions_;
    Loaded loaded_;
    Engine engine_;
    std::vector<std::unique_ptr<Request>> requests_;
    mutable std::mutex lock_;
    std::vector<LogLine> lines_;
    std::map<tp_ticket*, std::unique_ptr<Ticket>> tickets_;
    int32_t background_error_ = 0;
};

inline void Host::stop() {
    if (loaded_.table == nullptr) return;
    for (auto& r : requests_)
        if (r->sent_off_ && !r->done()) r->leave();
    processes.killAll();
    loop.pool.stop();
    runUntil(
        [this] {
            bool ended = processes.running() == 0;
            for (auto& r : requests_) ended = ended && (!r->sent_off_ || r->done());
            return ended;
        },
        2000);
    settle();
    const tp_plugin& plugin = *std::exchange(loaded_.table, nullptr);
    if (loaded_.worker != nullptr && plugin.worker_stop != nullptr) plugin.worker_stop(loaded_.worker);
    if (loaded_.self != nullptr && plugin.destroy != nullptr) plugin.destroy(loaded_.self);
    if (loop.watches() != 0) die("the plugin left a watch behind after worker_stop()");
}

/// The functions of tp_host: from handles to objects.
struct HostTable {
    static Host& host() { return Current<Host>::get(); }
    static Engine& engine() { return host().engine_; }
    static Request& of(tp_request* handle) { return *reinterpret_cast<Request*>(handle); }
    static const Setup& of(const tp_setup* handle) { return *reinterpret_cast<const Setup*>(handle); }
    static void onLoop(tp_worker* worker, const char* function) {
        loopOnly(function);
        if (worker != host().worker()) die(std::string(function) + "() with a worker that is not one");
    }

    static const void* extension(const char* id) { return host().extension(id); }
    static void log(int32_t level, tp_str line) { host().note(level, text(line), nullptr); }
    static tp_str configString(const tp_setup* setup, const char* key) {
        return str(of(setup).value(key, "config_string", TP_KEY_STRING, TP_KEY_STRING).text);
    }
    static int64_t configInteger(const tp_setup* setup, const char* key) {
        return of(setup).value(key, "config_integer", TP_KEY_INTEGER, TP_KEY_SIZE).integer;
    }
    static size_t configList(const tp_setup* setup, const char* key, const tp_str** items) {
        auto& list = of(setup).value(key, "config_list", TP_KEY_LIST, TP_KEY_LIST).list;
        *items = list.data();
        return list.size();
    }
    static size_t configMap(const tp_setup* setup, const char* key, const tp_field** items) {
        auto& map = of(setup).value(key, "config_map", TP_KEY_MAP, TP_KEY_MAP).map;
        *items = map.data();
        return map.size();
    }
    static int32_t configIsSet(const tp_setup* setup, const char* key) {
        return of(setup).value(key, "config_is_set").is_set ? 1 : 0;
    }
    static void* configError(tp_setup* setup, const char* key, const char* message) {
        setupOnly("config_error");
        reinterpret_cast<Setup*>(setup)->problems.push_back(std::string(key) + ": " + message);
        return nullptr;
    }
    static tp_str siteName(const tp_setup* setup) { return str(of(setup).site->name); }
    static tp_str siteRoot(const tp_setup* setup) { return str(of(setup).site->root); }
    static size_t siteIndex(const tp_setup* setup, const tp_str** names) {
        *names = of(setup).index.data();
        return of(setup).index.size();
    }
    static const tp_request_view* view(tp_request* r) {
        loopOrPool("view");
        return &of(r).live("view").view;
    }
    static void* allocate(tp_request* r, size_t size) { return engine().allocate(of(r), size); }
    static void logRequest(tp_request* r, int32_t level, tp_str line) {
        loopOrPool("log_request");
        of(r).live("log_request");
        host().note(level, text(line), &of(r));
    }
    static void mark(tp_request* r, uint32_t phase) { engine().mark(of(r), phase); }
    static int32_t start(tp_request* r, uint32_t status, const tp_field* fields, size_t count, int64_t length) {
        return engine().out.start(of(r), status, fields, count, length);
    }
    static int32_t upgrade(tp_request* r, tp_str protocol, const tp_field* fields, size_t count) {
        return engine().out.upgrade(of(r), protocol, fields, count);
    }
    static int32_t send(tp_request* r, const tp_str* parts, size_t count, uint32_t flags) {
        return engine().out.send(of(r), parts, count, flags);
    }
    static int32_t sendFile(tp_request* r, int fd, uint64_t offset, uint64_t size, uint32_t flags) {
        return engine().out.sendFile(of(r), fd, offset, size, flags);
    }
    static void fail(tp_request* r, uint32_t status, tp_str cause) {
        engine().out.fail(of(r), status, text(cause));
    }
    static int32_t redirect(tp_request* r, tp_str target) { return engine().redirect(of(r), text(target), false); }
    static int32_t rewrite(tp_request* r, tp_str target) { return engine().redirect(of(r), text(target), true); }
    static int32_t addTrailer(tp_request* r, tp_str name, tp_str value) {
        return engine().out.addTrailer(of(r), name, value);
    }
    static void proceed(tp_request* r) { engine().proceed(of(r)); }
    static void readBody(tp_request* r) { engine().readBody(of(r)); }
    static void spoolBody(tp_request* r) { engine().spoolBody(of(r)); }
    static int32_t setField(tp_request* r, tp_str name, const tp_str* value) {
        return engine().changeField(of(r), "set_field", name, value, true);
    }
    static int32_t addField(tp_request* r, tp_str name, tp_str value) {
        return engine().changeField(of(r), "add_field", name, &value, false);
    }
    static const tp_response_view* response(tp_request* r) { return engine().response(of(r)); }
    static void setStatus(tp_request* r, uint32_t status) { engine().setStatus(of(r), status); }
    static void filterBody(tp_request* r) { engine().filterBody(of(r)); }
    static int32_t emit(tp_request* r, const tp_str* parts, size_t count) {
        return engine().emit(of(r), parts, count);
    }
    static void setRemoteUser(tp_request* r, tp_str name) { engine().setRemoteUser(of(r), text(name)); }
    static tp_ticket* defer(tp_request* r) {
        if (!of(r).on_pool_ || !Threads::is_pool) loopOnly("defer");
        return host().defer(of(r));
    }
    static void resume(tp_ticket* ticket, void (*run)(tp_request*, void*), void* arg) {
        host().resume(ticket, run, arg);
    }
    static int32_t offload(tp_worker* worker, void (*work)(void*), void* arg) {
        onLoop(worker, "offload");
        return host().loop.pool.add([work, arg] { work(arg); }) ? 0 : -EAGAIN;
    }
    static tp_watch* watch(tp_worker* worker, int fd, uint32_t events, void (*ready)(void*, uint32_t), void* arg) {
        onLoop(worker, "watch");
        return reinterpret_cast<tp_watch*>(
            host().loop.watch(fd, events, [ready, arg](uint32_t what) { ready(arg, what); }));
    }
    static void unwatch(tp_worker* worker, tp_watch* watch) {
        onLoop(worker, "unwatch");
        host().loop.unwatch(reinterpret_cast<Loop::Watch*>(watch));
    }
    static void charge(tp_watch* watch, tp_request* payer) {
        loopOnly("charge");
        host().loop.charge(reinterpret_cast<Loop::Watch*>(watch), payer);
    }
    static tp_timer* timer(tp_worker* worker, uint64_t milliseconds, void (*fired)(void*), void* arg) {
        onLoop(worker, "timer");
        return reinterpret_cast<tp_timer*>(host().loop.timer(milliseconds, [fired, arg] { fired(arg); }));
    }
    static void cancel(tp_worker* worker, tp_timer* timer) {
        onLoop(worker, "cancel");
        host().loop.cancel(reinterpret_cast<Loop::Timer*>(timer));
    }
};

inline const tp_response_service* Host::responseTable() {
    static const tp_response_service functions = {
        sizeof(tp_response_service),
        0,
        [](tp_request* r) { HostTable::engine().watchBody(HostTable::of(r)); },
        [](tp_request* r, uint32_t status, const tp_field* fields, size_t count) {
            return HostTable::engine().out.sendInterim(HostTable::of(r), status, fields, count);
        },
        [](tp_request* r) { return HostTable::engine().out.endSending(HostTable::of(r)); },
        [](tp_request* r, int fd, uint64_t most, int32_t* sent) {
            return HostTable::engine().out.splice(HostTable::of(r), fd, most, sent);
        }};
    return &functions;
}

inline const tp_background_service* Host::backgroundTable() {
    static const tp_background_service functions = {
        sizeof(tp_background_service), 0, [](tp_request* like, const tp_background_spec* spec, int32_t* error) {
            loopOnly("begin of a background request");
            HostTable::of(like).live("begin of a background request");
            Request* begun = HostTable::host().beginBackground(HostTable::of(like), *spec, error);
            return begun != nullptr ? begun->handle() : nullptr;
        }};
    return &functions;
}

inline const tp_host* Host::table() {
    using T = HostTable;
    static const tp_host functions = {.struct_size = sizeof(tp_host),
                                      .abi_major = TP_ABI_MAJOR,
                                      .abi_minor = TP_ABI_MINOR,
                                      .extension = T::extension,
                                      .log = T::log,
                                      .config_string = T::configString,
                                      .config_integer = T::configInteger,
                                      .config_list = T::configList,
                                      .config_map = T::configMap,
                                      .config_is_set = T::configIsSet,
                                      .config_error = T::configError,
                                      .site_name = T::siteName,
                                      .site_root = T::siteRoot,
                                      .site_index = T::siteIndex,
                                      .view = T::view,
                                      .allocate = T::allocate,
                                      .log_request = T::logRequest,
                                      .mark = T::mark,
                                      .start = T::start,
                                      .send = T::send,
                                      .send_file = T::sendFile,
                                      .fail = T::fail,
                                      .redirect = T::redirect,
                                      .read_body = T::readBody,
                                      .spool_body = T::spoolBody,
                                      .set_field = T::setField,
                                      .add_field = T::addField,
                                      .response = T::response,
                                      .set_status = T::setStatus,
                                      .filter_body = T::filterBody,
                                      .emit = T::emit,
                                      .set_remote_user = T::setRemoteUser,
                                      .defer = T::defer,
                                      .resume = T::resume,
                                      .offload = T::offload,
                                      .watch = T::watch,
                                      .unwatch = T::unwatch,
                                      .charge = T::charge,
                                      .timer = T::timer,
                                      .cancel = T::cancel,
                                      .rewrite = T::rewrite,
                                      .add_trailer = T::addTrailer,
                                      .proceed = T::proceed,
                                      .upgrade = T::upgrade};
    return &functions;
}

}  // namespace turnpike::fake
