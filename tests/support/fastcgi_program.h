// fastcgi_program.h - a FastCGI program that the test starts itself, as descriptor 0 a socket on a free port.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace turnpike {

class FastCgiProgram {
 public:
    explicit FastCgiProgram(const std::string& program);
    ~FastCgiProgram();
    FastCgiProgram(const FastCgiProgram&) = delete;
    FastCgiProgram& operator=(const FastCgiProgram&) = delete;

    uint16_t port() const { return port_; }

 private:
    uint16_t port_ = 0;
    pid_t pid_ = -1;
};

}  // namespace turnpike
