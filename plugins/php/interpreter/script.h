// script.h - one request through PHP: startup, the script, shutdown.
//
// PHP leaves functions with longjmp(): nothing here holds an object with a destructor.
#pragma once

namespace turnpike::php {

class Request;

/// Once in a process that does nothing else: a script's folder stays the current one when it has ended. PHP would
/// ask for the old one and go back, two system calls of three.
void stayInFolders();

/// Answers the request that `request` received, and ends it. False: PHP cannot start a request any more, and this
/// process must end.
bool answer(Request& request);

}  // namespace turnpike::php
