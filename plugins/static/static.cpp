// static.cpp - the plugin: what each method and each outcome of a lookup is answered with.
#include <sys/auxv.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "files.h"
#include "listing.h"
#include "sdk/support/conditional.h"
#include "sdk/support/escape.h"
#include "sdk/support/ranges.h"
#include "sender.h"
#include "settings.h"

namespace turnpike::static_files {
namespace {

// The sixteen random bytes that the kernel gives each program; reading them calls nothing.
support::HashKey randomKey() {
    support::HashKey key;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives the address as a number
    std::memcpy(&key, reinterpret_cast<const void*>(getauxval(AT_RANDOM)), sizeof key);
    return key;
}

bool isRead(const tp_request_view& view) {
    return view.method_id == TP_METHOD_GET || view.method_id == TP_METHOD_HEAD;
}

// A path and the request's query as a relative reference or a new target.
std::string withQuery(std::string_view path, std::string_view slash, const tp_request_view& view) {
    std::string target;
    support::appendPath(target, path);
    target += slash;
    if (view.query.len > 0) target.append("?").append(text(view.query));
    return target;
}

}  // namespace

struct Static {
    static constexpr const char *name = "static", *version = "1.0",
                                *summary = "sends the files below the site's root";
    static constexpr const auto& keys = kKeys;

    Static(const tp_host& h, const tp_setup& setup)
        : host(h),
          io(static_cast<const tp_io*>(h.extension(TP_IO_ID))),
          requests(static_cast<const tp_request_service*>(h.extension(TP_REQUEST_ID))),
          settings(h, setup) {
        if (io == nullptr || requests == nullptr)
            throw Refused("", "this server has no " TP_IO_ID " or no " TP_REQUEST_ID);
        if (h.site_root(&setup).len == 0) throw Refused("", "the site has no root to send files from: set `root`");
    }

    const tp_host& host;
    const tp_io* io;
    const tp_request_service* requests;
    Settings settings;

    class Worker {
     public:
        Worker(Static& plugin, tp_worker*)
            : host_(plugin.host),
              io_(*plugin.io),
              requests_(*plugin.requests),
              files_(plugin.settings, *plugin.io, randomKey()),
              sender_(plugin.host, *plugin.io, randomKey(), plugin.settings.read) {}

        tp_verdict onRequest(tp_request* request) {
            const tp_request_view& view = *host_.view(request);
            if (!isRead(view)) return lookUp(request, view);
            const Resource* ready = files_.ready(request, view);
            return ready != nullptr ? respond(request, view, *ready) : lookUp(request, view);
        }
        void onWritable(tp_request* request) noexcept { sender_.resume(request); }
        void onDone(tp_request* request, bool) noexcept { sender_.done(request); }

     private:
        tp_verdict respond(tp_request* request, const tp_request_view& view, const Resource& resource);
        tp_verdict respondInPart(tp_request* request, const tp_request_view& view, const Resource& resource,
                                 const Representation& form);
        tp_verdict lookUp(tp_request* request, const tp_request_view& view);
        tp_verdict read(tp_request* request, const tp_request_view& view, const Answer& answer);
        tp_verdict runIndex(tp_request* request, const tp_request_view& view, const Answer& answer);
        tp_verdict allow(tp_request* request, uint32_t status);
        tp_verdict addSlash(tp_request* request, const tp_request_view& view);
        tp_verdict listFolder(tp_request* request, const tp_request_view& view);
        tp_verdict refuseScript(tp_request* request, const std::string& source);
        tp_verdict refuse(tp_request* request, std::string_view source, int error);

        const tp_host& host_;
        const tp_io& io_;
        const tp_request_service& requests_;
        Files files_;
        Sender sender_;
    };
};

tp_verdict Static::Worker::respond(tp_request* request, const tp_request_view& view, const Resource& resource) {
    // A folder's page: access hooks may have a word about its own name.
    if (resource.source.size() != view.path.len && requests_.go_on_as(request, str(resource.source)) != 0)
        return TP_DECLINED;
    const Representation& form = resource.choose(view);
    if ((view.present & (support::kPreconditionFields | TP_HAS_RANGE)) == 0)
        return sender_.whole(request, resource, form);
    const support::Precondition found = support::checkPreconditions(view, form.validators());
    if (found == support::Precondition::Proceed) return respondInPart(request, view, resource, form);
    const uint32_t status = found == support::Precondition::NotModified ? 304 : 412;
    return sender_.empty(request, status, form.validatorFields(), form.validatorFieldCount());
}

tp_verdict Static::Worker::respondInPart(tp_request* request, const tp_request_view& view,
                                         const Resource& resource, const Representation& form) {
    support::RangeSet set;
    if (support::isRangeWanted(view, form.validators()))
        set = support::parseRanges(field(view, "range"), form.size());
    if (set.answer == support::RangeAnswer::Whole) return sender_.whole(request, resource, form);
    if (set.answer == support::RangeAnswer::Partial) return sender_.parts(request, resource, form, set);
    const std::string range = "bytes */" + std::to_string(form.size());
    const tp_field fields[] = {{str("content-range"), str(range)}};
    return sender_.empty(request, 416, fields, 1);
}

// A missing file is left to the next route, which may be a front controller, whatever the method.
tp_verdict Static::Worker::lookUp(tp_request* request, const tp_request_view& view) {
    const Answer answer = files_.find(request, view);
    if (answer.what == Lookup::Missing) return TP_DECLINED;
    if (answer.what == Lookup::Failed) return refuse(request, answer.source, answer.error);
    if (answer.what == Lookup::Script && answer.source == text(view.path))
        return refuseScript(request, answer.source);
    if (answer.what == Lookup::Script) return runIndex(request, view, answer);
    if (isRead(view)) return read(request, view, answer);
    return allow(request, view.method_id == TP_METHOD_OPTIONS ? 204 : 405);
}

tp_verdict Static::Worker::read(tp_request* request, const tp_request_view& view, const Answer& answer) {
    if (answer.what == Lookup::Folder) return addSlash(request, view);
    if (answer.what == Lookup::Listing) return listFolder(request, view);
    return respond(request, view, *answer.resource);
}

// The folder's index is a script: its own route answers, and a form posts to it as well.
tp_verdict Static::Worker::runIndex(tp_request* request, const tp_request_view& view, const Answer& answer) {
    const std::string target = withQuery(answer.source, "", view);
    return host_.rewrite(request, str(target)) < 0 ? TP_FAILED : TP_DONE;
}

tp_verdict Static::Worker::allow(tp_request* request, uint32_t status) {
    const tp_field fields[] = {{str("allow"), str("GET, HEAD, OPTIONS")}};
    return sender_.empty(request, status, fields, 1);
}

tp_verdict Static::Worker::addSlash(tp_request* request, const tp_request_view& view) {
    const std::string location = withQuery(text(view.path), "/", view);
    const tp_field fields[] = {{str("location"), str(location)}};
    return sender_.empty(request, 301, fields, 1);
}

tp_verdict Static::Worker::listFolder(tp_request* request, const tp_request_view& view) {
    Listing listing;
    const int error = readListing(io_, request, text(view.path), listing);
    if (error == ENOENT || error == ENOTDIR) return TP_DECLINED;
    if (error != 0) return refuse(request, text(view.path), error);
    const tp_field fields[] = {{str("content-type"), str("text/html; charset=utf-8")},
                               {str("content-security-policy"), str("default-src 'none'")},
                               {str("x-content-type-options"), str("nosniff")},
                               {str("cache-control"), str("no-cache")}};
    return sender_.page(request, 200, fields, std::size(fields), listingPage(text(view.path), std::move(listing)));
}

// The way to the source of a script must stay shut when its handler is missing.
tp_verdict Static::Worker::refuseScript(tp_request* request, const std::string& source) {
    const std::string cause = "no plugin runs \"" + source +
                              "\", and a script is never sent as text: bind its ending " +
                              "to a plugin that runs it, before the route of `static`";
    host_.fail(request, 500, str(cause));
    return TP_FAILED;
}

tp_verdict Static::Worker::refuse(tp_request* request, std::string_view source, int error) {
    std::string cause = "cannot open \"";
    cause.append(source).append("\" below the site's root: ").append(std::strerror(error));
    if (error == EACCES) cause += " (for the user that this worker runs as)";
    const bool is_exhausted = error == EMFILE || error == ENFILE || error == ENOMEM;
    host_.fail(request, error == EACCES ? 403 : is_exhausted ? 503 : 500, str(cause));
    return TP_FAILED;
}

}  // namespace turnpike::static_files

TURNPIKE_PLUGIN(turnpike::static_files::Static)
