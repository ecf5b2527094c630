/* plugin.h - the whole contract between Turnpike and a plugin.
 *
 * C11 and nothing but <stddef.h> and <stdint.h>, so that no compiler, standard library or Poco
 * version is part of the contract. C++ authors write a class against plugin.hpp instead.
 *
 * Each function says where it may be called: [setup] inside configure(), [loop] on the worker's
 * event-loop thread, [pool] on a blocking-pool thread, [any] on any thread. A tp_str is borrowed and
 * not NUL-terminated; it lives as long as the sentence beside it says. No function may throw.
 * Functions that can fail return 0 or more on success and -errno on failure, unless they say otherwise.
 * Structures grow at the end only, and each begins with its size: test struct_size before you use a
 * member that a later minor version added.
 *
 * Versions. MINOR: something was appended. MAJOR: anything else. A host loads a plugin when MAJOR is
 * equal and the plugin's MINOR is not above its own.
 *   1.0  first release
 */
#ifndef TP_PLUGIN_H
#define TP_PLUGIN_H
#include <stddef.h> /* NOLINT(modernize-deprecated-headers): C11 */
#include <stdint.h> /* NOLINT(modernize-deprecated-headers): C11 */
#define TP_ABI_MAJOR 1u
#define TP_ABI_MINOR 0u
#ifdef __cplusplus
extern "C" {
#endif

typedef struct tp_request tp_request; /* host-owned; valid until on_done() returns */
typedef struct tp_worker tp_worker;   /* host-owned; one event loop, from worker_start to worker_stop */
typedef struct tp_setup tp_setup;     /* host-owned; valid during configure() */
typedef struct tp_ticket tp_ticket;   /* a weak reference to a request, see defer() */
typedef struct tp_watch tp_watch;     /* one watched descriptor, until unwatch() */
typedef struct tp_timer tp_timer;     /* one armed timer, until it fires or cancel() */

typedef struct tp_str {
    const char* ptr;
    size_t len;
} tp_str;
typedef struct tp_field {
    tp_str name, value;
} tp_field;

/* What a hook decided. Fixed width: a C enum has no fixed size. */
typedef int32_t tp_verdict;
#define TP_DECLINED 0 /* not mine: the next plugin is asked */
#define TP_DONE 1     /* answered: the response is complete or fully queued */
#define TP_PENDING 2  /* mine: I go on when a watch, timer, ticket, body or on_writable calls me */
#define TP_FAILED 3   /* mine, and it went wrong: 500 unless fail() named another status */

/* Well-known request fields, for the bit set tp_request_view.present. */
#define TP_HAS_IF_MATCH 0x1u
#define TP_HAS_IF_NONE_MATCH 0x2u
#define TP_HAS_IF_MODIFIED_SINCE 0x4u
#define TP_HAS_IF_UNMODIFIED_SINCE 0x8u
#define TP_HAS_IF_RANGE 0x10u
#define TP_HAS_RANGE 0x20u
#define TP_HAS_ACCEPT_ENCODING 0x40u
#define TP_HAS_AUTHORIZATION 0x80u
#define TP_HAS_COOKIE 0x100u

#define TP_METHOD_OTHER 0 /* see view.method for the name */
#define TP_METHOD_GET 1
#define TP_METHOD_HEAD 2
#define TP_METHOD_POST 3
#define TP_METHOD_PUT 4
#define TP_METHOD_DELETE 5
#define TP_METHOD_OPTIONS 6
#define TP_METHOD_PATCH 7

#define TP_LENGTH_UNKNOWN (-1)

/* Everything that a hook reads of a request, in one block. Every view lives until on_done().
 * After redirect() path, query and method are those of the new target. */
typedef struct tp_request_view {
    uint32_t struct_size;
    uint32_t field_count;
    const tp_field* fields;   /* lower-case names in wire order; hop-by-hop fields and Proxy are gone */
    uint64_t present;         /* TP_HAS_* */
    uint64_t id;              /* the request id of the logs, printed as 16 hex digits */
    int32_t method_id;        /* TP_METHOD_* */
    uint32_t secure;          /* 1 over TLS */
    int64_t body_length;      /* 0 no body; TP_LENGTH_UNKNOWN for a chunked one */
    uint64_t received_ns;     /* CLOCK_MONOTONIC, first byte of the request */
    int64_t received_unix_ms; /* CLOCK_REALTIME, the same moment */
    tp_str method;
    tp_str target;   /* as it came */
    tp_str path;     /* decoded once, normalised, begins with '/', no NUL, no "..", valid UTF-8 */
    tp_str query;    /* raw, without '?' */
    tp_str host;     /* lower case, without port */
    tp_str protocol; /* "HTTP/1.1" */
    tp_str remote_address, local_address; /* numeric, without port */
    uint16_t remote_port, local_port;
    uint32_t reserved;
    tp_str site;                    /* the site's name */
    tp_str document_root;           /* absolute, no trailing slash; empty when the site has none */
    tp_str route_prefix;            /* the prefix that the route matched, or empty */
    tp_str remote_user;             /* who an access plugin found, or empty */
    tp_str tls_version, tls_cipher; /* "TLSv1.3", "TLS_AES_128_GCM_SHA256"; empty without TLS */
    /* The client's certificate, once it was checked against the site's authorities; empty without one. Names as
     * RFC 2253 writes them ("CN=client,O=Example"), the serial number in hexadecimal. */
    tp_str client_subject, client_issuer, client_serial;
    uint64_t client_verified;  /* 1: there is one */
    tp_str upgrade;            /* protocols that the client offers to switch to, where upgrade() could; or empty */
    const tp_field* variables; /* what set_variable() of services.h gave programs to see */
    size_t variable_count;
    /* The id of the request for which a plugin began this one (turnpike.background/1 in services.h): no client
     * waits for it. 0: a client's. */
    uint64_t background_of;
} tp_request_view;

/* A request body that the host has taken in whole: in memory, or in an unnamed file at offset 0. */
typedef struct tp_body {
    uint32_t struct_size;
    int32_t fd;    /* -1: all of it is in memory. Owned by the host, lives until on_done() */
    uint64_t size; /* exact, also when the client sent no length */
    tp_str memory; /* lives until on_done() */
} tp_body;

/* What is being sent, for filters and observers. */
typedef struct tp_response_view {
    uint32_t struct_size;
    uint32_t status;
    const tp_field* fields;
    size_t field_count;
    int64_t length; /* TP_LENGTH_UNKNOWN while streaming */
} tp_response_view;

/* Crossing classes of the ledger: what a system call was made for. */
#define TP_CLASS_CLIENT 0  /* sockets to clients */
#define TP_CLASS_BACKEND 1 /* sockets and pipes to the process that answers */
#define TP_CLASS_FILE 2    /* content, scripts, spools */
#define TP_CLASS_EVENT 3   /* epoll and wake-ups, shared by the requests they served */
#define TP_CLASS_SPAWN 4   /* asking for, and reaping, a process */
#define TP_CLASS_LISTEN 5  /* accept */
#define TP_CLASS_LOG 6     /* logs */
#define TP_CLASS_COUNT 7

typedef struct tp_crossing {
    uint64_t calls, errors, bytes;
} tp_crossing;

/* Phases that a plugin may mark(). The time is that of the call. */
#define TP_PHASE_QUEUED 0     /* began to wait for a backend */
#define TP_PHASE_CONNECTED 1  /* has its backend */
#define TP_PHASE_SENT 2       /* the backend has the whole request */
#define TP_PHASE_FIRST_BYTE 3 /* the backend began to answer */
#define TP_PHASE_LAST_BYTE 4  /* the backend has answered */
#define TP_PHASE_COUNT 5

/* A finished request, for log observers. Valid during on_log(). Times in microseconds since
 * received_ns; -1 for a phase that was not reached. */
typedef struct tp_log_record {
    uint32_t struct_size;
    uint32_t status;
    uint64_t bytes_sent;     /* body bytes that left */
    uint64_t bytes_received; /* body bytes that came */
    int64_t total_us, routed_us, first_sent_us;
    int64_t phase_us[TP_PHASE_COUNT];
    int32_t aborted;      /* 1: the client left first */
    uint32_t event_milli; /* this request's share of event calls, in thousandths */
    const char* plugin;   /* who answered */
    tp_crossing crossings[TP_CLASS_COUNT];
} tp_log_record;

#define TP_LOG_ERROR 0
#define TP_LOG_WARN 1
#define TP_LOG_INFO 2
#define TP_LOG_DEBUG 3

#define TP_LAST 0x1u    /* this ends the body */
#define TP_GIVE_FD 0x2u /* send_file(): the host closes fd */

#define TP_SENT 0 /* everything is taken; you may send again now, and reuse your memory */
#define TP_WAIT 1 /* keep it valid and unchanged, send nothing more before on_writable() */
#define TP_GONE 2 /* the client has left; on_done(aborted) follows */

#define TP_READABLE 0x1u
#define TP_WRITABLE 0x2u
#define TP_HANGUP 0x4u /* told, never asked for: the peer closed or failed */

/* What the server does for plugins. */
typedef struct tp_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;

    /* [any] A table of more functions ("turnpike.io/1", see services.h), NULL when this host has none. */
    const void* (*extension)(const char* id);
    /* [any] One line to the error log. */
    void (*log)(int32_t level, tp_str text);

    /* [setup] Values of the keys that this plugin declared, defaults applied. They live as long as the
     * instance. A duration is in milliseconds, a size in bytes, a boolean 0 or 1. */
    tp_str (*config_string)(const tp_setup*, const char* key);
    int64_t (*config_integer)(const tp_setup*, const char* key);
    size_t (*config_list)(const tp_setup*, const char* key, const tp_str** items);
    size_t (*config_map)(const tp_setup*, const char* key, const tp_field** items);
    /* [setup] 1 when the config file sets the key itself. */
    int32_t (*config_is_set)(const tp_setup*, const char* key);
    /* [setup] Refuse: the message is shown with file, line and column of the key. Returns NULL, so that
     * configure() can `return host->config_error(...)`. */
    void* (*config_error)(tp_setup*, const char* key, const char* message);
    /* [setup] The site that this instance belongs to: name, root ("" for none), index names. */
    tp_str (*site_name)(const tp_setup*);
    tp_str (*site_root)(const tp_setup*);
    size_t (*site_index)(const tp_setup*, const tp_str** names);

    /* [loop,pool] The request; lives until on_done(). */
    const tp_request_view* (*view)(tp_request*);
    /* [loop] Aligned for anything, freed with the request; NULL when the request's limit is reached. */
    void* (*allocate)(tp_request*, size_t size);
    /* [loop,pool] As log(), with the request's id and site. */
    void (*log_request)(tp_request*, int32_t level, tp_str text);
    /* [loop] Note the time of TP_PHASE_*. */
    void (*mark)(tp_request*, uint32_t phase);

    /* [loop] Begin the response. Fields are copied; names and values are checked (-EINVAL). Framing,
     * Date, Server and Connection are the host's and skipped here. length: of the body, or
     * TP_LENGTH_UNKNOWN. Nothing leaves before the first send() or the end of the hook. -EALREADY: begun. */
    int32_t (*start)(tp_request*, uint32_t status, const tp_field*, size_t count, int64_t length);
    /* [loop] Part of the body: TP_SENT, TP_WAIT or TP_GONE. For HEAD the host drops the bytes. Bytes past
     * the declared length are dropped and logged; fewer end the connection. */
    int32_t (*send)(tp_request*, const tp_str* parts, size_t count, uint32_t flags);
    /* [loop] The same from a file, without a copy where the transport can. fd must stay open until
     * on_writable() or on_done(), unless TP_GIVE_FD. */
    int32_t (*send_file)(tp_request*, int fd, uint64_t offset, uint64_t size, uint32_t flags);
    /* [loop] Answer with the site's error page for status, if nothing was sent yet; otherwise end the
     * connection. cause goes to the error log, never to the visitor. A 503 carries Retry-After. */
    void (*fail)(tp_request*, uint32_t status, tp_str cause);
    /* [loop] Route again as a GET for `target` (path with optional ?query), at most 10 times. The caller
     * gives the request up: on_done() is called for it, then the new handler. -ELOOP, -EINVAL, -EALREADY. */
    int32_t (*redirect)(tp_request*, tp_str target);

    /* [loop] Ask for the next part of the body; on_body() brings it later, never from inside this call.
     * One at a time: the client is held back until the next read_body(). The body is the handler's: an access hook
     * that asks for it without having begun an answer fails the request with 500, as with spool_body(). */
    void (*read_body)(tp_request*);
    /* [loop] Take the whole body in first; on_spooled() brings it. Fails the request by itself with 413,
     * 408 or 507. Not after read_body(). */
    void (*spool_body)(tp_request*);

    /* [loop] In access hooks, while one holds the request, and in filter hooks: set (replacing), remove, or add a
     * response field that every answer to this request will carry; value NULL removes. Copied. */
    int32_t (*set_field)(tp_request*, tp_str name, const tp_str* value);
    int32_t (*add_field)(tp_request*, tp_str name, tp_str value);
    /* [loop] In on_response(): the head that is about to leave; lives until the hook returns. */
    const tp_response_view* (*response)(tp_request*);
    /* [loop] In on_response(): change the status. */
    void (*set_status)(tp_request*, uint32_t status);
    /* [loop] In on_response(): the body's length is no longer known, and on_response_body() of this plugin is
     * called for this response. */
    void (*filter_body)(tp_request*);
    /* [loop] In on_response_body(): hand bytes to the next filter or the client; copied. */
    int32_t (*emit)(tp_request*, const tp_str* parts, size_t count);
    /* [loop] In on_access() and while it holds the request: who the client is. Copied. */
    void (*set_remote_user)(tp_request*, tp_str name);

    /* [loop; pool inside on_request() of a TP_CAP_BLOCKING plugin] A weak reference for other threads, to be
     * resumed exactly once. */
    tp_ticket* (*defer)(tp_request*);
    /* [any] run(request, arg) on the loop; request is NULL if it has ended meanwhile. Consumes the ticket. */
    void (*resume)(tp_ticket*, void (*run)(tp_request*, void* arg), void* arg);
    /* [loop] work(arg) on the blocking pool; finish with resume(). -EAGAIN when its queue is full. */
    int32_t (*offload)(tp_worker*, void (*work)(void* arg), void* arg);

    /* [loop] Edge-triggered: ready() is called when readiness changes, so read or write until it would
     * block. payer: whose ledger a wake-up is charged to, may be NULL and changed with charge(). */
    tp_watch* (*watch)(tp_worker*, int fd, uint32_t events, void (*ready)(void* arg, uint32_t events), void* arg);
    void (*unwatch)(tp_worker*, tp_watch*);       /* [loop] before close() */
    void (*charge)(tp_watch*, tp_request* payer); /* [loop] NULL: the worker itself */
    tp_timer* (*timer)(tp_worker*, uint64_t milliseconds, void (*fired)(void* arg), void* arg); /* [loop] once */
    void (*cancel)(tp_worker*, tp_timer*); /* [loop] an armed one only */

    /* [loop] As redirect(), but the request stays what it is, method and body: for a front controller or an index
     * script. -EALREADY also after read_body() or spool_body(). */
    int32_t (*rewrite)(tp_request*, tp_str target);

    /* [loop] A field that follows the body (RFC 9110 6.5), until the body's end is sent; body filters may add one
     * while they see TP_LAST. Copied. It leaves with a chunked HTTP/1.1 answer to a client that said "TE:
     * trailers" and is dropped otherwise, also with 0. Names known when the head leaves are announced. fail() and
     * redirect() drop them all. -EINVAL also for a field that is needed before the body (framing, routing,
     * conditions, authentication, control, content); -EALREADY after the end; -ENOMEM at the request's limit. */
    int32_t (*add_trailer)(tp_request*, tp_str name, tp_str value);

    /* [loop] The request that on_access() holds passes: once the current callback has returned on_done(0) is
     * called for the hold, then the next access hook or the handler. A later fail() still refuses it. When nothing
     * is held, an error in the log. */
    void (*proceed)(tp_request*);

    /* [loop] Instead of start(), for a request that offers it and has no body: 101 Switching Protocols to
     * `protocol`, with these fields. From then on the request is a tunnel: send() and read_body() pass bytes as
     * they are, each with its back-pressure and without the host's deadline for bodies, and no filter sees them.
     * on_body() with TP_LAST: the client sends no more. send() with TP_LAST ends both directions. -ENOTSUP: the
     * client did not offer it, or its connection cannot; -EINVAL, -EALREADY as start(). */
    int32_t (*upgrade)(tp_request*, tp_str protocol, const tp_field*, size_t count);
} tp_host;

/* A config key, declared once: parsing, errors, `turnpike explain` and the manual come from it. */
#define TP_KEY_STRING 0
#define TP_KEY_INTEGER 1
#define TP_KEY_BOOLEAN 2
#define TP_KEY_DURATION 3 /* "30s", "500ms"; config_integer() gives milliseconds */
#define TP_KEY_SIZE 4     /* "64KiB", "1MiB"; config_integer() gives bytes */
#define TP_KEY_LIST 5     /* of strings */
#define TP_KEY_MAP 6      /* of strings to strings */
typedef struct tp_key {
    const char* name;
    int32_t type;         /* TP_KEY_* */
    int32_t required;     /* 1: no default, must be set */
    const char* fallback; /* the default as it would stand in the file, NULL: empty, 0 or false */
    const char* help;     /* one or two sentences */
} tp_key;

#define TP_CAP_BLOCKING                                                                                    \
    0x1u                     /* on_request may block: the host runs it on the pool. There it may only call \
                                [pool] functions and answer through resume() */
#define TP_CAP_RESIDENT 0x2u /* never dlclose */
#define TP_CAP_SCRIPTS 0x4u  /* runs scripts: may be bound to names that are never sent as text */

/* What a plugin is. A hook left NULL gets no slot and costs nothing. */
typedef struct tp_plugin {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    uint32_t capabilities; /* TP_CAP_* */
    uint32_t key_count;
    const tp_key* keys;
    const char *name, *version, *summary;

    /* [setup] Once per place in the config that names this plugin; NULL refuses, see config_error(). */
    void* (*configure)(const tp_host*, tp_setup*);
    void (*destroy)(void* self); /* [setup] */
    /* [loop] Its result is what the hooks get; NULL refuses. Left NULL, they get that of configure(). */
    void* (*worker_start)(void* self, tp_worker*);
    void (*worker_stop)(void* worker); /* [loop] */

    /* [loop] Before content: TP_DECLINED lets the request pass; TP_DONE or TP_FAILED end it; TP_PENDING holds it,
     * until proceed() or an answer. Asked again when the request goes to another path by redirect() or rewrite():
     * fields that it set for the first path are gone. */
    tp_verdict (*on_access)(void* worker, tp_request*);
    /* [loop; pool with TP_CAP_BLOCKING] Content. */
    tp_verdict (*on_request)(void* worker, tp_request*);
    void (*on_body)(void* worker, tp_request*, tp_str data, uint32_t flags); /* [loop] data: this call; TP_LAST */
    void (*on_spooled)(void* worker, tp_request*, const tp_body*);           /* [loop] */
    void (*on_writable)(void* worker, tp_request*);                          /* [loop] after TP_WAIT */
    /* [loop] Exactly once for each request for which on_request() returned something else than TP_DECLINED, and
     * for each that on_access() held or ended. aborted: the client left, or the host ended it. Release everything
     * here. */
    void (*on_done)(void* worker, tp_request*, int32_t aborted);
    /* [loop] The response's head is about to leave. */
    void (*on_response)(void* worker, tp_request*);
    /* [loop] A part of the body, after filter_body(). data: this call. */
    void (*on_response_body)(void* worker, tp_request*, tp_str data, uint32_t flags);
    /* [loop] The request has ended. */
    void (*on_log)(void* worker, tp_request*, const tp_log_record*);
} tp_plugin;

/* The only exported symbol. Returns a static table, or NULL to refuse this host. */
typedef const tp_plugin* (*tp_plugin_entry_fn)(const tp_host*);
#define TP_PLUGIN_ENTRY "tp_plugin_entry"
#define TP_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
}
#endif
#endif
