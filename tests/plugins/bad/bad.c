/* bad.c - one plugin, wrong in one way per build: -DBAD_<WAY>. Without any it is a good one. */
#include <stdlib.h>
#include <unistd.h>

#include "sdk/plugin.h"

#ifdef BAD_MISSING_SYMBOL
extern int no_library_has_this(void);
#endif

#define MAYBE_UNUSED __attribute__((unused)) /* some ways to be wrong leave the rest without a use */

MAYBE_UNUSED static void* configure(const tp_host* host, tp_setup* setup) {
    MAYBE_UNUSED static int self;
    (void)host;
    (void)setup;
#ifdef BAD_MISSING_SYMBOL
    self = no_library_has_this();
#endif
#ifdef BAD_CRASH_CONFIGURE
    abort();
#endif
#ifdef BAD_EXIT
    _exit(0);
#endif
#ifdef BAD_SILENT
    return 0;
#else
    return &self;
#endif
}

#ifdef BAD_CRASH_LOAD
__attribute__((constructor)) static void atLoad(void) { abort(); }
#endif
#ifdef BAD_CRASH_UNLOAD
__attribute__((destructor)) static void atUnload(void) { abort(); }
#endif

#ifdef BAD_CRASH_DESTROY
static void destroy(void* self) {
    (void)self;
    abort();
}
#endif

MAYBE_UNUSED static const tp_key keys[] = {
#ifdef BAD_NULL_KEY_NAME
    {0, TP_KEY_STRING, 0, 0, "Has no name."},
#endif
#ifdef BAD_KEY_NAME
    {"Size", TP_KEY_SIZE, 0, 0, "Begins with a capital letter."},
#endif
#ifdef BAD_KEY_OF_ROUTE
    {"prefix", TP_KEY_STRING, 0, 0, "Is a key that every route has."},
#endif
#ifdef BAD_KEY_TYPE
    {"size", 99, 0, 0, "Has a type that does not exist."},
#endif
#ifdef BAD_KEY_DEFAULT
    {"size", TP_KEY_SIZE, 1, "1", "Is required and has a default."},
#endif
#ifdef BAD_KEY_HELP
    {"size", TP_KEY_SIZE, 0, "1", 0},
#endif
    {"greeting", TP_KEY_STRING, 0, "hello", "What to say."},
#ifdef BAD_DUPLICATE_KEYS
    {"greeting", TP_KEY_STRING, 0, "hello", "What to say."},
#endif
};

MAYBE_UNUSED static const tp_plugin table = {
#if defined(BAD_TINY)
    .struct_size = 4,
#elif defined(BAD_SHORT)
    .struct_size = sizeof(tp_plugin) - 8,
#elif defined(BAD_LONG)
    .struct_size = sizeof(tp_plugin) + 8,
#else
    .struct_size = sizeof(tp_plugin),
#endif
#ifdef BAD_MAJOR
    .abi_major = TP_ABI_MAJOR + 1,
#else
    .abi_major = TP_ABI_MAJOR,
#endif
#ifdef BAD_MINOR
    .abi_minor = TP_ABI_MINOR + 1,
#else
    .abi_minor = TP_ABI_MINOR,
#endif
#if defined(BAD_CAPABILITIES)
    .capabilities = 0x80000000u,
#elif defined(GOOD_RESIDENT)
    .capabilities = TP_CAP_RESIDENT,
#endif
    .key_count = sizeof keys / sizeof keys[0],
#ifndef BAD_NULL_KEYS
    .keys = keys,
#endif
#ifndef BAD_NULL_NAME
    .name = "bad",
#endif
#ifndef BAD_NULL_VERSION
    .version = "1.0",
#endif
#ifndef BAD_NULL_SUMMARY
    .summary = "good unless built otherwise",
#endif
#ifndef BAD_NULL_CONFIGURE
    .configure = configure,
#endif
#ifdef BAD_CRASH_DESTROY
    .destroy = destroy,
#endif
};

#ifdef BAD_NO_SYMBOL
TP_EXPORT const tp_plugin* tp_plugin_entrance(const tp_host* host);
TP_EXPORT const tp_plugin* tp_plugin_entrance(const tp_host* host) {
#else
TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host);
TP_EXPORT const tp_plugin* tp_plugin_entry(const tp_host* host) {
#endif
    (void)host;
#ifdef BAD_NULL_TABLE
    return 0;
#else
    return &table;
#endif
}
