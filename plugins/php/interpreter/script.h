// script.h - one request through PHP: startup, the script, shutdown.
//
// PHP leaves functions with longjmp(): nothing here holds an object with a destructor.
#pragma once

namespace turnpike::php {

class Request;

/// Answers the request that `request` received, and ends it. False: PHP cannot start a request any more, and this
/// process must end.
bool answer(Request& request);

}  // namespace turnpike::php
