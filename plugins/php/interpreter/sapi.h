// sapi.h - PHP as this program embeds it: what PHP calls us for, and the start and end of PHP in a process.
//
// Threads: none; one PHP per process. PHP leaves functions that it called with longjmp() (zend_bailout): no frame
// between a callback here and PHP may hold an object with a destructor.
#pragma once
#include <string>
#include <vector>

namespace turnpike::php {

class Request;

struct PhpSettings {
    std::vector<std::string> ini;  // "name=value", over what the files say
    std::string ini_file;          // empty: the distribution's for FPM, else the one that PHP was compiled for
    std::string ini_scan_dir;      // as `ini_file`
};

/// Once, in the zygote: reads the ini files and loads the extensions. False: PHP said why.
bool startPhp(const PhpSettings& settings);
/// In an interpreter, after the fork.
void adoptPhp();
/// In every process that startPhp() is known in, as the last of PHP.
void endPhp();

/// The request that PHP is answering. Null between requests.
Request* currentRequest();

}  // namespace turnpike::php
