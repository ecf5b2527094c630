// The page from inside the worker: the control without any hop.
#include "page.h"

#include "sdk/plugin.hpp"

struct Page {
    static constexpr const char *name = "page", *version = "1.0",
                                *summary = "answers with as many bytes as are asked for";

    Page(const tp_host& h, tp_setup&) : host(h), letters(PAGE_MOST, 'x') {}

    struct Worker {
        Worker(Page& plugin, tp_worker*) : page(plugin) {}
        tp_verdict onRequest(tp_request* request) {
            const tp_request_view& view = *page.host.view(request);
            const std::string_view all = page.letters;
            return turnpike::answer(page.host, request, 200, "text/plain",
                                    all.substr(0, pageBytes(view.query.ptr, view.query.len)));
        }
        Page& page;
    };

    const tp_host& host;
    std::string letters;
};

TURNPIKE_PLUGIN(Page)
