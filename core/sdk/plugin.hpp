// plugin.hpp - the C++20 face of plugin.h: write a class, get a table.
//
//     struct Hello {
//         static constexpr const char *name = "hello", *version = "1.0", *summary = "says hello";
//         static constexpr tp_key keys[] = {{"greeting", TP_KEY_STRING, 0, "hello", "What to say."}};  // optional
//         Hello(const tp_host& host, tp_setup& setup);            // throw turnpike::Refused to refuse
//         struct Worker {
//             Worker(Hello& plugin, tp_worker* worker);
//             tp_verdict onRequest(tp_request* request);          // and onAccess, onBody, onSpooled, onWritable,
//         };                                                      // onDone, onResponse, onResponseBody, onLog
//     };
//     TURNPIKE_PLUGIN(Hello)
//
// A hook that Worker does not have stays null and costs nothing. No exception crosses the ABI.
#pragma once
#include <concepts>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "plugin.h"

namespace turnpike {

inline std::string_view text(tp_str s) noexcept { return {s.ptr, s.len}; }
inline tp_str str(std::string_view s) noexcept { return {s.data(), s.size()}; }

/// Thrown by a plugin's constructor: this config is not acceptable. `key` says where, empty: the plugin's own
/// line.
struct Refused : std::exception {
    Refused(std::string key_name, std::string why) : key(std::move(key_name)), message(std::move(why)) {}
    const char* what() const noexcept override { return message.c_str(); }
    std::string key, message;
};

/// The value of the first request field with that lower-case name; empty when there is none.
inline std::string_view field(const tp_request_view& view, std::string_view name) noexcept {
    for (uint32_t i = 0; i < view.field_count; ++i)
        if (text(view.fields[i].name) == name) return text(view.fields[i].value);
    return {};
}

/// A whole answer with a body that may be reused at once when it is small, or lives until on_done() otherwise.
inline tp_verdict answer(const tp_host& host, tp_request* request, uint32_t status, std::string_view type,
                         std::string_view body) noexcept {
    tp_field fields[] = {{str("content-type"), str(type)}};
    if (host.start(request, status, fields, 1, static_cast<int64_t>(body.size())) < 0) return TP_FAILED;
    tp_str part = str(body);
    return host.send(request, &part, 1, TP_LAST) == TP_WAIT ? TP_PENDING : TP_DONE;
}

/// tp_host.add_trailer() with views.
inline int32_t addTrailer(const tp_host& host, tp_request* request, std::string_view name,
                          std::string_view value) noexcept {
    return host.add_trailer(request, str(name), str(value));
}

namespace detail {

/// Builds the ABI table of `P`.
template <class P>
struct Table {
    using W = typename P::Worker;

    static void* configure(const tp_host* host, tp_setup* setup) noexcept {
        try {
            return new P(*host, *setup);
        } catch (const Refused& refused) {
            return host->config_error(setup, refused.key.c_str(), refused.what());
        } catch (const std::exception& e) {
            return host->config_error(setup, "", e.what());
        } catch (...) {
            return host->config_error(setup, "", "unknown exception");
        }
    }
    static void destroy(void* self) noexcept { delete static_cast<P*>(self); }
    static void* workerStart(void* self, tp_worker* worker) noexcept {
        try {
            return new W(*static_cast<P*>(self), worker);
        } catch (...) {
            return nullptr;
        }
    }
    static void workerStop(void* w) noexcept { delete static_cast<W*>(w); }
    static tp_verdict onAccess(void* w, tp_request* r) noexcept {
        try {
            return static_cast<W*>(w)->onAccess(r);
        } catch (...) {
            return TP_FAILED;
        }
    }
    static tp_verdict onRequest(void* w, tp_request* r) noexcept {
        try {
            return static_cast<W*>(w)->onRequest(r);
        } catch (...) {
            return TP_FAILED;
        }
    }
    // The hooks without a verdict are declared noexcept by their authors: an exception there ends this worker
    // only.
    static void onBody(void* w, tp_request* r, tp_str data, uint32_t flags) noexcept {
        static_cast<W*>(w)->onBody(r, text(data), (flags & TP_LAST) != 0);
    }
    static void onSpooled(void* w, tp_request* r, const tp_body* b) noexcept {
        static_cast<W*>(w)->onSpooled(r, *b);
    }
    static void onWritable(void* w, tp_request* r) noexcept { static_cast<W*>(w)->onWritable(r); }
    static void onDone(void* w, tp_request* r, int32_t aborted) noexcept {
        static_cast<W*>(w)->onDone(r, aborted != 0);
    }
    static void onResponse(void* w, tp_request* r) noexcept { static_cast<W*>(w)->onResponse(r); }
    static void onResponseBody(void* w, tp_request* r, tp_str data, uint32_t flags) noexcept {
        static_cast<W*>(w)->onResponseBody(r, text(data), (flags & TP_LAST) != 0);
    }
    static void onLog(void* w, tp_request* r, const tp_log_record* record) noexcept {
        static_cast<W*>(w)->onLog(r, *record);
    }

    static constexpr tp_plugin make() {
        tp_plugin t{};
        t.struct_size = sizeof t;
        t.abi_major = TP_ABI_MAJOR;
        t.abi_minor = TP_ABI_MINOR;
        if constexpr (requires { P::capabilities; }) t.capabilities = P::capabilities;
        if constexpr (requires { P::keys; }) {
            t.keys = P::keys;
            t.key_count = std::extent_v<std::remove_reference_t<decltype(P::keys)>>;
        }
        t.name = P::name;
        t.version = P::version;
        t.summary = P::summary;
        t.configure = configure;
        t.destroy = destroy;
        t.worker_start = workerStart;
        t.worker_stop = workerStop;
        if constexpr (requires(W & w, tp_request * r) {
                          { w.onAccess(r) } -> std::same_as<tp_verdict>;
                      })
            t.on_access = onAccess;
        if constexpr (requires(W & w, tp_request * r) {
                          { w.onRequest(r) } -> std::same_as<tp_verdict>;
                      })
            t.on_request = onRequest;
        if constexpr (requires(W & w, tp_request * r) { w.onBody(r, std::string_view(), true); })
            t.on_body = onBody;
        if constexpr (requires(W & w, tp_request * r, const tp_body& b) { w.onSpooled(r, b); })
            t.on_spooled = onSpooled;
        if constexpr (requires(W & w, tp_request * r) { w.onWritable(r); }) t.on_writable = onWritable;
        if constexpr (requires(W & w, tp_request * r) { w.onDone(r, true); }) t.on_done = onDone;
        if constexpr (requires(W & w, tp_request * r) { w.onResponse(r); }) t.on_response = onResponse;
        if constexpr (requires(W & w, tp_request * r) { w.onResponseBody(r, std::string_view(), true); })
            t.on_response_body = onResponseBody;
        if constexpr (requires(W & w, tp_request * r, const tp_log_record& l) { w.onLog(r, l); }) t.on_log = onLog;
        return t;
    }
};

}  // namespace detail
}  // namespace turnpike

#define TURNPIKE_PLUGIN(Class)                                                     \
    extern "C" TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host*) {        \
        static constexpr tp_plugin table = turnpike::detail::Table<Class>::make(); \
        return &table;                                                             \
    }
