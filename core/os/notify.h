// notify.h - changes of folders, told by the kernel. inotify here; kqueue's EVFILT_VNODE fits behind the
// functions.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "os/fd.h"

namespace turnpike::os {

using ledger::Class;

/// Non-blocking; readable when something changed.
Result<Fd> makeNotifier();

/// Begins to tell of `folder`, an open descriptor that may be closed afterwards. The watch's number, the same for
/// the same folder, or -errno.
int watchFolder(int notifier, int folder, Class c);
int unwatchFolder(int notifier, int watch, Class c);

struct FolderChange {
    enum class What : uint8_t {
        Name,  // `name` in it
        Gone,  // the folder itself
        Over,  // the watch has ended, its number is free
        Lost   // changes of any folder; watch is -1
    };
    int watch;
    What what;
    std::string_view name;
};
/// Tells what has changed until nothing is left. One call, and one more for each 4 KiB.
void readChanges(int notifier, const std::function<void(const FolderChange&)>& each, Class c);

}  // namespace turnpike::os
