// A chunked body that we take llhttp takes too, with the same content and the same end.
#include <gtest/gtest.h>
#include <llhttp/llhttp.h>

#include "http/chunked.h"
#include "mutator.h"

namespace turnpike::http {
namespace {

constexpr std::string_view kHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Decoded {
    bool complete = false;
    llhttp_errno_t error = HPE_OK;
    std::string body, why;
    size_t consumed = 0;
};

Decoded decodeOurs(std::string_view input) {
    ChunkedDecoder decoder;
    Decoded decoded;
    ChunkedDecoder::Step step{};
    do {
        step = decoder.feed(input.substr(decoded.consumed));
        decoded.body.append(step.data);
        decoded.consumed += step.consumed;
    } while (step.state == ChunkedDecoder::State::Data);
    decoded.complete = step.state == ChunkedDecoder::State::End;
    return decoded;
}

int onBody(llhttp_t* parser, const char* at, size_t size) {
    static_cast<Decoded*>(parser->data)->body.append(at, size);
    return 0;
}

int onMessageComplete(llhttp_t* parser) {
    static_cast<Decoded*>(parser->data)->complete = true;
    return HPE_PAUSED;
}

Decoded decodeTheirs(std::string_view input) {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_body = onBody;
    settings.on_message_complete = onMessageComplete;
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    Decoded decoded;
    parser.data = &decoded;
    const std::string message = std::string(kHead).append(input);
    decoded.error = llhttp_execute(&parser, message.data(), message.size());
    if (decoded.complete) {
        decoded.consumed = static_cast<size_t>(llhttp_get_error_pos(&parser) - message.data()) - kHead.size();
    } else {
        decoded.why = std::string(llhttp_errno_name(decoded.error)) + ": " + llhttp_get_error_reason(&parser);
    }
    return decoded;
}

/// Where we accept on purpose what llhttp refuses. Extensions, RFC 9112 section 7.1.1: it takes no blank (BWS)
/// beside
/// ";" and "=", no quoted-pair, and reads on for a chunk size at the ";" that follows an extension with a value.
/// Trailers: it reads framing out of them, while we drop them unread (section 7.1.2).
bool isIntended(llhttp_errno_t error, std::string_view input) {
    const size_t extension = input.find(';'), value = input.find('=');
    switch (error) {
        case HPE_INVALID_CONTENT_LENGTH:
        case HPE_UNEXPECTED_CONTENT_LENGTH:
        case HPE_INVALID_TRANSFER_ENCODING:
            return input.find("\r\n0") != input.npos || input.front() == '0';
        case HPE_INVALID_CHUNK_SIZE:
        case HPE_STRICT:
            if (extension == input.npos) return false;
            return (value != input.npos && input.find(';', value) != input.npos) ||
                   input.find_first_of(" \t\\") != input.npos;
        default:
            return false;
    }
}

TEST(ChunkedDifferential, AgreesOnMutations) {
    const std::string bodies[] = {
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;a=b;c\r\nhello\r\n00\r\n\r\n",
        "1\r\nx\r\nA\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n",
        "3;a=\"b\"\r\n\r\n\r\r\n0\r\n\r\n",
    };
    Mutator mutator;
    size_t agreed = 0, differed = 0;
    for (int round = 0; round < 40000; ++round) {
        for (const std::string& body : bodies) {
            const std::string input = mutator.mutate(body) + "\r\n\r\n";
            const Decoded ours = decodeOurs(input);
            if (!ours.complete) continue;
            const Decoded theirs = decodeTheirs(input);
            if (!theirs.complete && isIntended(theirs.error, input)) {
                ++differed;
                continue;
            }
            ASSERT_TRUE(theirs.complete) << theirs.why << "\n" << testing::PrintToString(input);
            ASSERT_EQ(theirs.body, ours.body) << testing::PrintToString(input);
            ASSERT_EQ(theirs.consumed, ours.consumed) << testing::PrintToString(input);
            ++agreed;
        }
    }
    EXPECT_GT(differed, 0u) << "no longer a difference";
    EXPECT_GE(agreed, 5000u) << "too few mutations were accepted to mean anything";
}

}  // namespace
}  // namespace turnpike::http
