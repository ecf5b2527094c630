// head.h - PHP's status and header lines as the head of a CGI response.
#pragma once
#include <SAPI.h>

namespace turnpike::php {

/// For sapi_module_struct::send_headers; may leave by longjmp() when the worker is gone.
int sendHead(sapi_headers_struct* headers);

}  // namespace turnpike::php
