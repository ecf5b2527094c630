// keep.hpp - the fake host's turnpike.request/1 and turnpike.folders/1. A test says itself which folders change.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../services.h"
#include "check.hpp"
#include "request.hpp"

namespace turnpike::fake {

/// The functions of tp_request_service.
struct Keeping {
    static const tp_request_service* table() {
        static const tp_request_service functions = {sizeof functions, 0,        state, setVariable, setErrorPage,
                                                     setRequestField,  standsIn, goOnAs};
        return &functions;
    }
    /// Whether hooks may set it: not what frames the request, routes it or belongs to its connection.
    static bool isSettable(const tp_field& field) {
        constexpr std::string_view kOfTheMessage[] = {
            "host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"};
        const std::string lower = lowered(field.name);
        return !lower.empty() && std::ranges::find(kOfTheMessage, lower) == std::end(kOfTheMessage) &&
               text(field.value).find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    }

 private:
    static Request& of(tp_request* handle) { return *reinterpret_cast<Request*>(handle); }
    static std::string lowered(tp_str name) {
        std::string lower(text(name));
        for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return lower;
    }
    static void* state(tp_request* handle, const void* key, size_t size, void (*end)(void*)) {
        return of(handle).keep(key, size, end);
    }
    static int32_t setVariable(tp_request* handle, tp_str name, tp_str value) {
        for (char c : text(name))
            if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return -EINVAL;
        return of(handle).setVariable(std::string(text(name)), std::string(text(value)));
    }
    static int32_t setRequestField(tp_request* handle, tp_str name, const tp_str* value) {
        if (!isSettable({name, value != nullptr ? *value : tp_str{"", 0}})) return -EINVAL;
        const std::string lower = lowered(name), kept(value != nullptr ? text(*value) : std::string_view());
        return of(handle).setRequestField(lower, value != nullptr ? &kept : nullptr, presenceOf(lower));
    }
    static int32_t standsIn(tp_request* handle) { return of(handle).isStandIn(); }
    static int32_t goOnAs(tp_request* handle, tp_str path) { return of(handle).goOnAs(std::string(text(path))); }
    static int32_t setErrorPage(tp_request* handle, uint32_t status, tp_str target) {
        if (status < 400 || status > 599 || !text(target).starts_with('/')) return -EINVAL;
        return of(handle).setErrorPage(status, std::string(text(target)));
    }
};

/// Watched folders. Nothing changes unless the test says so.
class Folders {
 public:
    Folders() : current_(this) {}
    ~Folders() {
        if (!watches_.empty()) die("the plugin left a watch of a folder behind");
    }

    size_t watched() const { return watches_.size(); }
    /// The next watch() fails so.
    void failNext(int32_t error) { error_ = error; }
    /// Tells that `name` in `folder` has changed, or with TP_FOLDER_GONE the folder itself.
    void change(const std::string& folder, const std::string& name, uint32_t what = TP_FOLDER_NAME) {
        std::vector<Watch*> told;
        for (auto& watch : watches_)
            if (watch->path == folder) told.push_back(watch.get());
        for (Watch* one : told)
            if (isThere(one)) one->changed(one->arg, what, str(name));
    }
    static const tp_folders* table() {
        static const tp_folders functions = {sizeof functions, 0, watch, unwatch};
        return &functions;
    }

 private:
    struct Watch {
        std::string path;
        void (*changed)(void*, uint32_t, tp_str);
        void* arg;
    };
    static Folders& get() { return Current<Folders>::get(); }
    bool isThere(const Watch* watch) const {
        for (auto& one : watches_)
            if (one.get() == watch) return true;
        return false;
    }
    static tp_folder_watch* watch(tp_request*, int folder, void (*changed)(void*, uint32_t, tp_str), void* arg,
                                  int32_t* error) {
        loopOnly("watch of a folder");
        Folders& self = get();
        char path[4096];
        const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(folder)).c_str(), path, sizeof path);
        *error = self.error_ != 0 ? self.error_ : size < 0 ? -errno : 0;
        self.error_ = 0;
        if (*error != 0) return nullptr;
        self.watches_.push_back(
            std::make_unique<Watch>(Watch{std::string(path, static_cast<size_t>(size)), changed, arg}));
        return reinterpret_cast<tp_folder_watch*>(self.watches_.back().get());
    }
    static void unwatch(tp_folder_watch* handle) {
        loopOnly("unwatch of a folder");
        auto& watches = get().watches_;
        for (auto at = watches.begin(); at != watches.end(); ++at)
            if (reinterpret_cast<tp_folder_watch*>(at->get()) == handle) {
                watches.erase(at);
                return;
            }
        die("unwatch() of a folder that is not watched");
    }

    Current<Folders> current_;
    std::vector<std::unique_ptr<Watch>> watches_;
    int32_t error_ = 0;
};

}  // namespace turnpike::fake
