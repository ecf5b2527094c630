// engine.hpp - the way of a request through the fake host: its hooks in their order, its body on the way in, its
// end. Callbacks come from the loop, never from inside a call of the plugin.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "loop.hpp"
#include "outgoing.hpp"
#include "request.hpp"

namespace turnpike::fake {

class Engine {
 public:
    Engine(Loop& loop, Loaded& plugin, const Site& site, Log log)
        : out(loop, plugin, std::move(log)), loop_(loop), plugin_(plugin), site_(site) {
        out.finish = [this](Request& r, bool aborted) { finishLater(r, aborted); };
    }

    Outgoing out;

    /// Begins in the next turn.
    void begin(Request& r) {
        r.received_ns_ = loop_.now();
        r.on_change_ = [this, &r] { changed(r); };
        loop_.post([this, &r] { route(r); });
    }

    void* allocate(Request& r, size_t size) {
        loopOnly("allocate");
        Request::Live& live = r.live("allocate");
        if (size > r.memory_limit_ - r.allocated_) return nullptr;
        r.allocated_ += size;
        live.memory.emplace_back(new std::max_align_t[size / sizeof(std::max_align_t) + 1]);
        return live.memory.back().get();
    }
    void mark(Request& r, uint32_t phase) {
        r.enter("mark");
        if (phase >= TP_PHASE_COUNT) die("mark(): there is no phase " + std::to_string(phase));
        r.marks_ |= 1u << phase;
        r.phase_ns_[phase] = loop_.now();
    }
    int32_t redirect(Request& r, std::string_view target, bool rewrites) {
        r.enter(rewrites ? "rewrite" : "redirect");
        if (rewrites && (r.spooling_ || r.reading_ || r.body_received_ > 0 || r.body_over_)) return -EALREADY;
        if (r.begun_ || r.ended_ || r.redirecting_ || r.passed_) return -EALREADY;
        if (target.empty() || target[0] != '/' || !Outgoing::isText(target) || target.find(' ') != target.npos)
            return -EINVAL;
        if (r.redirects_.size() >= 10) return -ELOOP;
        r.redirects_.emplace_back(target);
        r.redirecting_ = true;
        r.rewritten_ = rewrites;
        loop_.post([this, &r] { routeAgain(r); });
        return 0;
    }
    void proceed(Request& r) {
        r.enter("proceed");
        if (!(r.held_ || r.hook_ == Request::Hook::Access) || r.passed_ || r.begun_ || r.redirecting_)
            die("proceed() of a request that on_access() does not hold");
        r.passed_ = true;
        if (r.held_) loop_.post([this, &r] { pass(r); });
    }
    void readBody(Request& r) {
        r.enter("read_body");
        handlerOnly(r, "read_body");
        if (plugin_.table->on_body == nullptr) die("read_body() of a plugin without on_body()");
        if (r.spooling_) die("read_body() after spool_body()");
        if (r.reading_) die("read_body() before on_body() answered the last one");
        if (r.body_over_) die("read_body() after the part with TP_LAST");
        r.reading_ = true;
        changed(r);
    }
    void spoolBody(Request& r) {
        r.enter("spool_body");
        handlerOnly(r, "spool_body");
        if (plugin_.table->on_spooled == nullptr) die("spool_body() of a plugin without on_spooled()");
        if (r.reading_ || r.body_received_ > 0 || r.body_over_) die("spool_body() after read_body()");
        if (r.spooling_) die("spool_body() twice");
        r.spooling_ = true;
        changed(r);
    }
    int32_t changeField(Request& r, const char* function, tp_str name, const tp_str* value, bool replaces) {
        r.enter(function);
        if (r.hook_ != Request::Hook::Access && r.hook_ != Request::Hook::Response && !r.held_)
            die(std::string(function) + "() outside on_access() and on_response()");
        tp_str given = value != nullptr ? *value : tp_str{"", 0};
        if (!Outgoing::isField(name, given)) return -EINVAL;
        Request::FieldChange change{std::string(text(name)), std::string(text(given)), replaces, value != nullptr};
        if (r.hook_ == Request::Hook::Response)
            Outgoing::apply(r, change);
        else
            r.changes_.push_back(std::move(change));
        return 0;
    }
    const tp_response_view* response(Request& r) {
        r.inHook(Request::Hook::Response, "response", "on_response");
        Request::Live& live = *r.live_;
        live.response_fields.clear();
        for (auto& [name, value] : r.fields_) live.response_fields.push_back({str(name), str(value)});
        live.response = {sizeof live.response, r.status_, live.response_fields.data(), live.response_fields.size(),
                         r.announced_};
        return &live.response;
    }
    void setStatus(Request& r, uint32_t status) {
        r.inHook(Request::Hook::Response, "set_status", "on_response");
        if (status < 200 || status > 599) die("set_status(" + std::to_string(status) + ")");
        r.status_ = status;
    }
    void filterBody(Request& r) {
        r.inHook(Request::Hook::Response, "filter_body", "on_response");
        if (plugin_.table->on_response_body == nullptr)
            die("filter_body() of a plugin without on_response_body()");
        r.filtered_ = true;
        r.announced_ = TP_LENGTH_UNKNOWN;
    }
    void watchBody(Request& r) {
        r.inHook(Request::Hook::Response, "watch_body", "on_response");
        if (plugin_.table->on_response_body == nullptr) die("watch_body() of a plugin without on_response_body()");
        r.watched_ = true;
    }
    int32_t emit(Request& r, const tp_str* parts, size_t count) {
        r.inHook(Request::Hook::Body, "emit", "on_response_body");
        if (r.watched_ && !r.filtered_) return TP_SENT;
        for (size_t i = 0; i < count; ++i) out.copyOut(r, text(parts[i]));
        return r.gone_ ? TP_GONE : TP_SENT;
    }
    void setRemoteUser(Request& r, std::string_view name) {
        r.enter("set_remote_user");
        if (r.hook_ != Request::Hook::Access && !r.held_) die("set_remote_user() outside on_access()");
        r.remote_user_ = name;
        r.live_->view.remote_user = str(r.remote_user_);
    }

 private:
    static std::string decode(std::string_view path) {
        std::string decoded;
        for (size_t i = 0; i < path.size(); ++i) {
            if (path[i] == '%' && i + 2 < path.size()) {
                decoded += static_cast<char>(std::stoi(std::string(path.substr(i + 1, 2)), nullptr, 16));
                i += 2;
            } else {
                decoded += path[i];
            }
        }
        return decoded;
    }
    static int32_t methodId(std::string_view method) {
        const std::string_view known[] = {"", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
        for (int32_t i = 1; i < 8; ++i)
            if (known[i] == method) return i;
        return TP_METHOD_OTHER;
    }
    static uint64_t presence(const Fields& fields) {
        uint64_t present = 0;
        for (auto& [name, value] : fields) present |= presenceOf(name);
        return present;
    }

    /// A new Live for `target`; the old one, and all views into it, is gone.
    void show(Request& r, std::string_view method, std::string_view target) {
        auto live = std::make_unique<Request::Live>();
        live->method = r.method_ = method;
        live->target = r.target_;
        size_t mark = target.find('?');
        live->path = decode(target.substr(0, mark));
        live->query = mark == target.npos ? "" : target.substr(mark + 1);
        for (auto& [name, value] : r.sent_fields_) live->fields.push_back({str(name), str(value)});
        tp_request_view& v = live->view;
        v.struct_size = sizeof v;
        v.field_count = static_cast<uint32_t>(live->fields.size());
        v.fields = live->fields.data();
        v.present = presence(r.sent_fields_);
        v.id = r.id_;
        v.method_id = methodId(method);
        v.secure = r.secure_ ? 1 : 0;
        v.body_length = r.body_length_;
        v.received_ns = r.received_ns_;
        timespec wall{};
        ::clock_gettime(CLOCK_REALTIME, &wall);
        v.received_unix_ms = static_cast<int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000;
        v.method = str(live->method);
        v.target = str(live->target);
        v.path = str(live->path);
        v.query = str(live->query);
        v.host = str(r.host_);
        v.protocol = str(r.protocol_);
        v.remote_address = str(r.remote_address_);
        v.local_address = str("127.0.0.1");
        v.remote_port = r.remote_port_;
        v.local_port = r.secure_ ? 443 : 80;
        v.site = str(site_.name);
        v.document_root = str(site_.root);
        v.route_prefix = str(r.route_prefix_);
        v.remote_user = str(r.remote_user_);
        v.upgrade = str(r.upgrade_);
        v.background_of = r.background_of_;
        r.live_ = std::move(live);
    }

    static void handlerOnly(Request& r, const char* function) {
        if (!r.begun_ && (r.held_ || r.hook_ == Request::Hook::Access))
            die(std::string(function) + "() in on_access(): the body is the handler's");
    }

    void route(Request& r) {
        show(r, r.method_, r.target_);
        guard(r);
    }
    /// Asks the access hook, and the handler when the request passes.
    void guard(Request& r) {
        if (plugin_.table->on_access == nullptr) return content(r);
        r.hook_ = Request::Hook::Access;
        tp_verdict verdict = plugin_.table->on_access(plugin_.worker, r.handle());
        r.hook_ = Request::Hook::None;
        if (verdict == TP_DECLINED) {
            r.passed_ = false;
            return r.found_.empty() ? content(r) : goOn(r);
        }
        r.owned_ = true;
        r.held_ = verdict == TP_PENDING && !r.begun_ && !r.ended_ && !r.redirecting_;
        if (r.held_ && r.passed_) return pass(r);
        if (verdict == TP_FAILED && !r.ended_ && !r.redirecting_)
            out.fail(r, 500, "on_access() returned TP_FAILED");
        if (verdict == TP_DONE) out.close(r);
        changed(r);
    }
    /// With the file that a route has found.
    void goOn(Request& r) {
        r.stands_in_ = true;
        dropWords(r);
        const std::string query = r.live_->query;
        show(r, std::string(r.method_), std::exchange(r.found_, {}) + (query.empty() ? "" : "?" + query));
        guard(r);
    }
    /// What the access hook said of the path before.
    static void dropWords(Request& r) {
        r.changes_.clear();
        r.remote_user_.clear();
        r.variables_.clear();
        r.hook_fields_.clear();
        r.error_pages_.clear();
        r.allocated_ = 0;
    }
    /// What proceed() asked for, unless the request has ended or was refused meanwhile.
    void pass(Request& r) {
        if (!std::exchange(r.passed_, false) || r.finishing_ || r.gone_) return;
        r.held_ = false;
        letGo(r);
        content(r);
    }
    /// The plugin's part in the request is over; its tickets come home to nobody.
    void letGo(Request& r) {
        if (std::exchange(r.owned_, false) && plugin_.table->on_done != nullptr)
            plugin_.table->on_done(plugin_.worker, r.handle(), 0);
        ++r.attempt_;
    }
    void routeAgain(Request& r) {
        if (r.finishing_) return;
        letGo(r);
        r.held_ = r.redirecting_ = r.spooling_ = r.reading_ = r.body_over_ = r.stands_in_ = false;
        dropWords(r);
        r.trailers_.clear();
        if (!r.rewritten_) {
            r.parts_.clear();
            r.body_length_ = 0;
            r.body_received_ = 0;
            r.body_ended_ = true;
        }
        show(r, r.rewritten_ ? std::string(r.method_) : "GET", r.redirects_.back());
        guard(r);
    }
    void content(Request& r) {
        const tp_plugin& plugin = *plugin_.table;
        if (plugin.on_request == nullptr) return settle(r, TP_DECLINED);
        if ((plugin.capabilities & TP_CAP_BLOCKING) == 0)
            return settle(r, plugin.on_request(plugin_.worker, r.handle()));
        r.on_pool_ = true;
        loop_.pool.add([this, &r] {
            tp_verdict verdict = plugin_.table->on_request(plugin_.worker, r.handle());
            loop_.post([this, &r, verdict] {
                r.on_pool_ = false;
                settle(r, verdict);
            });
        });
    }
    void settle(Request& r, tp_verdict verdict) {
        if (verdict == TP_DECLINED) {
            if (r.begun_ || r.ended_ || r.redirecting_) die("on_request() answered and returned TP_DECLINED");
            if (!r.found_.empty()) return goOn(r);
            r.declined_ = true;
            if (r.stand_in_status_ == 0) return out.answerItself(r, 404);
            return out.answerItself(r, r.stand_in_status_, r.stand_in_fields_, r.stand_in_body_);
        }
        r.owned_ = true;
        if (verdict == TP_FAILED && !r.redirecting_) out.fail(r, 500, "on_request() returned TP_FAILED");
        if (verdict == TP_DONE) out.close(r);
        if (verdict < TP_DECLINED || verdict > TP_FAILED) die("on_request() returned " + std::to_string(verdict));
        changed(r);
    }

    /// Something about the client changed: its body grew, it takes more, it left.
    void changed(Request& r) {
        loop_.post([this, &r, attempt = r.attempt_] {
            if (r.finishing_ || r.live_ == nullptr || attempt != r.attempt_) return;
            if (r.gone_ || !r.queue_.empty()) out.drain(r);
            if (!r.gone_ && r.reading_ && (!r.parts_.empty() || r.body_ended_)) giveBody(r);
            if (!r.gone_ && r.spooling_ && !r.body_over_ && r.body_ended_) giveSpooled(r);
        });
    }
    void giveBody(Request& r) {
        r.reading_ = false;
        std::string whole = r.parts_.empty() ? std::string() : std::move(r.parts_.front());
        if (!r.parts_.empty()) r.parts_.pop_front();
        r.body_over_ = r.parts_.empty() && r.body_ended_;
        r.body_received_ += whole.size();
        auto data = std::make_unique<char[]>(whole.size());  // exact, so that a sanitizer sees a read past it
        whole.copy(data.get(), whole.size());
        plugin_.table->on_body(plugin_.worker, r.handle(), {data.get(), whole.size()},
                               r.body_over_ ? TP_LAST : 0u);
    }
    void giveSpooled(Request& r) {
        r.body_over_ = true;
        if (r.spool_status_ != 0) return out.fail(r, r.spool_status_, "the body could not be taken");
        Request::Live& live = *r.live_;
        for (std::string& part : r.parts_) live.spooled += part;
        r.parts_.clear();
        r.body_received_ = live.spooled.size();
        live.body = {sizeof live.body, -1, live.spooled.size(), str(live.spooled)};
        if (r.spool_to_file_) {
            live.spool_fd = ::memfd_create("spool", MFD_CLOEXEC);
            if (::pwrite(live.spool_fd, live.spooled.data(), live.spooled.size(), 0) !=
                static_cast<ssize_t>(live.spooled.size()))
                die("no memory for a spool file");
            live.body.fd = live.spool_fd;
            live.body.memory = {nullptr, 0};
        }
        plugin_.table->on_spooled(plugin_.worker, r.handle(), &live.body);
    }

    /// Ends the request in the next turn in which no hook of it runs.
    void finishLater(Request& r, bool aborted) {
        if (std::exchange(r.finishing_, true)) return;
        r.aborted_ = aborted;
        loop_.post([this, &r] { end(r); });
    }
    void end(Request& r) {
        if (r.on_pool_) return loop_.post([this, &r] { end(r); });
        if (r.owned_ && plugin_.table->on_done != nullptr)
            plugin_.table->on_done(plugin_.worker, r.handle(), r.aborted_ ? 1 : 0);
        if (plugin_.table->on_log != nullptr) {
            tp_log_record record = recordOf(r);
            plugin_.table->on_log(plugin_.worker, r.handle(), &record);
        }
        r.endStates();
        r.live_.reset();
        r.done_ = true;
    }
    tp_log_record recordOf(const Request& r) const {
        tp_log_record record{};
        record.struct_size = sizeof record;
        record.status = r.status_;
        record.bytes_sent = r.text_.size();
        record.bytes_received = r.body_received_;
        record.total_us = static_cast<int64_t>((loop_.now() - r.received_ns_) / 1000);
        record.routed_us = record.first_sent_us = 0;
        for (size_t i = 0; i < TP_PHASE_COUNT; ++i)
            record.phase_us[i] =
                (r.marks_ >> i & 1u) == 0 ? -1 : static_cast<int64_t>((r.phase_ns_[i] - r.received_ns_) / 1000);
        record.aborted = r.aborted_ ? 1 : 0;
        record.plugin = r.declined_ ? "" : plugin_.table->name;
        return record;
    }

    Loop& loop_;
    Loaded& plugin_;
    const Site& site_;
};

}  // namespace turnpike::fake
