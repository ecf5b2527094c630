// probe.cpp - a handler whose path says what to do: every way of answering that the ABI has, for the server's
// tests.
#include <unistd.h>

#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "sdk/plugin.hpp"

using namespace turnpike;

struct Probe {
    static constexpr const char *name = "probe", *version = "1.0", *summary = "does what the path says";
    static constexpr tp_key keys[] = {{"greeting", TP_KEY_STRING, 0, "hello", "What /hello says."}};

    Probe(const tp_host& h, tp_setup& setup) : host(h), greeting(text(h.config_string(&setup, "greeting"))) {}

    const tp_host& host;
    std::string greeting;

    struct Worker {
        Worker(Probe& probe, tp_worker* w) : host(probe.host), plugin(probe), worker(w) {}

        const tp_host& host;
        Probe& plugin;
        tp_worker* worker;
        std::string kilobyte = std::string(1024, 'k'), megabyte = std::string(1u << 20, 'm');
        std::map<tp_request*, std::string> echoes;
        std::map<tp_request*, int> pieces;

        using Action = tp_verdict (Worker::*)(tp_request*);

        tp_verdict onRequest(tp_request* r) {
            static const std::map<std::string_view, Action> actions = {
                {"/hello", &Worker::hello},       {"/1k", &Worker::small},           {"/1m", &Worker::large},
                {"/stream", &Worker::stream},     {"/pieces", &Worker::startPieces}, {"/echo", &Worker::echo},
                {"/spool", &Worker::spool},       {"/timer", &Worker::onTimer},      {"/pool", &Worker::onPool},
                {"/redirect", &Worker::redirect}, {"/loop", &Worker::loop},          {"/fail", &Worker::fail},
                {"/throw", &Worker::fault},       {"/short", &Worker::tooShort},     {"/long", &Worker::tooLong},
                {"/failed", &Worker::failed},     {"/crash", &Worker::crash},        {"/view", &Worker::view},
                {"/badfield", &Worker::badField}, {"/never", &Worker::never},        {"/half", &Worker::half},
                {"/framing", &Worker::framing},   {"/busy", &Worker::busy},          {"/late", &Worker::late},
                {"/early", &Worker::early},       {"/tunnel", &Worker::tunnel},      {"/hasty", &Worker::hasty}};
            auto found = actions.find(text(host.view(r)->path));
            return found == actions.end() ? TP_DECLINED : (this->*found->second)(r);
        }

        tp_verdict hello(tp_request* r) { return answer(host, r, 200, "text/plain", plugin.greeting + "\n"); }
        tp_verdict small(tp_request* r) { return answer(host, r, 200, "text/plain", kilobyte); }
        tp_verdict large(tp_request* r) { return answer(host, r, 200, "text/plain", megabyte); }
        tp_verdict never(tp_request*) { return TP_PENDING; }
        tp_verdict failed(tp_request*) { return TP_FAILED; }
        tp_verdict fault(tp_request*) { throw std::runtime_error("probe"); }
        [[noreturn]] tp_verdict crash(tp_request*) { std::abort(); }
        tp_verdict redirect(tp_request* r) {
            return host.redirect(r, str("/view?from=redirect")) == 0 ? TP_PENDING : TP_FAILED;
        }
        // Asks for a body that it does not wait for, and leads to who asks for none.
        tp_verdict hasty(tp_request* r) {
            host.read_body(r);
            return host.redirect(r, str("/timer")) == 0 ? TP_PENDING : TP_FAILED;
        }
        tp_verdict loop(tp_request* r) { return host.redirect(r, str("/loop")) == 0 ? TP_PENDING : TP_FAILED; }
        tp_verdict fail(tp_request* r) {
            host.fail(r, 502, str("the probe was asked to fail"));
            return TP_FAILED;
        }

        tp_verdict view(tp_request* r) {
            const tp_request_view& v = *host.view(r);
            std::string said;
            auto add = [&](std::string_view n, tp_str value) {
                said.append(n).append("=").append(text(value)).append("\n");
            };
            add("method", v.method);
            add("path", v.path);
            add("query", v.query);
            add("host", v.host);
            add("protocol", v.protocol);
            add("remote", v.remote_address);
            add("site", v.site);
            add("user", v.remote_user);
            for (uint32_t i = 0; i < v.field_count; ++i) add(text(v.fields[i].name), v.fields[i].value);
            return answer(host, r, 200, "text/plain", said);
        }

        int32_t begin(tp_request* r, int64_t length) {
            tp_field type{str("content-type"), str("text/plain")};
            return host.start(r, 200, &type, 1, length);
        }
        int32_t say(tp_request* r, std::string_view what, bool last) {
            tp_str part = str(what);
            return host.send(r, &part, 1, last ? TP_LAST : 0);
        }
        tp_verdict stream(tp_request* r) {
            begin(r, TP_LENGTH_UNKNOWN);
            say(r, "one ", false);
            say(r, "two ", false);
            say(r, "three\n", true);
            return TP_DONE;
        }
        tp_verdict tooShort(tp_request* r) {
            begin(r, 100);
            say(r, "short", true);
            return TP_DONE;
        }
        tp_verdict tooLong(tp_request* r) {
            begin(r, 4);
            say(r, "longer than that", true);
            return TP_DONE;
        }
        tp_verdict half(tp_request* r) {
            begin(r, TP_LENGTH_UNKNOWN);
            say(r, "half of an answer", false);
            host.fail(r, 502, str("the other half is missing"));
            return TP_FAILED;
        }
        tp_verdict badField(tp_request* r) {
            tp_field evil{str("x-evil"), str("a\r\nSet-Cookie: b")};
            if (host.start(r, 200, &evil, 1, 0) == 0) return TP_FAILED;
            return answer(host, r, 200, "text/plain", "refused\n");
        }

        // Whatever it says of framing is the host's to decide.
        tp_verdict framing(tp_request* r) {
            tp_field fields[] = {{str("Content-Length"), str("3")},
                                 {str("transfer-encoding"), str("chunked")},
                                 {str("Connection"), str("upgrade")},
                                 {str("upgrade"), str("h2c")},
                                 {str("Date"), str("never")},
                                 {str("server"), str("probe")},
                                 {str("keep-alive"), str("5")},
                                 {str("proxy-connection"), str("close")},
                                 {str("te"), str("gzip")},
                                 {str("trailer"), str("x")},
                                 {str("x-own"), str("kept")}};
            if (host.start(r, 200, fields, std::size(fields), 7) != 0) return TP_FAILED;
            say(r, "framed\n", true);
            return TP_DONE;
        }
        tp_verdict busy(tp_request* r) {
            host.fail(r, 503, str("the probe is busy"));
            return TP_FAILED;
        }

        // Sixteen megabytes, a piece for each time there is room.
        tp_verdict startPieces(tp_request* r) {
            begin(r, TP_LENGTH_UNKNOWN);
            pieces[r] = 16;
            nextPieces(r);
            return TP_PENDING;
        }
        void nextPieces(tp_request* r) {
            for (int& left = pieces[r]; left > 0;) {
                --left;
                if (say(r, megabyte, left == 0) != TP_SENT) return;
            }
        }
        void onWritable(tp_request* r) {
            if (pieces.contains(r)) return nextPieces(r);
            host.read_body(r);  // an echo goes on
        }

        tp_verdict echo(tp_request* r) {
            begin(r, TP_LENGTH_UNKNOWN);
            host.read_body(r);
            return TP_PENDING;
        }
        tp_verdict tunnel(tp_request* r) {
            if (host.upgrade(r, str("echo"), nullptr, 0) != 0) return TP_FAILED;
            host.read_body(r);
            return TP_PENDING;
        }
        void onBody(tp_request* r, std::string_view data, bool last) {
            std::string& kept = echoes[r] = data;
            if (say(r, kept, last) == TP_SENT && !last) host.read_body(r);
        }
        tp_verdict spool(tp_request* r) {
            host.spool_body(r);
            return TP_PENDING;
        }
        void onSpooled(tp_request* r, const tp_body& body) {
            std::string said =
                std::to_string(body.size) + (body.fd >= 0 ? " bytes in a file\n" : " bytes in memory\n");
            answer(host, r, 200, "text/plain", said);
        }

        struct Waiting {
            Worker* self;
            tp_request* request;
        };
        std::map<tp_request*, std::pair<tp_timer*, std::unique_ptr<Waiting>>> timers;
        tp_verdict onTimer(tp_request* r) {
            auto waiting = std::make_unique<Waiting>(Waiting{this, r});
            auto fired = [](void* arg) {
                auto* w = static_cast<Waiting*>(arg);
                Worker* self = w->self;
                tp_request* request = w->request;
                self->timers.erase(request);
                const bool has_body = self->echoes.contains(request);
                answer(self->host, request, 200, "text/plain", has_body ? "a body came\n" : "in time\n");
            };
            tp_timer* timer = host.timer(worker, 50, fired, waiting.get());
            timers[r] = {timer, std::move(waiting)};
            return TP_PENDING;
        }
        /// Calls `ask` of the host for the request in so many milliseconds.
        template <auto ask>
        tp_verdict askIn(tp_request* r, uint64_t ms) {
            auto waiting = std::make_unique<Waiting>(Waiting{this, r});
            auto fired = [](void* arg) {
                auto* w = static_cast<Waiting*>(arg);
                Worker* self = w->self;
                tp_request* request = w->request;
                self->timers.erase(request);
                (self->host.*ask)(request);
            };
            tp_timer* timer = host.timer(worker, ms, fired, waiting.get());
            timers[r] = {timer, std::move(waiting)};
            return TP_PENDING;
        }
        // Asks for the body later than a client may take for one.
        tp_verdict late(tp_request* r) { return askIn<&tp_host::spool_body>(r, 1200); }
        // Asks for it when the beginning of the answer has left.
        tp_verdict early(tp_request* r) {
            begin(r, TP_LENGTH_UNKNOWN);
            say(r, "early ", false);
            return askIn<&tp_host::read_body>(r, 20);
        }
        struct Job {
            const tp_host* host;
            tp_ticket* ticket;
        };
        tp_verdict onPool(tp_request* r) {
            auto work = [](void* arg) {
                auto* job = static_cast<Job*>(arg);
                usleep(2000);
                auto finish = [](tp_request* request, void* a) {
                    std::unique_ptr<Job> j(static_cast<Job*>(a));
                    if (request != nullptr) answer(*j->host, request, 200, "text/plain", "from the pool\n");
                };
                job->host->resume(job->ticket, finish, job);
            };
            return host.offload(worker, work, new Job{&host, host.defer(r)}) == 0 ? TP_PENDING : TP_FAILED;
        }

        void onDone(tp_request* r, bool) {
            if (auto t = timers.find(r); t != timers.end()) {
                host.cancel(worker, t->second.first);
                timers.erase(t);
            }
            echoes.erase(r);
            pieces.erase(r);
        }
    };
};

TURNPIKE_PLUGIN(Probe)
