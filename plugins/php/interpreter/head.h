// head.h - PHP's status and header lines as the head of a CGI response.
#pragma once
#include <SAPI.h>

namespace turnpike::php {

/// An interim response (102 to 199, but for 101) with the headers as they are by now; leaves at once. False:
/// nobody hears it.
bool sendInterim(int status);

/// For sapi_module_struct::send_headers; may leave by longjmp() when the worker is gone.
int sendHead(sapi_headers_struct* headers);

}  // namespace turnpike::php
