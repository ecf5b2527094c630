#include "os/notify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "os/call.h"

namespace turnpike::os {
namespace {

constexpr uint32_t kGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
// A file is told when its writer closes it: whoever reads then finds it whole.
constexpr uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB;

FolderChange changeOf(const inotify_event& event) {
    using What = FolderChange::What;
    if ((event.mask & IN_Q_OVERFLOW) != 0) return {-1, What::Lost, {}};
    if ((event.mask & IN_IGNORED) != 0) return {event.wd, What::Over, {}};
    if ((event.mask & kGone) != 0) return {event.wd, What::Gone, {}};
    const char* name = event.len > 0 ? event.name : "";
    return {event.wd, What::Name, name};
}

}  // namespace

Result<Fd> makeNotifier() {
    int fd = static_cast<int>(call(Class::File, false, [] { return ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }));
    if (fd < 0) return Error{-fd, std::string("inotify_init1: ") + std::strerror(-fd)};
    return Fd(fd, Class::File);
}

int watchFolder(int notifier, int folder, Class c) {
    // The name leads to the very folder that was opened, whatever stands at its path by now.
    const std::string path = "/proc/self/fd/" + std::to_string(folder);
    return static_cast<int>(call(c, false, [&] {
        return ::inotify_add_watch(notifier, path.c_str(), kNames | kGone | IN_ONLYDIR | IN_EXCL_UNLINK);
    }));
}

int unwatchFolder(int notifier, int watch, Class c) {
    return static_cast<int>(call(c, false, [&] { return ::inotify_rm_watch(notifier, watch); }));
}

void readChanges(int notifier, const std::function<void(const FolderChange&)>& each, Class c) {
    alignas(inotify_event) char buffer[4096];
    for (;;) {
        const int64_t got = call(c, true, [&] { return ::read(notifier, buffer, sizeof buffer); });
        if (got <= 0) return;
        for (int64_t at = 0; at < got;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
            each(changeOf(*event));
            at += static_cast<int64_t>(sizeof *event + event->len);
        }
    }
}

}  // namespace turnpike::os
