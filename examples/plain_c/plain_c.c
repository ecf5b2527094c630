/* plain_c.c - a plugin without C++: it answers with the path that it was asked for. */
#include <string.h>

#include "sdk/plugin.h"

static const tp_host* host; /* the same table for every instance */

static tp_str text(const char* s) {
    tp_str view = {s, strlen(s)};
    return view;
}

/* There is nothing to configure, but the instance must not be NULL. */
static void* configure(const tp_host* given, tp_setup* setup) {
    static int instance;
    (void)setup;
    host = given;
    return &instance;
}

static tp_verdict onRequest(void* worker, tp_request* request) {
    (void)worker;
    const tp_request_view* view = host->view(request);
    /* The view lives until on_done(), so its bytes may be sent without a copy. */
    const tp_str parts[] = {text("C says: "), view->path, text("\n")};
    const tp_field fields[] = {{text("content-type"), text("text/plain; charset=utf-8")}};
    size_t size = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) size += parts[i].len;
    if (host->start(request, 200, fields, 1, (int64_t)size) < 0) return TP_FAILED;
    int32_t sent = host->send(request, parts, sizeof parts / sizeof parts[0], TP_LAST);
    return sent == TP_WAIT ? TP_PENDING : TP_DONE;
}

static const tp_plugin table = {
    .struct_size = sizeof(tp_plugin),
    .abi_major = TP_ABI_MAJOR,
    .abi_minor = TP_ABI_MINOR,
    .name = "plain_c",
    .version = "1.0",
    .summary = "answers with the path, in C",
    .configure = configure,
    .on_request = onRequest,
};

TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* given);
TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* given) {
    (void)given;
    return &table;
}
