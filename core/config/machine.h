// machine.h - what loading a config asks of the machine, so that tests and the fuzzer can stand in for it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace turnpike::config {

/// The files that loading looks at. Paths are absolute.
class Files {
 public:
    virtual ~Files() = default;
    virtual Result<std::string> read(const std::string& path) const = 0;
    /// The same for a file that only its owner, and a group perhaps, may read; others being able to is an error.
    virtual Result<std::string> readSecret(const std::string& path) const { return read(path); }
    /// The names in a folder, in any order.
    virtual Result<std::vector<std::string>> names(const std::string& folder) const = 0;
    /// 0 when it is a folder that can be opened, or -errno.
    virtual int checkFolder(const std::string& path) const = 0;
};

/// The real ones, through os/.
const Files& diskFiles();

/// Facts about the machine that values are checked against and defaults depend on.
struct Machine {
    uint32_t processors = 1;
    uint32_t user_id = 0;
    std::string working_folder;     // absolute
    std::string executable_folder;  // absolute, or empty
    std::string temporary_folder;   // absolute: of this user's sockets
    std::string installed_plugins;  // as compiled in
    /// Why nothing can run as that user and group (empty: the user's own), or empty. Null: anybody is fine.
    std::string (*refuse_user)(const std::string& user, const std::string& group) = nullptr;
    std::string installed_config = {};  // as compiled in
    // Where both are from the program's folder, when the installed tree was moved.
    std::string plugins_from_program = {}, config_from_program = {};
};
Machine thisMachine();

}  // namespace turnpike::config
