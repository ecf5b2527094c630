/* unsized.c - declares a backend and does not say how large its tp_backend_spec is. */
#include "sdk/services.h"

static void* configure(const tp_host* host, tp_setup* setup) {
    const tp_backend_service* service = host->extension(TP_BACKEND_ID);
    const tp_backend_spec spec = {.count = 1, .name = {"app", 3}, .address = {"unix:/s", 7}};
    return service->declare(setup, &spec);
}

TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host);
TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host) {
    static const tp_plugin table = {.struct_size = sizeof table,
                                    .abi_major = TP_ABI_MAJOR,
                                    .abi_minor = TP_ABI_MINOR,
                                    .name = "unsized",
                                    .version = "1.0",
                                    .summary = "forgets a size",
                                    .configure = configure};
    (void)host;
    return &table;
}
