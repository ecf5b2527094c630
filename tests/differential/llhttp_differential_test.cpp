// What llhttp refuses in strict mode we refuse, and what both accept both frame alike. The input: our tables of
// heads and a great many mutations of the good ones, the same in every run.
#include <gtest/gtest.h>
#include <llhttp/llhttp.h>

#include "heads.h"
#include "mutator.h"
#include "parse.h"

namespace turnpike::http {
namespace {

struct Verdict {
    llhttp_errno_t error = HPE_OK;
    bool complete = false;
    size_t consumed = 0;
    bool chunked = false;
    uint64_t length = 0;
    std::string text;
};

int onHeadersComplete(llhttp_t* parser) {
    static_cast<Verdict*>(parser->data)->complete = true;
    return HPE_PAUSED;
}

Verdict askLlhttp(const std::string& input) {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_headers_complete = onHeadersComplete;
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    Verdict verdict;
    parser.data = &verdict;
    verdict.error = llhttp_execute(&parser, input.data(), input.size());
    if (verdict.complete) {
        // It would refuse this by itself behind the head, where it is stopped.
        const bool unframed = (parser.flags & (F_TRANSFER_ENCODING | F_CHUNKED)) == F_TRANSFER_ENCODING;
        verdict.error = unframed ? HPE_INVALID_TRANSFER_ENCODING : HPE_OK;
        verdict.consumed = static_cast<size_t>(llhttp_get_error_pos(&parser) - input.data());
    }
    verdict.chunked = (parser.flags & F_CHUNKED) != 0;
    verdict.length = parser.content_length;
    if (verdict.error != HPE_OK) {
        verdict.text = std::string(llhttp_errno_name(verdict.error)) + ": " + llhttp_get_error_reason(&parser);
    }
    return verdict;
}

std::string shown(const std::string& input) { return testing::PrintToString(input.substr(0, 400)); }

/// Where we accept on purpose what llhttp refuses.
struct Difference {
    llhttp_errno_t error;
    bool (*applies)(const RequestHead&);
    const char* why;
    size_t seen = 0;
};

/// The byte after "HTTP/1." of the request line.
char minorDigit(const RequestHead& head) { return head.target.end()[sizeof " HTTP/1." - 1]; }

class Comparison {
 public:
    void compare(const std::string& input) {
        const Parsed ours = parse(input);
        if (ours.result.state != Parse::Complete) return;  // stricter, or nothing to compare yet
        const Verdict theirs = askLlhttp(input);
        if (theirs.error != HPE_OK) {
            EXPECT_TRUE(isIntended(theirs.error, ours.head)) << theirs.text << "\n" << shown(input);
            return;
        }
        ++agreed_;
        EXPECT_TRUE(theirs.complete) << shown(input);
        EXPECT_EQ(theirs.consumed, ours.result.consumed) << shown(input);
        EXPECT_EQ(theirs.chunked, ours.head.chunked) << shown(input);
        EXPECT_EQ(theirs.length, ours.head.chunked ? 0u : static_cast<uint64_t>(ours.head.content_length))
            << shown(input);
    }
    size_t agreed() const { return agreed_; }
    const std::vector<Difference>& differences() const { return differences_; }

 private:
    bool isIntended(llhttp_errno_t error, const RequestHead& head) {
        for (Difference& difference : differences_) {
            if (difference.error != error || !difference.applies(head)) continue;
            ++difference.seen;
            return true;
        }
        return false;
    }

    size_t agreed_ = 0;
    std::vector<Difference> differences_ = {
        {HPE_INVALID_METHOD, [](const RequestHead& head) { return head.method == TP_METHOD_OTHER; },
         "RFC 9110 section 9.1: any token is a method; what to answer is the handler's business"},
        {HPE_INVALID_VERSION, [](const RequestHead& head) { return minorDigit(head) > '1'; },
         "RFC 9110 section 2.5: a higher minor version is to be read as the highest that one knows"},
        {HPE_INVALID_CONTENT_LENGTH, [](const RequestHead& head) { return head.content_length >= 0; },
         "RFC 9112 section 5: the blanks after a value may be tabs; llhttp takes spaces only"},
        {HPE_INVALID_TRANSFER_ENCODING, [](const RequestHead& head) { return head.chunked; },
         "the same of Transfer-Encoding, where it then misses the chunked coding"},
    };
};

TEST(LlhttpDifferential, AgreesOnTheTables) {
    Comparison comparison;
    for (const std::string& head : goodHeads()) comparison.compare(head);
    for (const BadHead& head : badHeads()) comparison.compare(head.input);
    EXPECT_GE(comparison.agreed(), goodHeads().size() - 1);
}

TEST(LlhttpDifferential, AgreesOnMutations) {
    Comparison comparison;
    Mutator mutator;
    for (int round = 0; round < 50000; ++round) {
        for (const std::string& head : goodHeads()) comparison.compare(mutator.mutate(head) + "\r\n\r\n");
    }
    EXPECT_GE(comparison.agreed(), 10000u) << "too few mutations were accepted by both to mean anything";
    for (const Difference& difference : comparison.differences()) {
        EXPECT_GT(difference.seen, 0u) << "no longer a difference: " << difference.why;
    }
}

}  // namespace
}  // namespace turnpike::http
