#include "request_facts.h"

#include "sdk/support/lists.h"

namespace turnpike::rewrite {

std::string_view cookie(const tp_request_view& view, std::string_view name) {
    for (uint32_t i = 0; i < view.field_count; ++i) {
        if (text(view.fields[i].name) != "cookie") continue;
        std::string_view rest = text(view.fields[i].value);
        while (!rest.empty()) {
            const std::string_view pair = support::nextElement(rest, ';');
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
                return pair.substr(name.size() + 1);
        }
    }
    return {};
}

bool exists(const tp_io& io, tp_request* request, std::string_view path) {
    if (!path.starts_with('/')) return false;
    tp_file file{};
    file.struct_size = sizeof file;
    const int32_t fd = io.open(request, str(path), TP_OPEN_SCRIPT, &file);
    if (fd < 0) return false;
    io.close(request, fd, TP_CLASS_FILE);
    return file.type == (path.ends_with('/') ? TP_FILE_DIRECTORY : TP_FILE_REGULAR);
}

}  // namespace turnpike::rewrite
