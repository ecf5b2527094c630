#include "files.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace turnpike::static_files {
namespace {

constexpr uint64_t kCheckEvery = 1'000'000'000;  // ns

struct Sibling {
    Coding coding;
    const char* ending;
};
// By how well they compress, which is the server's preference among equal weights.
constexpr Sibling kSiblings[] = {{Coding::Brotli, ".br"}, {Coding::Zstd, ".zst"}, {Coding::Gzip, ".gz"}};

int64_t nowUnix(const tp_request_view& view) { return view.received_unix_ms / 1000; }

template <class Opened>
bool isCurrent(const Resource& known, const std::vector<Opened>& opened, int64_t now_unix) {
    return std::ranges::equal(known.forms, opened, [now_unix](const auto& form, const Opened& now) {
        return form->coding() == now.coding && form->isCurrent(now.state, now_unix);
    });
}

}  // namespace

Resource* Files::ready(tp_request* request, const tp_request_view& view) {
    Resource* known = cache_.find(text(view.path));
    if (known == nullptr || view.received_ns > known->checked_ns + kCheckEvery) return nullptr;
    if (known->forms.front()->isInMemory()) return known;
    return isUntouched(request, *known) ? known : nullptr;
}

bool Files::isUntouched(tp_request* request, const Resource& resource) const {
    return std::ranges::all_of(resource.forms, [&](const auto& form) {
        tp_file now{};
        now.struct_size = sizeof now;
        return form->isInMemory() || (io_.stat_fd(request, form->fd(), &now) >= 0 && form->isSameFile(now));
    });
}

Answer Files::find(tp_request* request, const tp_request_view& view) {
    const std::string path(text(view.path));
    Answer answer;
    if (path.ends_with('/')) {
        for (const std::string& name : settings_.index) {
            answer = findFile(request, view, path + name);
            if (answer.what != Lookup::Missing && answer.what != Lookup::Folder) return answer;
        }
        answer = {settings_.autoindex ? Lookup::Listing : Lookup::Missing};
    } else {
        answer = findFile(request, view, path);
    }
    if (answer.what != Lookup::Found) cache_.remove(path);
    return answer;
}

int32_t Files::open(tp_request* request, const std::string& path, uint32_t how, tp_file& state) const {
    state.struct_size = sizeof state;
    return io_.open(request, str(path), how, &state);
}

Answer Files::findFile(tp_request* request, const tp_request_view& view, const std::string& source) {
    tp_file state{};
    const int32_t fd = open(request, source, TP_OPEN_CONTENT, state);
    if (fd < 0) return {whyRefused(request, source, -fd), nullptr, source, -fd};
    OpenFile file(io_, fd);
    if (state.type != TP_FILE_REGULAR) {
        file.close(request);
        return {state.type == TP_FILE_DIRECTORY ? Lookup::Folder : Lookup::Missing};
    }
    std::vector<Opened> opened;
    opened.push_back({Coding::Identity, std::move(file), state});
    if (settings_.precompressed) openSiblings(request, source, opened);
    return {Lookup::Found, refresh(request, view, source, std::move(opened)), source};
}

// -EPERM is said by name alone: only what exists is worth telling the operator about.
Lookup Files::whyRefused(tp_request* request, const std::string& source, int error) const {
    constexpr int kNothingThere[] = {ENOENT, ENOTDIR, ELOOP, EXDEV, ENAMETOOLONG, ENXIO};
    if (std::ranges::count(kNothingThere, error) != 0) return Lookup::Missing;
    if (error != EPERM) return Lookup::Failed;
    tp_file state{};
    const int32_t fd = open(request, source, TP_OPEN_SCRIPT, state);
    if (fd < 0) return Lookup::Missing;
    OpenFile(io_, fd).close(request);
    return state.type == TP_FILE_REGULAR ? Lookup::Script : Lookup::Missing;
}

void Files::openSiblings(tp_request* request, const std::string& source, std::vector<Opened>& opened) const {
    const uint64_t plain_size = opened.front().state.size;
    for (const Sibling& sibling : kSiblings) {
        tp_file state{};
        const int32_t fd = open(request, source + sibling.ending, TP_OPEN_CONTENT, state);
        if (fd < 0) continue;
        OpenFile file(io_, fd);
        if (state.type == TP_FILE_REGULAR && state.size < plain_size)
            opened.push_back({sibling.coding, std::move(file), state});
        else
            file.close(request);
    }
}

std::shared_ptr<Resource> Files::refresh(tp_request* request, const tp_request_view& view,
                                         const std::string& source, std::vector<Opened> opened) {
    Resource* known = cache_.find(text(view.path));
    if (known != nullptr && known->source == source && isCurrent(*known, opened, nowUnix(view))) {
        known->checked_ns = std::max(known->checked_ns, view.received_ns);
        for (Opened& one : opened) one.file.close(request);
        return known->shared_from_this();
    }
    std::shared_ptr<Resource> resource = build(request, view, source, std::move(opened));
    cache_.insert(resource);
    return resource;
}

std::shared_ptr<Resource> Files::build(tp_request* request, const tp_request_view& view, const std::string& source,
                                       std::vector<Opened> opened) const {
    auto resource = std::make_shared<Resource>();
    resource->path = text(view.path);
    resource->source = source;
    resource->checked_ns = view.received_ns;
    const std::string type = settings_.types.typeOf(source);
    const bool is_small = opened.front().state.size <= std::min(settings_.memory_file, settings_.memory_total);
    for (Opened& one : opened) {
        const Description description{one.coding, type, settings_.cache_control, opened.size() > 1, nowUnix(view)};
        auto form = std::make_unique<Representation>(std::move(one.file), one.state, description);
        if (is_small) form->load(io_, request);
        resource->forms.push_back(std::move(form));
    }
    return resource;
}

}  // namespace turnpike::static_files
