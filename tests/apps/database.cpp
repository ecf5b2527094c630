#include "database.h"

#include <sys/stat.h>

#include <fstream>

#include "processes.h"

namespace turnpike::apps {

Database::Database(const std::vector<std::string>& names) {
    ::chmod(folder_.path().c_str(), 0755);  // PHP is somebody else where the test is root
    std::vector<std::string> argv = {"/bin/sh", TURNPIKE_SOURCE "/examples/wordpress/mariadb.sh", folder_.path()};
    argv.insert(argv.end(), names.begin(), names.end());
    server_ = std::make_unique<RunningProgram>(argv, folder_.path() + "/log");
}

std::string Database::waitUntilUp() {
    bool is_up = eventually(
        [&] {
            return server_->output().find("ready for connections") != std::string::npos ||
                   !e2e::isAlive(server_->pid());
        },
        std::chrono::minutes(1));
    return is_up && e2e::isAlive(server_->pid()) ? "" : "MariaDB does not start: " + server_->output();
}

std::string Database::password() const {
    std::ifstream file(folder_.path() + "/password");
    std::string word;
    file >> word;
    return word;
}

}  // namespace turnpike::apps
