// link.h - a connection to a program of this machine over memory that both share (sdk/link/memory.h), with a unix
// socket beside it that tells when the other side is gone. Reading and writing cross into the kernel only to wake
// a program that sleeps. One thread.
#pragma once
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "os/fd.h"
#include "os/socket.h"
#include "sdk/link/memory.h"

namespace turnpike::os {

class Link {
 public:
    class Lane;

    /// Connects to the unix socket, makes the memory and sends it: eight calls. It can be written to at once,
    /// whenever the program takes the connection up. `error`: errno when null comes back.
    static std::unique_ptr<Link> connect(const Address& address, Class c, int* error);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// To be watched for hanging up, and for nothing else; then hungUp() must be called.
    int socket() const { return socket_.get(); }
    /// To be watched for becoming readable (edge-triggered, never read): look at ready() of every lane then.
    int waker() const { return waker_.get(); }
    void hungUp() { is_gone_ = true; }
    /// `index` below link::kLanes.
    Lane& lane(size_t index) { return lanes_[index]; }

    /// What was written lies there, and the program sleeps: wake() must be called, soon. Not at once, because the
    /// kernel would let the program run in the caller's place.
    bool owesWake() const { return owes_wake_; }
    void wake();

    /// One request at a time: written, and its answer read.
    class Lane {
     public:
        Lane(Link& link, link::Lane& shared)
            : link_(link), gate_(shared.gate), requests_(shared.requestRing()), answers_(shared.answerRing()) {}

        /// kReadable: read() has something to say; kWritable: write() would take something; kHangup. Without
        /// kReadable the waker tells when that changes.
        uint32_t ready();
        /// As read(2) of a socket that does not block. After fewer bytes than asked for, or -EAGAIN, the waker
        /// tells when there is more. -EPROTO: the program has written what cannot be. -ESHUTDOWN: the program
        /// begins no further request, and has not begun this one.
        int64_t read(void* to, size_t size, Class c);
        /// As writev(2); after fewer bytes than asked for, or -EAGAIN, the waker tells when there is room.
        /// -ESHUTDOWN: the program begins no further request. -EPIPE: it is gone, or has ended this one.
        int64_t write(const iovec* parts, size_t count, Class c);
        /// The answer has been read to its end: the next write() begins another request.
        void end() { is_new_ = true; }
        /// Microseconds that the program says it took for the request that it has ended last.
        uint32_t took() const { return gate_.took(); }
        /// True: the request that was written, all of it or in part, was not begun and never will be. The next
        /// write() begins another one.
        bool withdraw();

     private:
        bool hasAnswer();
        bool hasRoom();
        int64_t takeAll(char* to, size_t size);
        int64_t put(const iovec* parts, size_t count, size_t from);
        int64_t askSocket(Class c);

        Link& link_;
        link::Gate gate_;
        link::Producer requests_;
        link::Consumer answers_;
        uint32_t began_at_ = 0;  // the request that was offered last
        bool is_new_ = true;     // nothing of the next one was written
    };

 private:
    Link(Fd socket, Fd waker, link::Memory* memory);
    void oweWake(Class c);

    Fd socket_, waker_;
    link::Memory* memory_;
    link::Sleeper backend_, worker_;
    uint32_t offers_ = 0;
    bool is_gone_ = false, owes_wake_ = false;
    std::array<Lane, link::kLanes> lanes_;
};

}  // namespace turnpike::os
