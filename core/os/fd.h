// fd.h - owns a file descriptor; closing it is charged to the class it was opened for.
#pragma once
#include <utility>

#include "ledger/ledger.h"

namespace turnpike::os {

/// close(2), counted. Safe with -1.
void close(int fd, ledger::Class c);

class Fd {
 public:
    Fd() = default;
    Fd(int fd, ledger::Class c) : fd_(fd), class_(c) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)), class_(other.class_) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
            class_ = other.class_;
        }
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset() {
        if (fd_ >= 0) close(std::exchange(fd_, -1), class_);
    }

 private:
    int fd_ = -1;
    ledger::Class class_ = ledger::Class::File;
};

}  // namespace turnpike::os
