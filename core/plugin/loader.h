// loader.h - finds, distrusts, loads and unloads plugins. The only user of dlopen.
//
// A plugin runs with everything that a worker may do, so its file must be one that only root or the server's own
// user can have put there. What is executed is a private copy in memory: a file that is replaced or cut under a
// running server changes nothing. Start-up only, one thread.
#pragma once
#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"
#include "sdk/plugin.h"

namespace turnpike::plugin {

/// A loaded .so; closed with this object unless the plugin declared TP_CAP_RESIDENT.
class Module {
 public:
    /// `copy` holds the code and stays open: the C library knows a library by its path, /proc/self/fd/N, and would
    /// take another plugin with the same number for this one.
    Module(void* library, os::Fd copy) : library_(library), copy_(std::move(copy)) {}
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    ~Module();

    void* library() const { return library_; }
    /// The plugin's own table, grown with zeros to the size that this host knows.
    tp_plugin table{};

 private:
    void* library_;
    os::Fd copy_;
};

/// The reason why `table` is not acceptable, naming the field, what was wanted and what came; empty: it is.
std::string refusal(const tp_plugin& table);
/// The reason why this key table is nonsense; empty: it is not.
std::string keyRefusal(const tp_key* keys, uint32_t count);

class Loader {
 public:
    /// Plugins are `folder`/NAME.so. Files and folders may belong to root or to `owner`.
    Loader(std::string folder, uid_t owner, const tp_host& host)
        : folder_(std::move(folder)), owner_(owner), host_(host) {}

    /// The table of that plugin; the same one when it was loaded before. Lives as long as the Loader. An error is
    /// a sentence that names the file, what is wrong with it and, where there is one, the cure.
    Result<const tp_plugin*> load(std::string_view name);
    /// The file of the plugin with that name.
    std::string pathOf(std::string_view name) const { return folder_ + "/" + std::string(name) + ".so"; }
    /// Names of the plugins in the folder, sorted.
    std::vector<std::string> names() const;

 private:
    Result<os::Fd> openFile(const std::string& path, std::string_view name) const;
    std::string distrust(int fd, const std::string& path, bool is_parent) const;
    std::string distrustFolders() const;
    std::string takeTable(Module& module) const;

    std::string folder_;
    uid_t owner_;
    const tp_host& host_;
    std::map<std::string, Module, std::less<>> modules_;
};

}  // namespace turnpike::plugin
