#include "sdk/support/accept_encoding.h"

#include <gtest/gtest.h>

#include "request_fields.h"

namespace turnpike::support {
namespace {

constexpr Coding kOffered[] = {Coding::Brotli, Coding::Zstd, Coding::Gzip};

Coding chosen(RequestFields::List fields) {
    const RequestFields request(std::move(fields));
    return AcceptEncoding(request.view()).choose(kOffered);
}

Coding chosenFor(std::string value) { return chosen({{"accept-encoding", std::move(value)}}); }

}  // namespace

TEST(AcceptEncoding, ChoosesByWeightThenByOffer) {
    const struct {
        const char* value;
        Coding expected;
    } cases[] = {
        {"gzip", Coding::Gzip},
        {"gzip, deflate, br, zstd", Coding::Brotli},
        {"gzip, zstd", Coding::Zstd},
        {"gzip;q=1.0, br;q=0.5", Coding::Gzip},
        {"gzip;q=0.001", Coding::Gzip},
        {"br;q=0, gzip", Coding::Gzip},
        {"br;q=0", Coding::Identity},
        {"*", Coding::Brotli},
        {"*;q=0", Coding::Identity},
        {"br;q=0, *;q=0.1", Coding::Zstd},
        {"identity, gzip;q=0.5", Coding::Identity},
        {"identity;q=0.5, gzip;q=0.5", Coding::Gzip},
        {"identity;q=0, gzip;q=0.1", Coding::Gzip},
        {"GZIP", Coding::Gzip},
        {"x-gzip", Coding::Gzip},
        {"gzip ; Q=0.8", Coding::Gzip},
        {" , ,gzip,,", Coding::Gzip},
        {"", Coding::Identity},
        {"deflate", Coding::Identity},
        {"gzippy", Coding::Identity},
    };
    for (const auto& c : cases) EXPECT_EQ(chosenFor(c.value), c.expected) << c.value;
}

TEST(AcceptEncoding, IgnoresElementsWithMalformedWeights) {
    for (const char* value : {"gzip;q=", "gzip;q=2", "gzip;q=1.1", "gzip;q=0.0001", "gzip;q=-1", "gzip;q=.5",
                              "gzip;q", "gzip;x=1", "gzip;q=0.5;x=1", "gzip;q=0,5"})
        EXPECT_EQ(chosenFor(value), Coding::Identity) << value;
}

TEST(AcceptEncoding, JoinsFieldLines) {
    EXPECT_EQ(chosen({{"accept-encoding", "br;q=0"}, {"accept-encoding", "gzip"}}), Coding::Gzip);
}

TEST(AcceptEncoding, ChoosesIdentityWithoutTheField) { EXPECT_EQ(chosen({}), Coding::Identity); }

TEST(AcceptEncoding, NamesCodings) {
    EXPECT_EQ(codingName(Coding::Identity), "");
    EXPECT_EQ(codingName(Coding::Gzip), "gzip");
    EXPECT_EQ(codingName(Coding::Brotli), "br");
    EXPECT_EQ(codingName(Coding::Zstd), "zstd");
}

}  // namespace turnpike::support
