// outgoing.hpp - the response's way through the fake host: head, filters, and a client that takes the body at its
// own pace. What a plugin hands over with TP_WAIT is really left in the plugin's memory until the client takes it.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "../services.h"
#include "../support/trailer_field.h"
#include "loop.hpp"
#include "request.hpp"

namespace turnpike::fake {

/// The plugin under test with its instance and its worker.
struct Loaded {
    const tp_plugin* table = nullptr;
    void* self = nullptr;
    void* worker = nullptr;
};

using Log = std::function<void(int32_t level, std::string_view text, Request* about)>;

class Outgoing {
 public:
    Outgoing(Loop& loop, Loaded& plugin, Log log) : loop_(loop), plugin_(plugin), log_(std::move(log)) {}

    /// finish(request, aborted): called from inside the function that ended the response.
    std::function<void(Request&, bool)> finish;

    int32_t start(Request& r, uint32_t status, const tp_field* fields, size_t count, int64_t length) {
        r.enter("start");
        if (r.redirecting_) die("start() after redirect(): the request was given up");
        if (r.passed_) die("start() after proceed(): the request was let go");
        if (r.begun_ || r.ended_) return -EALREADY;
        if (status < 200 || status > 599 || length < TP_LENGTH_UNKNOWN) return -EINVAL;
        for (size_t i = 0; i < count; ++i)
            if (!isField(fields[i].name, fields[i].value)) return -EINVAL;
        r.begun_ = true;
        r.status_ = status;
        r.length_ = r.announced_ = length;
        for (size_t i = 0; i < count; ++i)
            if (!isOfTheHost(text(fields[i].name)))
                r.fields_.emplace_back(text(fields[i].name), text(fields[i].value));
        loop_.post([this, &r, attempt = r.attempt_] {
            if (attempt == r.attempt_ && r.begun_ && !r.finishing_) leaveHead(r);
        });
        return 0;
    }

    int32_t sendInterim(Request& r, uint32_t status, const tp_field* fields, size_t count) {
        r.enter("send_interim");
        if (r.begun_ || r.ended_ || r.redirecting_ || r.passed_) return -EALREADY;
        if (status < 102 || status > 199) return -EINVAL;
        Request::Interim interim{status, {}};
        size_t size = 0;
        for (size_t i = 0; i < count; ++i) {
            if (!isField(fields[i].name, fields[i].value)) return -EINVAL;
            if (isOfTheHost(text(fields[i].name))) continue;
            size += fields[i].name.len + fields[i].value.len + sizeof(": \r\n") - 1;
            interim.fields.emplace_back(text(fields[i].name), text(fields[i].value));
        }
        if (r.interims_.size() == TP_MOST_INTERIMS || size > TP_MOST_INTERIM_BYTES - r.interim_bytes_)
            return -EMSGSIZE;
        r.interim_bytes_ += size;
        r.interims_.push_back(std::move(interim));
        return 0;
    }

    int32_t upgrade(Request& r, tp_str protocol, const tp_field* fields, size_t count) {
        r.enter("upgrade");
        if (r.begun_ || r.ended_ || r.body_received_ > 0) return -EALREADY;
        if (r.upgrade_.empty()) return -ENOTSUP;
        for (size_t i = 0; i < count; ++i)
            if (!isField(fields[i].name, fields[i].value)) return -EINVAL;
        if (!isField(protocol, {"", 0})) return -EINVAL;
        r.begun_ = r.head_left_ = true;
        r.status_ = 101;
        r.length_ = r.announced_ = TP_LENGTH_UNKNOWN;
        for (size_t i = 0; i < count; ++i) r.fields_.emplace_back(text(fields[i].name), text(fields[i].value));
        r.fields_.emplace_back("upgrade", text(protocol));
        return 0;
    }

    int32_t endSending(Request& r) {
        r.enter("end_sending");
        if (r.ended_ || r.gone_) return -EPIPE;
        if (r.status_ != 101) return -ENOTSUP;
        r.sending_ended_ = true;
        return 0;
    }

    int32_t send(Request& r, const tp_str* parts, size_t count, uint32_t flags) {
        if (!maySend(r, "send")) return TP_GONE;
        if (r.sending_ended_ && count > 0) die("send() of more after end_sending()");
        for (size_t i = 0; i < count; ++i) put(r, text(parts[i]).substr(0, clip(r, parts[i].len)));
        return flush(r, flags);
    }

    int32_t sendFile(Request& r, int fd, uint64_t offset, uint64_t size, uint32_t flags) {
        bool give = (flags & TP_GIVE_FD) != 0;
        if (!maySend(r, "send_file")) {
            if (give) ::close(fd);
            return TP_GONE;
        }
        uint64_t taken = clip(r, size);
        if (r.filtered_) {
            filter(r, fileText(fd, offset, taken), 0);
            taken = 0;
        }
        if (r.watched_ && !r.filtered_) filter(r, fileText(fd, offset, taken), 0);
        if (taken > 0 && hasBody(r))
            r.queue_.push_back({.fd = fd, .give = give, .at = offset, .left = taken});
        else if (give)
            ::close(fd);
        return flush(r, flags);
    }

    /// From a real descriptor, by way of a copy; a filter needs to see the bytes.
    int64_t splice(Request& r, int fd, uint64_t most, int32_t* sent) {
        r.enter("splice");
        if (!r.begun_ || r.ended_ || r.gone_ || r.failed_with_ != 0) return -ENOTSUP;
        if (r.waiting_) return -EALREADY;
        if (most == 0) return -EINVAL;
        leaveHead(r);
        const bool is_promised = r.length_ < 0 || most <= static_cast<uint64_t>(r.length_) - r.sent_;
        if (!is_promised || !hasBody(r) || r.filtered_ || r.watched_) return -ENOTSUP;
        constexpr size_t kPipe = 65536;
        std::string data(std::min<uint64_t>(most, kPipe), '\0');
        const ssize_t got = ::read(fd, data.data(), data.size());
        if (got <= 0) return got < 0 ? -errno : 0;
        data.resize(static_cast<size_t>(got));
        r.sent_ += data.size();
        r.spliced_ += data.size();
        copyOut(r, data);
        *sent = flush(r, 0);
        return got;
    }

    void fail(Request& r, uint32_t status, std::string_view cause) {
        r.enter("fail");
        if (r.failed_with_ != 0 || r.finishing_) return;
        log_(TP_LOG_ERROR, cause, &r);
        r.failed_with_ = status;
        r.passed_ = false;
        r.cause_ = cause;
        if (!r.head_left_) return answerItself(r, status >= 400 && status <= 599 ? status : 500);
        r.truncated_ = true;
        end(r, true);
    }

    int32_t addTrailer(Request& r, tp_str name, tp_str value) {
        r.enter("add_trailer");
        if (!isField(name, value) || !support::mayFollowBody(text(name))) return -EINVAL;
        if (r.ended_ && r.hook_ != Request::Hook::Body) return -EALREADY;
        if (name.len + value.len > r.memory_limit_ - r.allocated_) return -ENOMEM;
        r.allocated_ += name.len + value.len;
        r.trailers_.emplace_back(text(name), text(value));
        return 0;
    }

    /// A whole answer of the host's own: an error page, or what stands in for another plugin.
    void answerItself(Request& r, unsigned status, Fields fields = {}, const std::string& body = "error page") {
        drop(r);
        r.trailers_.clear();
        r.begun_ = true;
        r.sent_ = 0;
        r.status_ = status;
        r.fields_ = std::move(fields);
        r.length_ = r.announced_ = static_cast<int64_t>(body.size());
        leaveHead(r);
        put(r, std::string_view(body).substr(0, clip(r, body.size())), true);
        flush(r, TP_LAST);
    }

    /// on_request() returned TP_DONE: with a body that may be empty, that is its end.
    void close(Request& r) {
        if (r.ended_ || r.redirecting_) return;
        if (!r.begun_) return fail(r, 500, "the plugin returned TP_DONE and answered nothing");
        leaveHead(r);
        flush(r, TP_LAST);
    }

    /// The client takes what its window allows.
    void drain(Request& r) {
        while (!r.queue_.empty() && r.window_left_ > 0 && !r.gone_) takeFrom(r, r.queue_.front());
        if (r.gone_) return end(r, true);
        if (!r.queue_.empty()) return refill(r);
        if (!r.begun_ || r.finishing_) return;
        if (r.ended_) return end(r, r.truncated_);
        if (std::exchange(r.waiting_, false) && plugin_.table->on_writable != nullptr)
            plugin_.table->on_writable(plugin_.worker, r.handle());
    }

    void drop(Request& r) {
        for (auto& chunk : r.queue_)
            if (chunk.give) ::close(chunk.fd);
        r.queue_.clear();
    }

    static void apply(Request& r, const Request::FieldChange& change) {
        auto same = [&](auto& f) {
            return f.first.size() == change.name.size() && strcasecmp(f.first.c_str(), change.name.c_str()) == 0;
        };
        if (change.replaces) std::erase_if(r.fields_, same);
        if (change.adds) r.fields_.emplace_back(change.name, change.value);
    }

    /// RFC 9110 5.1 and 5.5: a token, and a value without control characters.
    static bool isField(tp_str name, tp_str value) {
        if (name.len == 0) return false;
        for (char c : text(name))
            if (std::isalnum(static_cast<unsigned char>(c)) == 0 &&
                std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
                return false;
        return isText(text(value));
    }
    static bool isText(std::string_view value) {
        for (char c : value)
            if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
        return true;
    }

    void copyOut(Request& r, std::string_view data) {
        if (data.empty() || !hasBody(r)) return;
        auto& chunk = r.queue_.emplace_back(Request::Chunk{.copy = std::string(data), .left = data.size()});
        chunk.data = chunk.copy.data();
        chunk.check = hash(data);
    }

 private:
    /// Framing and identity are the host's: skipped in start().
    static bool isOfTheHost(std::string_view name) {
        for (const char* ours : {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade",
                                 "trailer", "date", "server"})
            if (name.size() == std::string_view(ours).size() && strncasecmp(name.data(), ours, name.size()) == 0)
                return true;
        return false;
    }
    static bool hasBody(const Request& r) { return r.method_ != "HEAD" && r.status_ != 204 && r.status_ != 304; }
    static bool sendsTrailers(const Request& r) {
        return r.takes_trailers_ && hasBody(r) && r.announced_ == TP_LENGTH_UNKNOWN && r.protocol_ == "HTTP/1.1";
    }
    static size_t hash(std::string_view data) { return std::hash<std::string_view>()(data); }

    void leaveHead(Request& r) {
        if (std::exchange(r.head_left_, true)) return;
        for (auto& change : r.changes_) apply(r, change);
        if (plugin_.table->on_response == nullptr) return;
        auto before = std::exchange(r.hook_, Request::Hook::Response);
        plugin_.table->on_response(plugin_.worker, r.handle());
        r.hook_ = before;
    }

    bool maySend(Request& r, const char* function) {
        r.enter(function);
        if (r.gone_ || r.failed_with_ != 0) return false;
        if (!r.begun_) die(std::string(function) + "() before start()");
        if (r.waiting_) die(std::string(function) + "() after TP_WAIT and before on_writable()");
        if (r.ended_) die(std::string(function) + "() after TP_LAST");
        if (r.hook_ == Request::Hook::Body)
            die(std::string(function) + "() inside on_response_body(): use emit()");
        leaveHead(r);
        return true;
    }

    /// How much of `size` still fits the declared length; counts it as sent.
    uint64_t clip(Request& r, uint64_t size) {
        uint64_t room = r.length_ < 0 ? UINT64_MAX : static_cast<uint64_t>(r.length_) - r.sent_;
        if (size > room && !std::exchange(r.warned_, true))
            log_(TP_LOG_WARN, "bytes past the declared length were dropped", &r);
        uint64_t taken = size < room ? size : room;
        r.sent_ += taken;
        return taken;
    }

    void put(Request& r, std::string_view data, bool copy = false) {
        if (data.empty()) return;
        if (r.filtered_) return filter(r, data, 0);
        if (r.watched_) filter(r, data, 0);
        if (copy) return copyOut(r, data);
        if (hasBody(r)) r.queue_.push_back({.data = data.data(), .left = data.size(), .check = hash(data)});
    }

    void filter(Request& r, std::string_view data, uint32_t flags) {
        auto before = std::exchange(r.hook_, Request::Hook::Body);
        std::string copy(data);
        plugin_.table->on_response_body(plugin_.worker, r.handle(), str(copy), flags);
        r.hook_ = before;
    }

    static std::string fileText(int fd, uint64_t offset, uint64_t size) {
        std::string copy(size, '\0');
        ssize_t got = ::pread(fd, copy.data(), size, static_cast<off_t>(offset));
        copy.resize(got < 0 ? 0 : static_cast<size_t>(got));
        return copy;
    }

    int32_t flush(Request& r, uint32_t flags) {
        if ((flags & TP_LAST) != 0) {
            r.ended_ = true;
            if (r.filtered_ || r.watched_) filter(r, {}, TP_LAST);
            if (!sendsTrailers(r)) r.trailers_.clear();
            r.truncated_ = hasBody(r) && r.length_ >= 0 && r.sent_ < static_cast<uint64_t>(r.length_);
        }
        while (!r.queue_.empty() && r.window_left_ > 0 && !r.gone_) takeFrom(r, r.queue_.front());
        if (r.gone_) {
            end(r, true);
            return TP_GONE;
        }
        if (r.queue_.empty()) {
            if (r.ended_) end(r, r.truncated_);
            return TP_SENT;
        }
        if (!std::exchange(r.waiting_, true)) ++r.waits_;
        refill(r);
        return TP_WAIT;
    }

    /// A new window in the next turn.
    void refill(Request& r) {
        if (r.window_ == 0 || r.window_ == kUnlimited || std::exchange(r.refilling_, true)) return;
        loop_.post([this, &r] {
            r.refilling_ = false;
            if (r.finishing_) return;
            r.window_left_ = r.window_;
            drain(r);
        });
    }

    void takeFrom(Request& r, Request::Chunk& chunk) {
        if (chunk.fd < 0 && hash({chunk.data, chunk.at + chunk.left}) != chunk.check)
            die("the memory of a send() was changed before on_writable()");
        uint64_t most = r.leaves_after_ > r.text_.size() ? r.leaves_after_ - r.text_.size() : 0;
        uint64_t size = std::min<uint64_t>({chunk.left, r.window_left_, most});
        if (chunk.fd >= 0) {
            std::string piece = fileText(chunk.fd, chunk.at, size);
            if (piece.size() < size) chunk.left = size = piece.size(), r.truncated_ = r.ended_ = true;
            r.text_ += piece;
        } else {
            r.text_.append(chunk.data + chunk.at, size);
        }
        chunk.at += size;
        chunk.left -= size;
        if (r.window_left_ != kUnlimited) r.window_left_ -= size;
        if (r.text_.size() >= r.leaves_after_) r.gone_ = true;
        if (chunk.left > 0) return;
        if (chunk.give) ::close(chunk.fd);
        r.queue_.pop_front();
    }

    void end(Request& r, bool aborted) {
        r.ended_ = true;
        drop(r);
        finish(r, aborted);
    }

    Loop& loop_;
    Loaded& plugin_;
    Log log_;
};

}  // namespace turnpike::fake
