// php_fpm.h - the php-fpm that Turnpike starts itself: which program, and its configuration. Setup only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "settings.h"

namespace turnpike::fastcgi {

/// The newest php-fpm in `folders` ("php-fpm", "php-fpm8.2", "php-fpm82" ...; a plain "php-fpm" wins). Empty:
/// none.
std::string findPhpFpm(const std::vector<std::string>& folders);
/// Where distributions install it.
std::vector<std::string> phpFpmFolders();

/// A configuration with one pool of a fixed number of children. "{socket}" stands for the socket's path.
std::string phpFpmConfig(const Settings& settings);
/// argv: in the foreground, logging to stderr. "{config}" stands for the configuration's path.
std::vector<std::string> phpFpmCommand(std::string program);

}  // namespace turnpike::fastcgi
