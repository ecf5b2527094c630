/* unsized.c - declares a backend, and says of its tp_backend_spec that it has SPEC_SIZE bytes. */
#include "sdk/services.h"

static void* configure(const tp_host* host, tp_setup* setup) {
    const tp_backend_service* service = host->extension(TP_BACKEND_ID);
    const tp_backend_spec spec = {
        .struct_size = SPEC_SIZE, .count = 1, .name = {"app", 3}, .address = {"unix:/s", 7}};
    return service->declare(setup, &spec);
}

static tp_verdict on_request(void* worker, tp_request* request) {
    (void)worker;
    (void)request;
    return TP_DECLINED;
}

TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host);
TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host) {
    static const tp_plugin table = {.struct_size = sizeof table,
                                    .abi_major = TP_ABI_MAJOR,
                                    .abi_minor = TP_ABI_MINOR,
                                    .name = "unsized",
                                    .version = "1.0",
                                    .summary = "forgets a size",
                                    .configure = configure,
                                    .on_request = on_request};
    (void)host;
    return &table;
}
