// variables.h - the worker's parameters as $_SERVER, $_ENV and getenv() have them.
#pragma once
#include <php.h>

namespace turnpike::php {

/// Once in each interpreter: PHP takes its environment from the request as well.
void importParameters();
/// For sapi_module_struct::register_server_variables.
void registerVariables(zval* variables);

}  // namespace turnpike::php
