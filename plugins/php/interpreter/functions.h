// functions.h - what this program adds to PHP: the functions and ini entries that PHP-FPM has.
#pragma once
#include <php.h>

namespace turnpike::php {

zend_module_entry* moduleEntry();
/// cgi.fix_pathinfo: PHP_SELF is SCRIPT_NAME and PATH_INFO.
bool fixesPathInfo();

}  // namespace turnpike::php
