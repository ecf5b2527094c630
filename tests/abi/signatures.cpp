// signatures.cpp - what the functions of ABI 1 take and return. The compiler is the test: a line that fails is a
// plugin of before that would call with the wrong arguments. Lines are added, none is ever changed.
#include <type_traits>

#include "sdk/check.h"
#include "sdk/services.h"
#include "sdk/tls.h"

#define SIGNATURE(type, name, ...) \
    static_assert(std::is_same_v<decltype(type::name), __VA_ARGS__>, #type "." #name " has another signature")

// clang-format off
SIGNATURE(tp_host, extension, const void* (*)(const char* id));
SIGNATURE(tp_host, log, void (*)(int32_t level, tp_str text));
SIGNATURE(tp_host, config_string, tp_str (*)(const tp_setup*, const char* key));
SIGNATURE(tp_host, config_integer, int64_t (*)(const tp_setup*, const char* key));
SIGNATURE(tp_host, config_list, size_t (*)(const tp_setup*, const char* key, const tp_str** items));
SIGNATURE(tp_host, config_map, size_t (*)(const tp_setup*, const char* key, const tp_field** items));
SIGNATURE(tp_host, config_is_set, int32_t (*)(const tp_setup*, const char* key));
SIGNATURE(tp_host, config_error, void* (*)(tp_setup*, const char* key, const char* message));
SIGNATURE(tp_host, site_name, tp_str (*)(const tp_setup*));
SIGNATURE(tp_host, site_root, tp_str (*)(const tp_setup*));
SIGNATURE(tp_host, site_index, size_t (*)(const tp_setup*, const tp_str** names));
SIGNATURE(tp_host, view, const tp_request_view* (*)(tp_request*));
SIGNATURE(tp_host, allocate, void* (*)(tp_request*, size_t size));
SIGNATURE(tp_host, log_request, void (*)(tp_request*, int32_t level, tp_str text));
SIGNATURE(tp_host, mark, void (*)(tp_request*, uint32_t phase));
SIGNATURE(tp_host, start, int32_t (*)(tp_request*, uint32_t status, const tp_field*, size_t count, int64_t length));
SIGNATURE(tp_host, send, int32_t (*)(tp_request*, const tp_str* parts, size_t count, uint32_t flags));
SIGNATURE(tp_host, send_file, int32_t (*)(tp_request*, int fd, uint64_t offset, uint64_t size, uint32_t flags));
SIGNATURE(tp_host, fail, void (*)(tp_request*, uint32_t status, tp_str cause));
SIGNATURE(tp_host, redirect, int32_t (*)(tp_request*, tp_str target));
SIGNATURE(tp_host, read_body, void (*)(tp_request*));
SIGNATURE(tp_host, spool_body, void (*)(tp_request*));
SIGNATURE(tp_host, set_field, int32_t (*)(tp_request*, tp_str name, const tp_str* value));
SIGNATURE(tp_host, add_field, int32_t (*)(tp_request*, tp_str name, tp_str value));
SIGNATURE(tp_host, response, const tp_response_view* (*)(tp_request*));
SIGNATURE(tp_host, set_status, void (*)(tp_request*, uint32_t status));
SIGNATURE(tp_host, filter_body, void (*)(tp_request*));
SIGNATURE(tp_host, emit, int32_t (*)(tp_request*, const tp_str* parts, size_t count));
SIGNATURE(tp_host, set_remote_user, void (*)(tp_request*, tp_str name));
SIGNATURE(tp_host, defer, tp_ticket* (*)(tp_request*));
SIGNATURE(tp_host, resume, void (*)(tp_ticket*, void (*run)(tp_request*, void* arg), void* arg));
SIGNATURE(tp_host, offload, int32_t (*)(tp_worker*, void (*work)(void* arg), void* arg));
SIGNATURE(tp_host, watch, tp_watch* (*)(tp_worker*, int fd, uint32_t events, void (*ready)(void* arg, uint32_t events), void* arg));
SIGNATURE(tp_host, unwatch, void (*)(tp_worker*, tp_watch*));
SIGNATURE(tp_host, charge, void (*)(tp_watch*, tp_request* payer));
SIGNATURE(tp_host, timer, tp_timer* (*)(tp_worker*, uint64_t milliseconds, void (*fired)(void* arg), void* arg));
SIGNATURE(tp_host, cancel, void (*)(tp_worker*, tp_timer*));
SIGNATURE(tp_host, rewrite, int32_t (*)(tp_request*, tp_str));
SIGNATURE(tp_host, add_trailer, int32_t (*)(tp_request*, tp_str name, tp_str value));
SIGNATURE(tp_host, proceed, void (*)(tp_request*));
SIGNATURE(tp_host, upgrade, int32_t (*)(tp_request*, tp_str protocol, const tp_field*, size_t count));
SIGNATURE(tp_plugin, configure, void* (*)(const tp_host*, tp_setup*));
SIGNATURE(tp_plugin, destroy, void (*)(void* self));
SIGNATURE(tp_plugin, worker_start, void* (*)(void* self, tp_worker*));
SIGNATURE(tp_plugin, worker_stop, void (*)(void* worker));
SIGNATURE(tp_plugin, on_access, tp_verdict (*)(void* worker, tp_request*));
SIGNATURE(tp_plugin, on_request, tp_verdict (*)(void* worker, tp_request*));
SIGNATURE(tp_plugin, on_body, void (*)(void* worker, tp_request*, tp_str data, uint32_t flags));
SIGNATURE(tp_plugin, on_spooled, void (*)(void* worker, tp_request*, const tp_body*));
SIGNATURE(tp_plugin, on_writable, void (*)(void* worker, tp_request*));
SIGNATURE(tp_plugin, on_done, void (*)(void* worker, tp_request*, int32_t aborted));
SIGNATURE(tp_plugin, on_response, void (*)(void* worker, tp_request*));
SIGNATURE(tp_plugin, on_response_body, void (*)(void* worker, tp_request*, tp_str data, uint32_t flags));
SIGNATURE(tp_plugin, on_log, void (*)(void* worker, tp_request*, const tp_log_record*));
SIGNATURE(tp_io, open, int32_t (*)(tp_request*, tp_str path, uint32_t how, tp_file* file));
SIGNATURE(tp_io, stat_fd, int32_t (*)(tp_request* payer, int fd, tp_file* file));
SIGNATURE(tp_io, pread, int64_t (*)(tp_request* payer, int fd, void* to, size_t size, uint64_t offset));
SIGNATURE(tp_io, list, int32_t (*)(tp_request* payer, int fd, int32_t (*each)(void* arg, tp_str name), void* arg));
SIGNATURE(tp_io, connect, int32_t (*)(tp_request* payer, tp_str address, int32_t* done));
SIGNATURE(tp_io, connected, int32_t (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, read, int64_t (*)(tp_request* payer, int fd, void* to, size_t size));
SIGNATURE(tp_io, write, int64_t (*)(tp_request* payer, int fd, const tp_str* parts, size_t count));
SIGNATURE(tp_io, pipe, int32_t (*)(tp_request* payer, int32_t fds[2], uint32_t ours));
SIGNATURE(tp_io, close, void (*)(tp_request* payer, int fd, uint32_t crossing_class));
SIGNATURE(tp_io, lane, int32_t (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, end, void (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, took, uint32_t (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, withdraw, int32_t (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, end_writing, int32_t (*)(tp_request* payer, int fd));
SIGNATURE(tp_io, look_up, int64_t (*)(tp_str name, char* to, size_t size));
SIGNATURE(tp_tls_service, declare, tp_tls* (*)(tp_setup*, const tp_tls_spec*, char* why, size_t size));
SIGNATURE(tp_tls_service, connect, int32_t (*)(tp_request* payer, tp_str address, tp_tls*, int32_t* done));
SIGNATURE(tp_tls_service, fault, tp_str (*)(int fd));
SIGNATURE(tp_process, spawn, tp_child* (*)(tp_request* payer, tp_worker*, const tp_spawn*, void (*ended)(void* arg, const tp_child_end*), void* arg, int32_t* error));
SIGNATURE(tp_process, kill, void (*)(tp_child*, uint64_t grace_ms));
SIGNATURE(tp_backend_service, declare, tp_backend* (*)(tp_setup*, const tp_backend_spec*));
SIGNATURE(tp_backend_service, address, tp_str (*)(const tp_backend*));
SIGNATURE(tp_backend_service, acquire, int32_t (*)(tp_backend*, tp_worker*));
SIGNATURE(tp_backend_service, release, void (*)(tp_backend*, tp_worker*));
SIGNATURE(tp_backend_service, wanted, int32_t (*)(tp_backend*, tp_worker*));
SIGNATURE(tp_backend_service, on_place, void (*)(tp_backend*, tp_worker*, void (*changed)(void* arg), void* arg));
SIGNATURE(tp_backend_service, running, int32_t (*)(const tp_backend*, tp_worker*));
SIGNATURE(tp_request_service, state, void* (*)(tp_request*, const void* key, size_t size, void (*end)(void* state)));
SIGNATURE(tp_request_service, set_variable, int32_t (*)(tp_request*, tp_str name, tp_str value));
SIGNATURE(tp_request_service, set_error_page, int32_t (*)(tp_request*, uint32_t status, tp_str target));
SIGNATURE(tp_request_service, set_request_field, int32_t (*)(tp_request*, tp_str name, const tp_str* value));
SIGNATURE(tp_request_service, stands_in, int32_t (*)(tp_request*));
SIGNATURE(tp_request_service, go_on_as, int32_t (*)(tp_request*, tp_str path));
SIGNATURE(tp_check, is_deep, int32_t (*)(const tp_setup*));
SIGNATURE(tp_check, found, void (*)(tp_setup*, tp_str file, uint32_t line, tp_str what));
SIGNATURE(tp_folders, watch, tp_folder_watch* (*)(tp_request* payer, int folder, void (*changed)(void* arg, uint32_t what, tp_str name), void* arg, int32_t* error));
SIGNATURE(tp_folders, unwatch, void (*)(tp_folder_watch*));
SIGNATURE(tp_shared_service, declare, tp_shared* (*)(tp_setup*, const tp_shared_spec*));
SIGNATURE(tp_shared_service, memory, void* (*)(tp_shared*));
SIGNATURE(tp_shared_service, lock, int32_t (*)(tp_shared*, uint32_t number, uint64_t wait_ms));
SIGNATURE(tp_shared_service, unlock, void (*)(tp_shared*, uint32_t number));
SIGNATURE(tp_shared_service, notices, uint64_t (*)(const tp_shared*));
SIGNATURE(tp_shared_service, notice, int32_t (*)(const tp_shared*, uint64_t number, char* to, size_t size));
SIGNATURE(tp_response_service, watch_body, void (*)(tp_request*));
SIGNATURE(tp_response_service, send_interim, int32_t (*)(tp_request*, uint32_t status, const tp_field*, size_t count));
SIGNATURE(tp_response_service, end_sending, int32_t (*)(tp_request*));
SIGNATURE(tp_response_service, splice, int64_t (*)(tp_request*, int fd, uint64_t most, int32_t* sent));
SIGNATURE(tp_background_service, begin, tp_request* (*)(tp_request* like, const tp_background_spec*, int32_t* error));
static_assert(std::is_same_v<tp_plugin_entry_fn, const tp_plugin* (*)(const tp_host*)>);
// clang-format on
