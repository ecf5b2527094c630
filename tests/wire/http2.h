// http2.h - what the wire tests of HTTP/2 share beside wire.h.
#pragma once
#include "support/http2_client.h"
#include "wire.h"

namespace turnpike::wire {

using H2 = Http2Client;

inline std::string framed(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload = "") {
    return H2::frame(type, flags, stream, payload);
}

/// The client's connection still answers.
inline void expectAnswers(H2& client) {
    const Http2Answer& hello = client.answer(client.get("/hello"));
    EXPECT_EQ(hello.status, 200);
    EXPECT_EQ(hello.body, "hello\n");
    EXPECT_TRUE(hello.ended);
}

inline bool hasLine(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace turnpike::wire
