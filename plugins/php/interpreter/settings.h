// settings.h - the ini settings that hold for one request: per host and per folder from php.ini, the .user.ini
// files between the document root and the script, and PHP_VALUE and PHP_ADMIN_VALUE of the worker.
#pragma once

namespace turnpike::php {

class Request;

/// While PHP activates a request; PHP takes all of it back at the request's end.
void activateSettings(Request& request);

}  // namespace turnpike::php
