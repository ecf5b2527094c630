#include "config/machine.h"

#include <fcntl.h>

#include <cstdlib>
#include <cstring>

#include "config/paths.h"
#include "os/file.h"
#include "os/machine.h"
#include "os/privileges.h"

namespace turnpike::config {
namespace {

class DiskFiles : public Files {
 public:
    Result<std::string> read(const std::string& path) const override { return os::readFile(path); }

    /// By the descriptor: what is read is what was looked at.
    Result<std::string> readSecret(const std::string& path) const override {
        os::Fd fd(os::open(path, O_RDONLY | O_NONBLOCK, 0, os::Class::File), os::Class::File);
        struct stat st {};
        int looked = fd ? os::fstat(fd.get(), &st, os::Class::File) : fd.get();
        if (looked < 0) return failure(path, looked);
        if ((st.st_mode & S_IRWXO) != 0)
            return Error{EPERM, path + ": others than its owner may read or write this key: chmod o-rwx"};
        return os::readWhole(fd.get(), path);
    }

    Result<std::vector<std::string>> names(const std::string& folder) const override {
        os::Fd fd(os::open(folder, O_RDONLY | O_DIRECTORY, 0, os::Class::File), os::Class::File);
        if (!fd) return failure(folder, fd.get());
        std::vector<std::string> found;
        auto keep = [&](std::string_view name) { return found.emplace_back(name), true; };
        int read = os::listDirectory(fd.get(), keep, os::Class::File);
        if (read < 0) return failure(folder, read);
        return found;
    }

    int checkFolder(const std::string& path) const override {
        os::Fd fd(os::open(path, O_RDONLY | O_DIRECTORY, 0, os::Class::File), os::Class::File);
        return fd ? 0 : fd.get();
    }

 private:
    static Error failure(const std::string& path, int result) {
        return Error{-result, path + ": " + std::strerror(-result)};
    }
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? value : "";
}

std::string refuseUser(const std::string& user, const std::string& group) {
    auto found = os::findIdentity(user, group);
    return found ? std::string() : found.error().text;
}

}  // namespace

const Files& diskFiles() {
    static const DiskFiles files;
    return files;
}

Machine thisMachine() {
    Machine machine;
    machine.processors = os::processors();
    machine.user_id = os::ownIdentity().uid;
    machine.working_folder = os::currentFolder();
    if (std::string program = os::executablePath(); !program.empty())
        machine.executable_folder = folderOf(program);
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
        if (machine.temporary_folder.empty()) machine.temporary_folder = environment(name);
    if (machine.temporary_folder.empty()) machine.temporary_folder = "/tmp";
    machine.installed_plugins = TURNPIKE_PLUGIN_FOLDER;
    machine.installed_config = TURNPIKE_CONFIG_FILE;
    machine.plugins_from_program = TURNPIKE_PLUGINS_FROM_PROGRAM;
    machine.config_from_program = TURNPIKE_CONFIG_FROM_PROGRAM;
    machine.refuse_user = refuseUser;
    return machine;
}

}  // namespace turnpike::config
