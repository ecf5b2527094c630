// throws.cpp - throws through the C table, which a plugin must not.
#include <stdexcept>

#include "sdk/plugin.h"

namespace {
void* configure(const tp_host*, tp_setup*) {
#ifdef BAD_THROWS_NUMBER
    throw 42;
#else
    throw std::runtime_error("no such thing");
#endif
}
}  // namespace

extern "C" TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host*) {
    static tp_plugin table{};
    table.struct_size = sizeof table;
    table.abi_major = TP_ABI_MAJOR;
    table.abi_minor = TP_ABI_MINOR;
    table.name = "throws";
    table.version = "1.0";
    table.summary = "throws in configure()";
    table.configure = configure;
    return &table;
}
