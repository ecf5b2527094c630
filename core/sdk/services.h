/* services.h - the host's extensions for plugins that open files and talk to other processes.
 *
 * Tables found by name through tp_host.extension(). Every function that crosses into the kernel names
 * the request that pays for it, so that the ledger is complete; NULL charges the worker. Failures are
 * -errno. Descriptors are close-on-exec, sockets and pipes non-blocking.
 */
#ifndef TP_SERVICES_H
#define TP_SERVICES_H
#include "plugin.h"
#ifdef __cplusplus
extern "C" {
#endif

#define TP_IO_ID "turnpike.io/1"
#define TP_PROCESS_ID "turnpike.process/1"
#define TP_BACKEND_ID "turnpike.backend/1"
#define TP_REQUEST_ID "turnpike.request/1"
#define TP_FOLDERS_ID "turnpike.folders/1"
#define TP_SHARED_ID "turnpike.shared/1"
#define TP_RESPONSE_ID "turnpike.response/1"
#define TP_BACKGROUND_ID "turnpike.background/1"

#define TP_FILE_REGULAR 1
#define TP_FILE_DIRECTORY 2
#define TP_FILE_OTHER 3
typedef struct tp_file {
    uint32_t struct_size;
    int32_t type; /* TP_FILE_* */
    uint64_t size, inode, device;
    int64_t mtime_s, mtime_ns;
    uint32_t mode;
    uint32_t reserved;
} tp_file;

#define TP_OPEN_CONTENT 0   /* to be sent: names on the never-static list are refused with -EPERM */
#define TP_OPEN_SCRIPT 1    /* to be run: only looked up, the descriptor cannot be read */
#define TP_OPEN_DIRECTORY 2 /* for list() */
#define TP_OPEN_SETTINGS 3  /* to be obeyed by the plugin and never sent: the rules for names do not hold */
/* Or'ed to one of them: no symbolic link is followed, whatever the site's rule, and -ELOOP says that one is on the
 * way. Who keeps what was read until the folder tells of a change needs that: a link's target tells nothing. */
#define TP_OPEN_UNLINKED 256

typedef struct tp_io {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop,pool] Open a file of the request's site: `path` below its root and never outside it, after the
     * site's rules for symbolic links, dotfiles and backup names (-ENOENT). Fills *file when not NULL. */
    int32_t (*open)(tp_request*, tp_str path, uint32_t how, tp_file* file);
    int32_t (*stat_fd)(tp_request* payer, int fd, tp_file* file);                        /* [loop,pool] */
    int64_t (*pread)(tp_request* payer, int fd, void* to, size_t size, uint64_t offset); /* [loop,pool] */
    /* [loop,pool] Calls each() for every name but "." and ".."; stops when it returns non-zero. */
    int32_t (*list)(tp_request* payer, int fd, int32_t (*each)(void* arg, tp_str name), void* arg);
    /* [loop] "unix:/path" or "127.0.0.1:9000" or "[::1]:9000"; or "memory:/path", where a program of this machine
     * listens that takes connections over shared memory (link/peer.h): read(), write(), close() and watch() are
     * the same for all, and lane() and withdraw() exist only there. It begins one request after the other; write()
     * gives -ESHUTDOWN when it begins none any more, and read() when it has not begun what was written. *done: 1
     * when already connected; otherwise wait for TP_WRITABLE and call connected(), which returns 0 or -errno. */
    int32_t (*connect)(tp_request* payer, tp_str address, int32_t* done);
    int32_t (*connected)(tp_request* payer, int fd);
    int64_t (*read)(tp_request* payer, int fd, void* to, size_t size);              /* [loop] class backend */
    int64_t (*write)(tp_request* payer, int fd, const tp_str* parts, size_t count); /* [loop] class backend */
    /* [loop] fds[0] reads, fds[1] writes. End `ours` (0 or 1) is made non-blocking, the other is for a child. */
    int32_t (*pipe)(tp_request* payer, int32_t fds[2], uint32_t ours);
    void (*close)(tp_request* payer, int fd, uint32_t crossing_class); /* [loop,pool] */
    /* [loop] Another descriptor of the connection over shared memory that `fd` belongs to, for a request that
     * waits with the program while it answers others: it begins them in the order in which they were written. The
     * connection closes with its last descriptor. -ENOTSUP: `fd` is none, or has all that there are. */
    int32_t (*lane)(tp_request* payer, int fd);
    /* [loop] The answer on `fd` was read to its end, and the next write() begins another request. Nothing where
     * `fd` is no connection over shared memory. */
    void (*end)(tp_request* payer, int fd);
    /* [loop] Microseconds from the beginning to the end of the request that was answered last on `fd`, as the
     * program tells it; 0 where nobody does. */
    uint32_t (*took)(tp_request* payer, int fd);
    /* [loop] 1: the request that was written to `fd` was not begun and never will be; the next write() begins
     * another one. 0: it was begun, or nothing was written, or `fd` is no connection over shared memory. */
    int32_t (*withdraw)(tp_request* payer, int fd);
    /* [loop] Nothing more will be written to a socket of connect(); what its peer writes can still be read.
     * -ENOTSUP: `fd` is a connection over shared memory. */
    int32_t (*end_writing)(tp_request* payer, int fd);
    /* [setup] What a name stands for, as connect() takes it without the port: "10.0.0.5" or "[::1]", with a blank
     * between two. All addresses of one family, of IPv4 where there are any, sorted. Blocks as long as the
     * resolver does. Bytes written to `to`, or -errno: -ENOENT when the name is not known, -ENOSPC. */
    int64_t (*look_up)(tp_str name, char* to, size_t size);
} tp_io;

/* Programs that answer one request, started by the spawner process as the site's user. */
typedef struct tp_child tp_child;
typedef struct tp_spawn {
    uint32_t struct_size;
    int32_t stdin_fd, stdout_fd, stderr_fd; /* the child's ends; the caller closes its copies afterwards */
    tp_str directory;
    const tp_str* argv; /* argv[0] is the absolute program */
    const tp_str* env;  /* "NAME=value"; nothing else is passed */
    size_t argc, envc;
    uint64_t cpu_seconds, memory_bytes, file_bytes, open_files, processes; /* rlimits, 0: not set */
    /* Of all programs of the site that are started with these two together, by a cgroup of their own where the
     * host may make one (otherwise it warns and goes on); 0: not set. */
    uint64_t cgroup_memory_bytes, cgroup_processes;
} tp_spawn;
typedef struct tp_child_end {
    uint32_t struct_size;
    int32_t status; /* as wait(2) gives it; -1 when it could not be started, see error */
    int32_t error;  /* errno of fork or exec */
    int32_t reserved;
    uint64_t cpu_us; /* user and system time of the child and its waited-for children */
    uint64_t max_rss_kib;
} tp_child_end;
typedef struct tp_process {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] NULL with *error set when the spawner cannot be asked. ended() is called exactly once, on the
     * loop, also after release(); then the handle is gone. */
    tp_child* (*spawn)(tp_request* payer, tp_worker*, const tp_spawn*,
                       void (*ended)(void* arg, const tp_child_end*), void* arg, int32_t* error);
    /* [loop] SIGTERM to the process group, SIGKILL after grace_ms if any of it is left. */
    void (*kill)(tp_child*, uint64_t grace_ms);
} tp_process;

/* Long-running programs that answer many requests. */
typedef struct tp_backend tp_backend;
typedef struct tp_backend_spec {
    uint32_t struct_size;
    uint32_t count;        /* how many requests it can answer at once, over all workers */
    tp_str name;           /* for logs and status; one that is declared alike in several places is shared */
    tp_str address;        /* where to connect, and with a command where its socket is made; with a command and
                              no address that is a unix socket of the host's choice */
    const tp_str* command; /* argv of a program to supervise, argc 0: it is run by someone else. "{socket}"
                              is replaced by the socket's path, "{config}" by that of config_text; a program
                              "{plugins}/NAME" lies in the folder of the plugins */
    size_t argc;
    const tp_str* env; /* "NAME=value" */
    size_t envc;
    tp_str directory;
    tp_str config_text;      /* written to a private file before the program starts; "{socket}" as in command */
    uint32_t instances;      /* how many processes of the command: they share the socket as descriptor 0 */
    uint32_t listens_itself; /* 1: the program makes its own socket at {socket} (php-fpm) */
    uint64_t restart_ms;     /* first pause before a restart; doubles up to 30 s while it keeps dying */
    uint64_t memory_bytes, file_bytes, open_files, processes; /* rlimits of each process, 0: not set */
    /* Of all processes of the command together, by a cgroup of their own where the host may make one (otherwise
     * it warns and goes on); 0: not set. */
    uint64_t cgroup_memory_bytes, cgroup_processes;
} tp_backend_spec;
typedef struct tp_backend_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [setup] Declare it; the handle lives as long as the instance. NULL: refused, config_error() was called. */
    tp_backend* (*declare)(tp_setup*, const tp_backend_spec*);
    tp_str (*address)(const tp_backend*); /* [any] where to connect */
    /* [loop] One of the backend's `count` places, shared by all workers: 1 granted, 0 none free now. After 0
     * the function set by on_place() is called once when a place may be free again. */
    int32_t (*acquire)(tp_backend*, tp_worker*);
    void (*release)(tp_backend*, tp_worker*); /* [loop] */
    /* [loop] 1 when another worker waits for a place that holds none, or much fewer than this one. */
    int32_t (*wanted)(tp_backend*, tp_worker*);
    /* [loop] changed(arg): try acquire() again; give up idle places while wanted(). Without a refusal before, it
     * means that another worker waits: places that have been idle for long are better given up. */
    void (*on_place)(tp_backend*, tp_worker*, void (*changed)(void* arg), void* arg);
    /* [loop] 0 when the host runs the program itself and none of its processes lives: the socket is there all the
     * same, and a connection to it would only wait. */
    int32_t (*running)(const tp_backend*, tp_worker*);
} tp_backend_service;

/* What belongs to a request beside its answer. */
typedef struct tp_request_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] Memory of the plugin's own, zeroed, that stays with the request through redirect() and rewrite(): the
     * same one for the same `key`, which is an address of the plugin's. end(state), which may be NULL, is called
     * once, when the request is over. NULL: the request's limit is reached. */
    void* (*state)(tp_request*, const void* key, size_t size, void (*end)(void* state));
    /* [loop] In access hooks: a variable for the programs that answer, in the place of one of that name. It never
     * replaces what the server itself tells them, but for HTTP_*. Copied; gone when the request goes to another
     * path, as the fields that access hooks set. -EINVAL: no name of letters, digits and "_", or a NUL in the
     * value; -ENOMEM. */
    int32_t (*set_variable)(tp_request*, tp_str name, tp_str value);
    /* [loop] In access hooks: the page, a path with optional ?query, for an answer with `status` from 400 to 599,
     * before the site's own error_pages. Copied, and gone as variables are. -EINVAL, -ENOMEM. */
    int32_t (*set_error_page)(tp_request*, uint32_t status, tp_str target);
    /* [loop] In access hooks: the request's field `name`, in the place of all of that name, as the hooks behind
     * this one and the handlers see it; NULL: there is none. Copied, and gone as variables are. -EINVAL: no field,
     * or one that frames the request, routes it or belongs to its connection (Host, Content-Length, Expect, ...);
     * -EALREADY outside of an access hook; -ENOMEM. */
    int32_t (*set_request_field)(tp_request*, tp_str name, const tp_str* value);
    /* [loop] In access hooks: 1 when they are asked about a file that a route has found for the path that came, by
     * its `try` or by go_on_as(); the view's path is the file's. They were asked about the other one before: this
     * is about whether the file may be sent or run, not about where the client should have gone. Otherwise 0. */
    int32_t (*stands_in)(tp_request*);
    /* [loop] In on_request(), before a file is sent or run that another path than the view's names, such as a
     * folder's page. 0: go on, nobody is to be asked about it. 1: return TP_DECLINED; the access hooks are asked,
     * and when they let it pass on_request() of this route comes again, with the file's path in the view. */
    int32_t (*go_on_as)(tp_request*, tp_str path);
} tp_request_service;

/* Folders whose changes are told, so that what was read of them need not be looked at again. */
typedef struct tp_folder_watch tp_folder_watch;
#define TP_FOLDER_NAME 0 /* `name` was made, written, renamed or removed in it, or was given other rights */
#define TP_FOLDER_GONE 1 /* it was moved or removed, or changes were lost: nothing that is known of it holds */
typedef struct tp_folders {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] changed(arg, what, name) from the loop, until unwatch(), which it may call itself. `folder`: an open
     * descriptor, only used during the call. NULL with *error set to -errno: -ENOSPC when the kernel watches as
     * much as it may (fs.inotify.max_user_watches), -EACCES for a folder that may not be read. */
    tp_folder_watch* (*watch)(tp_request* payer, int folder,
                              void (*changed)(void* arg, uint32_t what, tp_str name), void* arg, int32_t* error);
    void (*unwatch)(tp_folder_watch*); /* [loop] */
} tp_folders;

/* Memory that all workers share. The master makes it before they start; a worker that is replaced finds it as it
 * was, and so do the workers of a reload whose declaration has the same name, size, locks and place. */
typedef struct tp_shared tp_shared;
typedef struct tp_shared_spec {
    uint32_t struct_size;
    uint32_t locks; /* how many go with it, at most 4096 */
    tp_str name;    /* its own among those of the site */
    uint64_t size;  /* bytes */
    tp_str token;   /* who may notify() it from outside, see `turnpike purge`; empty: the server's own user only */
    uint32_t
        on_disk; /* 1: in an unnamed file in the server's spool_folder, whose pages the kernel may write out */
    uint32_t reserved;
    const tp_str* counters; /* names of the first uint64_t of the memory, for `turnpike status`; at most 64 */
    size_t counter_count;
} tp_shared_spec;
typedef struct tp_shared_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [setup] The handle lives as long as the instance. NULL: refused, config_error() was called. */
    tp_shared* (*declare)(tp_setup*, const tp_shared_spec*);
    /* [loop] Page-aligned, all zero when it is new, at the same address in all workers that were started from the
     * same declaration; NULL where there are no workers, as when a config is only tried out. */
    void* (*memory)(tp_shared*);
    /* [loop] Lock `number`, from 0. 0: held. 1: held, and its last holder died with it: what it guards may be half
     * changed. -ETIMEDOUT after wait_ms: go on without. Hold it for microseconds: the others' loops wait. One may
     * also be kept for the worker's life, so that others see its death. */
    int32_t (*lock)(tp_shared*, uint32_t number, uint64_t wait_ms);
    void (*unlock)(tp_shared*, uint32_t number); /* [loop] */
    /* [loop] How many notices have come from outside since the memory was made. */
    uint64_t (*notices)(const tp_shared*);
    /* [loop] The text of notice `number`, from 1: its length, or -ENOENT when it has not come or was overwritten
     * (the last 1024 are kept), -EMSGSIZE when it is longer than `size`; none is longer than 1000 bytes. */
    int32_t (*notice)(const tp_shared*, uint64_t number, char* to, size_t size);
} tp_shared_service;

/* Interim responses of one request: how many, and how many bytes their fields may take as lines, all together. */
#define TP_MOST_INTERIMS 16
#define TP_MOST_INTERIM_BYTES 32768

/* More that filters and handlers may ask of an answer. A host may be older than its last members. */
typedef struct tp_response_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] In on_response(): as filter_body(), for a plugin that only looks. What on_response_body() gets goes
     * on as it is, emit() is not needed and does nothing, and the body's length stays known. */
    void (*watch_body)(tp_request*);
    /* [loop] Before start(): an interim response (RFC 9110 15.2), status 102 to 199 but 101, as 103 Early Hints
     * (RFC 8297). It leaves at once and unfiltered, and is no part of the answer: not its status, and not its
     * first byte in logs and figures. Fields are copied, checked and skipped as in start(). 0 also where the
     * client gets none: one of HTTP/1.0, and one of HTTP/1.1 unless the site's interim_http1 allows it. -EINVAL as
     * start(); -EALREADY once the answer has begun or is another's; -EMSGSIZE: more than TP_MOST_INTERIMS, or
     * fields of more than TP_MOST_INTERIM_BYTES; -EPIPE: the client has left. */
    int32_t (*send_interim)(tp_request*, uint32_t status, const tp_field*, size_t count);
    /* [loop] After upgrade(): nothing follows what was sent, and the client is told so behind it. What the client
     * says still comes by read_body(), until the TP_LAST of on_body(); then send() with TP_LAST and no bytes ends
     * the request, as it may before. -ENOTSUP: it is no tunnel; -EPIPE: it has ended. */
    int32_t (*end_sending)(tp_request*);
    /* [loop] After start() or upgrade(): the next part of the body, up to `most` bytes of what `fd` holds, a
     * socket of connect() or an end of pipe(), by splice(2): they do not come into the server's memory. How many
     * have left `fd`, and *sent: TP_SENT, TP_WAIT or TP_GONE, as send() says it. 0: `fd` has ended; -EAGAIN: it
     * holds nothing now. -ENOTSUP: somebody needs to see the bytes (a filter, TLS, HTTP/2, a HEAD that wants
     * none), or not so many were promised, or pipes are short: nothing has moved, use read() and send().
     * -EALREADY: after TP_WAIT; -EINVAL: `most` is 0. Who wants to be sure of an end, or of emptiness, reads: at
     * urgent data of TCP, and where memory is short, the kernel says the same. It is worth it for parts of 64 KiB
     * and more. */
    int64_t (*splice)(tp_request*, int fd, uint64_t most, int32_t* sent);
} tp_response_service;

/* Requests that plugins make for themselves and no client waits for. One goes the way of every other through the
 * site's hooks, routes and filters, with an id, a ledger and deadlines of its own; what comes of its answer's body
 * is dropped behind the last filter. Hooks tell it by tp_request_view.background_of. */
typedef struct tp_background_spec {
    uint32_t struct_size;
    uint32_t reserved;
    /* All that it says beside Host, copied. Nothing else of the client's goes along: no cookie, no Authorization,
     * no certificate, unless it stands here. */
    const tp_field* fields;
    size_t field_count;
    uint64_t limit_ms;   /* after that it is ended as one whose client has left */
    uint64_t most_bytes; /* the same once its answer's body turns out to be longer */
} tp_background_spec;
typedef struct tp_background_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] A GET of the target that `like` came with, for the same host and as from the same address and port.
     * It begins after the current callback, outlives `like` and its connection, and always comes to an on_log():
     * until then the handle, which is good for telling it apart at first and for everything from its first hook
     * on, is its own. A worker that is drained waits for it. NULL with *error: -EAGAIN when limits.background or
     * limits.background_per_site are reached, or the worker is drained; -ELOOP: `like` is one itself; -ENOTSUP:
     * its target is no path; -EINVAL: a field that set_request_field() would not take; -ENOMEM. */
    tp_request* (*begin)(tp_request* like, const tp_background_spec*, int32_t* error);
} tp_background_service;

#ifdef __cplusplus
}
#endif
#endif
