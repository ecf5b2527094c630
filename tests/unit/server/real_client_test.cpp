// Who a request is from behind trusted proxies: 10.0.0.0/8 here.
#include "server/real_client.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace turnpike::server {
namespace {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

RealClient find(const Fields& given, config::ForwardedField by = config::ForwardedField::XForwardedFor) {
    config::Server server;
    EXPECT_EQ(server.trusted.add("10.0.0.0/8"), "");
    server.forwarded_field = by;
    std::vector<tp_field> fields;
    for (const auto& [name, value] : given)
        fields.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
    return realClient(fields.data(), fields.size(), server);
}
std::string behind(std::string_view list) { return find({{"x-forwarded-for", list}}).address; }
std::string behindRfc(std::string_view list) {
    return find({{"forwarded", list}}, config::ForwardedField::Forwarded).address;
}

TEST(RealClient, IsTheLastThatNoTrustedProxyWrote) {
    EXPECT_EQ(behind("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(behind("6.6.6.6, 192.0.2.1"), "192.0.2.1") << "a client may write what it likes before";
    EXPECT_EQ(behind("192.0.2.1, 10.1.1.1"), "192.0.2.1");
    EXPECT_EQ(behind("6.6.6.6, 192.0.2.1,10.1.1.1 ,\t10.2.2.2"), "192.0.2.1");
    EXPECT_EQ(behind("10.3.3.3, 10.1.1.1"), "10.3.3.3") << "all of them trusted: the first";
}

TEST(RealClient, IsReadOverSeveralFields) {
    EXPECT_EQ(
        find({{"x-forwarded-for", "6.6.6.6, 192.0.2.1"}, {"a", "b"}, {"x-forwarded-for", "10.1.1.1"}}).address,
        "192.0.2.1");
}

TEST(RealClient, MayHaveAPort) {
    EXPECT_EQ(behind("192.0.2.1:4711"), "192.0.2.1");
    EXPECT_EQ(find({{"x-forwarded-for", "192.0.2.1:4711"}}).port, 4711);
    EXPECT_EQ(behind("[2001:DB8::1]:80"), "2001:db8::1");
    EXPECT_EQ(behind("[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(behind("2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(behind("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(RealClient, IsNobodyWhereNobodyIsNamed) {
    for (const char* nothing :
         {"", "unknown", "_hidden", "192.0.2.300", "*", ":80", "unix:/x", "a b", "\"192.0.2.1\""})
        EXPECT_EQ(behind(nothing), "") << nothing;
    EXPECT_EQ(behind("192.0.2.1, unknown, 10.1.1.1"), "10.1.1.1") << "what stands before nobody vouches for";
}

TEST(RealClient, IsToldByTheFieldThatWasChosen) {
    EXPECT_EQ(find({{"forwarded", "for=192.0.2.1"}}).address, "");
    EXPECT_EQ(
        find({{"x-forwarded-for", "192.0.2.1"}, {"x-forwarded-proto", "https"}}, config::ForwardedField::Forwarded)
            .secure,
        std::nullopt);
}

TEST(RealClient, IsReadFromForwarded) {
    EXPECT_EQ(behindRfc("for=192.0.2.1;proto=https"), "192.0.2.1");
    EXPECT_EQ(behindRfc("for=6.6.6.6, proto=http ; For=\"[2001:db8::1]:4711\", for=10.1.1.1"), "2001:db8::1");
    EXPECT_EQ(behindRfc("for=\"a,for=6.6.6.6\", for=192.0.2.1"), "192.0.2.1") << "a comma in quotes ends nothing";
    EXPECT_EQ(behindRfc("for=6.6.6.6, by=10.1.1.1"), "") << "an element without a client";
    EXPECT_EQ(behindRfc("for=_secret"), "");
}

TEST(RealClient, CameBySomeScheme) {
    EXPECT_EQ(find({{"x-forwarded-proto", "https"}}).secure, true);
    EXPECT_EQ(find({{"x-forwarded-proto", "https, HTTP"}}).secure, false) << "the last one wrote it";
    EXPECT_EQ(find({{"x-forwarded-proto", "gopher"}}).secure, std::nullopt);
    EXPECT_EQ(find({}).secure, std::nullopt);
    const auto by = config::ForwardedField::Forwarded;
    EXPECT_EQ(
        find({{"forwarded", "for=6.6.6.6;proto=http, for=192.0.2.1;proto=https, for=10.1.1.1;proto=http"}}, by)
            .secure,
        true)
        << "that of the hop that names the client";
}

TEST(RealClient, TakesBoundedWork) {
    std::string list = "192.0.2.1";
    for (int i = 0; i < 40; ++i) list += ",10.1.1.1";
    EXPECT_EQ(behind(list), "10.1.1.1");
}

}  // namespace
}  // namespace turnpike::server
