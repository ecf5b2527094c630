#include "php_fpm.h"

#include <filesystem>
#include <optional>

namespace turnpike::fastcgi {
namespace {

constexpr std::string_view kStem = "php-fpm";

/// A version that two names can be compared by: "8.2" -> 802, "82" -> 802; nothing for "php-fpm-helper".
std::optional<unsigned> version(std::string_view name) {
    if (!name.starts_with(kStem)) return std::nullopt;
    std::string_view tail = name.substr(kStem.size());
    if (tail.empty()) return 100'000;  // what the administrator made the default
    if (tail.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
    unsigned major = 0, minor = 0;
    for (size_t i = 0; i < tail.size() && i < 5; ++i) {
        if (tail[i] == '.') continue;
        unsigned digit = static_cast<unsigned>(tail[i] - '0');
        if (i == 0)
            major = digit;
        else
            minor = minor * 10 + digit;
    }
    return major * 100 + minor;
}

bool isProgram(const std::filesystem::directory_entry& entry) {
    std::error_code error;
    if (!entry.is_regular_file(error)) return false;
    constexpr auto kExecute = std::filesystem::perms::owner_exec | std::filesystem::perms::others_exec;
    return (entry.status(error).permissions() & kExecute) != std::filesystem::perms::none;
}

}  // namespace

std::vector<std::string> phpFpmFolders() { return {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"}; }

std::string findPhpFpm(const std::vector<std::string>& folders) {
    std::string best;
    unsigned best_version = 0;
    for (const std::string& folder : folders) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
            std::optional<unsigned> found = version(entry.path().filename().native());
            if (!found || *found <= best_version || !isProgram(entry)) continue;
            best = entry.path().native();
            best_version = *found;
        }
    }
    return best;
}

// A script that hangs would keep its child for ever: php-fpm does not notice that nobody waits for it any more.
// The error log is never a file of its own: with -O messages go to stderr, which the supervisor reads, and
// /dev/null keeps php-fpm from opening the path that it was compiled with, which an ordinary user may not.
std::string phpFpmConfig(const Settings& settings) {
    return "[global]\n"
           "daemonize = no\n"
           "error_log = /dev/null\n"
           "log_level = warning\n"
           "[" +
           plainName(settings.site) +
           "]\n"
           "listen = " +
           (settings.listen.empty() ? "{socket}" : settings.listen) +
           "\n"
           "listen.mode = 0660\n"
           "pm = static\n"
           "pm.max_children = " +
           std::to_string(settings.children) +
           "\n"
           "pm.max_requests = " +
           std::to_string(settings.recycle) +
           "\n"
           "request_terminate_timeout = " +
           std::to_string((settings.run_ms + 999) / 1000) +
           "s\n"
           "clear_env = yes\n"
           "catch_workers_output = yes\n"
           "decorate_workers_output = no\n"
           "security.limit_extensions = .php\n";
}

std::vector<std::string> phpFpmCommand(std::string program) {
    return {std::move(program), "-F", "-O", "-y", "{config}"};
}

}  // namespace turnpike::fastcgi
