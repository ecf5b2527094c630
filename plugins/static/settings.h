// settings.h - what the config says about one instance of the plugin. Never changed after configure().
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "mime.h"
#include "sdk/plugin.hpp"

namespace turnpike::static_files {

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"autoindex", TP_KEY_BOOLEAN, 0, "false", "List a directory that has no index file. At most 1000 names."},
    {"precompressed", TP_KEY_BOOLEAN, 0, "false",
     "Send NAME.br, NAME.zst or NAME.gz instead of NAME to clients that take it, when it exists and is smaller. "
     "Keeping it up to date is yours."},
    {"cache_control", TP_KEY_STRING, 0, "",
     "Value of Cache-Control for every file; empty: the field is not sent."},
    {"charset", TP_KEY_STRING, 0, "utf-8", "Charset told for text/* types; empty: none."},
    {"types", TP_KEY_MAP, 0, nullptr,
     "Media types by ending, such as { md = \"text/plain\" }. They go before the built-in ones."},
    {"mime_types", TP_KEY_STRING, 0, "/etc/mime.types",
     "A file of more media types, read at start; the built-in ones go before. Empty: none."},
    {"memory_file", TP_KEY_SIZE, 0, "256KiB", "Files up to this size are kept in memory; 0: none is."},
    {"memory_total", TP_KEY_SIZE, 0, "64MiB",
     "Memory for such files, in each worker and for each use of the plugin."},
    {"open_files", TP_KEY_INTEGER, 0, "256",
     "Larger files that are kept open, in each worker and for each use of the plugin; 0: none is."},
    {"send", TP_KEY_STRING, 0, "sendfile",
     "How files that are not in memory are sent: \"sendfile\" leaves them in the kernel; \"read\" copies them "
     "through "
     "the worker's memory, 64 KiB at a time, for filesystems on which sendfile is slow or broken (some network "
     "and "
     "FUSE filesystems)."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    bool autoindex, precompressed, read;  // read: `send` says so
    uint64_t memory_file, memory_total, open_files;
    std::string cache_control;
    std::vector<std::string> index;  // names of index files, in the order in which they are tried
    MimeTypes types;
};

}  // namespace turnpike::static_files
