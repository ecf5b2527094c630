// link.h - a connection to a program of this machine over memory that both share (sdk/link/memory.h), with a unix
// socket beside it that tells when the other side is gone. Reading and writing cross into the kernel only to wake
// a program that sleeps. One thread.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "os/fd.h"
#include "os/socket.h"
#include "sdk/link/memory.h"

namespace turnpike::os {

class Link {
 public:
    /// Connects to the unix socket, makes the memory and sends it: eight calls. It can be written to at once,
    /// whenever the program takes the connection up. `error`: errno when null comes back.
    static std::unique_ptr<Link> connect(const Address& address, Class c, int* error);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// To be watched for hanging up, and for nothing else; then hungUp() must be called.
    int socket() const { return socket_.get(); }
    /// To be watched for becoming readable (edge-triggered, never read): look at ready() then.
    int waker() const { return waker_.get(); }
    void hungUp() { is_gone_ = true; }
    /// kReadable: read() has something to say; kWritable: write() would take something; kHangup. Without kReadable
    /// the waker tells when that changes.
    uint32_t ready();

    /// As read(2) of a socket that does not block. After fewer bytes than asked for, or -EAGAIN, the waker tells
    /// when there is more. -EPROTO: the program has written what cannot be. -ESHUTDOWN: it is gone, and has taken
    /// nothing of what was written since it was heard last.
    int64_t read(void* to, size_t size, Class c);
    /// As writev(2); after fewer bytes than asked for, or -EAGAIN, the waker tells when there is room. -ESHUTDOWN:
    /// the program takes nothing more. -EPIPE: it is gone.
    int64_t write(const iovec* parts, size_t count, Class c);

 private:
    Link(Fd socket, Fd waker, link::Memory* memory);
    bool hasAnswer();
    bool hasRoom();
    int64_t takeAll(char* to, size_t size);
    int64_t put(const iovec* parts, size_t count, size_t from);
    int64_t askSocket(Class c);
    void wakeBackend(Class c);

    Fd socket_, waker_;
    link::Memory* memory_;
    link::Producer requests_;
    link::Consumer answers_;
    link::Sleeper backend_, worker_;
    uint32_t heard_at_ = 0;  // how much was written when it was heard last
    bool is_gone_ = false;
};

}  // namespace turnpike::os
