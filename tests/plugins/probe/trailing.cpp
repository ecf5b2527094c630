// trailing.cpp - answers below /trailing/ with fields behind the body; as a filter it adds some to any answer
// whose query says "filter".
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>

#include "sdk/plugin.hpp"

using namespace turnpike;

struct Trailing {
    static constexpr const char *name = "trailing", *version = "1.0", *summary = "sends trailers";

    Trailing(const tp_host& h, tp_setup&) : host(h) {}
    const tp_host& host;

    struct Worker {
        Worker(Trailing& plugin, tp_worker*) : host(plugin.host) {}

        const tp_host& host;
        std::string megabyte = std::string(1u << 20, 'm');
        std::map<tp_request*, size_t> filtered;

        using Action = tp_verdict (Worker::*)(tp_request*);

        tp_verdict onRequest(tp_request* r) {
            static const std::map<std::string_view, Action> actions = {
                {"/trailing/early", &Worker::early},      {"/trailing/late", &Worker::late},
                {"/trailing/only", &Worker::only},        {"/trailing/length", &Worker::length},
                {"/trailing/file", &Worker::file},        {"/trailing/large", &Worker::large},
                {"/trailing/full", &Worker::full},        {"/trailing/names", &Worker::names},
                {"/trailing/after", &Worker::after},      {"/trailing/fail", &Worker::fail},
                {"/trailing/redirect", &Worker::redirect}};
            auto found = actions.find(text(host.view(r)->path));
            return found == actions.end() ? TP_DECLINED : (this->*found->second)(r);
        }

        int32_t begin(tp_request* r, int64_t length = TP_LENGTH_UNKNOWN) {
            return host.start(r, 200, nullptr, 0, length);
        }
        int32_t say(tp_request* r, std::string_view what, uint32_t flags = 0) {
            tp_str part = str(what);
            return host.send(r, &part, 1, flags);
        }
        int32_t add(tp_request* r, std::string_view n, std::string_view v) { return addTrailer(host, r, n, v); }

        tp_verdict early(tp_request* r) {
            std::string value = "1";
            add(r, "X-Early", value);
            value = "2";  // it was copied
            begin(r);
            say(r, "one ");
            add(r, "x-late", "");
            say(r, "two\n", TP_LAST);
            return TP_DONE;
        }
        tp_verdict late(tp_request* r) {
            begin(r);
            say(r, "one\n");
            add(r, "x-late", "1");
            host.send(r, nullptr, 0, TP_LAST);
            return TP_DONE;
        }
        tp_verdict only(tp_request* r) {
            add(r, "x-early", "1");
            begin(r);
            host.send(r, nullptr, 0, TP_LAST);
            return TP_DONE;
        }
        tp_verdict length(tp_request* r) {
            add(r, "x-early", "1");
            begin(r, 4);
            say(r, "one\n", TP_LAST);
            return TP_DONE;
        }
        tp_verdict file(tp_request* r) {
            int fd = ::memfd_create("trailing", MFD_CLOEXEC);
            if (::write(fd, megabyte.data(), megabyte.size()) != static_cast<ssize_t>(megabyte.size()))
                return TP_FAILED;
            add(r, "x-early", "1");
            begin(r);
            return host.send_file(r, fd, 0, megabyte.size(), TP_LAST | TP_GIVE_FD) == TP_SENT ? TP_DONE
                                                                                              : TP_PENDING;
        }
        tp_verdict large(tp_request* r) {
            const std::string value(1000, 'v');
            for (int i = 0; i < 300; ++i) add(r, "x-" + std::to_string(i), value);
            begin(r);
            return say(r, megabyte, TP_LAST) == TP_SENT ? TP_DONE : TP_PENDING;
        }
        tp_verdict full(tp_request* r) {
            const std::string value(60'000, 'v');
            int32_t error = 0;
            for (int i = 0; i < 100 && error == 0; ++i) error = add(r, "x-full", value);
            return answer(host, r, 200, "text/plain", error == -ENOMEM ? "no memory\n" : "endless\n");
        }

        /// Says which of the names in the body of the query, separated by commas, may be a trailer's.
        tp_verdict names(tp_request* r) {
            std::string_view query = text(host.view(r)->query);
            std::string said;
            while (!query.empty()) {
                size_t end = std::min(query.find(','), query.size());
                if (add(r, query.substr(0, end), "1") == 0) said.append(query.substr(0, end)).append("\n");
                query.remove_prefix(std::min(end + 1, query.size()));
            }
            if (add(r, "", "1") != -EINVAL || add(r, "a b", "1") != -EINVAL || add(r, "x", "a\r\nb: c") != -EINVAL)
                said += "a malformed one\n";
            begin(r, static_cast<int64_t>(said.size()));
            say(r, said, TP_LAST);
            return TP_DONE;
        }
        tp_verdict after(tp_request* r) {
            begin(r);
            say(r, "one\n", TP_LAST);
            if (add(r, "x-after", "1") == -EALREADY)
                host.log_request(r, TP_LOG_WARN, str("too late for a trailer"));
            return TP_DONE;
        }
        tp_verdict fail(tp_request* r) {
            add(r, "x-early", "1");
            host.fail(r, 502, str("asked to fail"));
            return TP_FAILED;
        }
        tp_verdict redirect(tp_request* r) {
            add(r, "x-early", "1");
            return host.redirect(r, str("/stream")) == 0 ? TP_PENDING : TP_FAILED;
        }

        void onResponse(tp_request* r) {
            if (text(host.view(r)->query) != "filter") return;
            host.filter_body(r);
            add(r, "x-filter", "1");
            filtered[r] = 0;
        }
        void onResponseBody(tp_request* r, std::string_view data, bool last) {
            tp_str part = str(data);
            host.emit(r, &part, 1);
            size_t& size = filtered[r] += data.size();
            if (last) add(r, "x-size", std::to_string(size));
        }
        void onLog(tp_request* r, const tp_log_record&) { filtered.erase(r); }
    };
};

TURNPIKE_PLUGIN(Trailing)
