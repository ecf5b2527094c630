// memory.h - what a worker and the program that answers its requests share: lanes with one ring each way, and who
// sleeps. The worker makes it, sealed so that it can neither shrink nor grow, and sends it with the descriptor
// that wakes it as the first message on a unix socket. That socket then carries nothing more: each side learns
// from it that the other is gone. What goes through the rings is FastCGI 1.0, as over a socket.
//
// The program answers one request after the other. A lane carries one; the others are for requests that wait with
// the program, so that it need not sleep between two of them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "sdk/link/gate.h"
#include "sdk/link/ring.h"

namespace turnpike::link {

inline constexpr size_t kLanes = 8;
inline constexpr uint32_t kRequestBytes = 65536;
// A whole page fits: the program is done with it, however slow the client is.
inline constexpr uint32_t kAnswerBytes = 262144;

struct Lane {
    Ring requests, answers;
    GateWords gate;
    alignas(4096) char request_bytes[kRequestBytes];
    char answer_bytes[kAnswerBytes];

    RingView requestRing() { return {&requests, request_bytes, kRequestBytes}; }
    RingView answerRing() { return {&answers, answer_bytes, kAnswerBytes}; }
};

struct Memory {
    alignas(64) std::atomic<uint32_t> backend_sleeps;  // a futex
    alignas(64) std::atomic<uint32_t> worker_sleeps;   // woken by writing to its descriptor
    alignas(64) std::atomic<uint32_t> is_closing;      // the program begins no further request
    Lane lanes[kLanes];
};

/// The message that brings the two descriptors: the memory, then the worker's waker.
struct Hello {
    static constexpr uint64_t kMagic = 0x5450'6c69'6e6b'0002;  // with the version of this layout
    uint64_t magic = kMagic;
    uint64_t size = sizeof(Memory);
};

}  // namespace turnpike::link
