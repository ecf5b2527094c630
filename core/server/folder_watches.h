// folder_watches.h - the folders that plugins have watched: one inotify descriptor for a worker, made when the
// first of them is. Several may watch the same folder. Loop thread.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "os/fd.h"
#include "os/notify.h"
#include "sdk/services.h"

/// The opaque watch of services.h.
struct tp_folder_watch {
    void (*changed)(void* arg, uint32_t what, tp_str name);
    void* arg;
    int number;
    bool is_over = false;  // given back, and freed when nobody is being told
};

namespace turnpike::server {

class FolderWatches final : net::Source {
 public:
    explicit FolderWatches(net::EventLoop& loop) : loop_(loop) {}
    ~FolderWatches() override;
    FolderWatches(const FolderWatches&) = delete;
    FolderWatches& operator=(const FolderWatches&) = delete;

    /// As tp_folders.watch().
    tp_folder_watch* add(int folder, void (*changed)(void*, uint32_t, tp_str), void* arg, int32_t* error);
    void remove(tp_folder_watch* watch);

 private:
    using List = std::vector<std::unique_ptr<tp_folder_watch>>;

    int start();
    void onEvent(uint32_t what, uint32_t share_milli) override;
    void tell(const os::FolderChange& change);
    static void tellOne(const List& list, uint32_t what, std::string_view name);
    void sweep();

    net::EventLoop& loop_;
    os::Fd notifier_;
    std::unordered_map<int, List> watches_;  // by the kernel's number
    List orphans_;                           // of folders that are gone, not given back yet
    bool is_telling_ = false, has_dead_ = false;
};

}  // namespace turnpike::server
