// stream.h - how the bytes of a FastCGI conversation reach an interpreter and leave it. What carries them, a
// socket or shared memory, is the transport's affair: the interpreter knows these classes only.
//
// Threads: none; each object is used by the process that it was made in. Ownership: the caller owns what a
// function returns. Errors: a worker that is gone is a value, never an exception.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

namespace turnpike::php {

class Stop;

/// One connection from a worker: one request after the other.
class Stream {
 public:
    virtual ~Stream() = default;
    /// Waits for the next request: what read() gives then are its bytes, from the first one on. False: the worker
    /// is gone, or Stop::isTold() became true while this waited.
    virtual bool begin() = 0;
    /// Waits for at least one byte. 0: the worker is gone.
    virtual size_t read(char* to, size_t size) = 0;
    /// Bytes are there now, or the worker is gone; never waits.
    virtual bool hasInput() = 0;
    /// Waits while there is no room; all of it, or false: the worker is gone. Two parts, so that a record's header
    /// and its content need no copy.
    virtual bool write(std::string_view head, std::string_view data) = 0;
    /// Wakes the worker if it sleeps.
    virtual void flush() = 0;
    /// Before the last END_REQUEST is written: no request after this one.
    virtual void closing() = 0;
    /// Before an END_REQUEST is written: nothing but that follows.
    virtual void ending() = 0;
};

class Acceptor {
 public:
    virtual ~Acceptor() = default;
    /// Waits for a worker. Null: Stop::isTold().
    virtual std::unique_ptr<Stream> accept() = 0;
};

/// What the zygote holds and its interpreters inherit.
class Transport {
 public:
    virtual ~Transport() = default;
    /// In an interpreter, right after the fork. `slot` is its number, below the number of children; no two
    /// that live at once have the same. `stop` outlives what is returned.
    virtual std::unique_ptr<Acceptor> acceptor(unsigned slot, const Stop& stop) = 0;
    /// In the zygote: what poll() finds readable while a connection waits that no interpreter took. -1: none.
    virtual int demand() const { return -1; }
    /// In the zygote: the interpreter of this slot has ended, however it ended.
    virtual void ended(unsigned /*slot*/) {}
};

}  // namespace turnpike::php
