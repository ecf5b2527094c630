// What goes through a TLS connection comes out the same, however large, slow or oddly cut it is.
#include <random>

#include "processes.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

std::string digits(size_t size) {
    std::string text;
    for (size_t i = 0; text.size() < size; ++i) text.append(std::to_string(i)).append(",");
    text.resize(size);
    return text;
}

class TlsTraffic : public TlsSite {
 protected:
    TlsTraffic() { server.folder().write("public/large.txt", large); }
    static std::string posting(const std::string& path, size_t size) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) +
               "\r\n\r\n";
    }
    /// The server got through it: no worker died, and it still answers.
    void expectWell() const {
        EXPECT_EQ(server.number("worker_deaths"), 0);
        TlsClient client(port());
        ASSERT_TRUE(client.send(asking("/small.txt")));
        EXPECT_EQ(client.answer().body, "small\n");
    }
    std::string large = digits(20'000'000);
};

TEST_F(TlsTraffic, BringsALargeFileToASlowReader) {
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options;
        options.most_version = version;
        TlsClient client(port(), options);
        ASSERT_TRUE(client.send(asking("/large.txt") + asking("/small.txt")));
        // The socket is full long before the answer is out.
        EXPECT_TRUE(eventually([&] { return counted("requests_active") == 1; }));
        Answer answer = client.answer();
        EXPECT_TRUE(answer.whole);
        EXPECT_TRUE(answer.body == large);
        EXPECT_EQ(client.answer().body, "small\n");
    }
    expectWell();
}

TEST_F(TlsTraffic, BringsEverySizeAroundARecord) {
    for (size_t size : {1u, 16'000u, 16'383u, 16'384u, 16'385u, 32'768u, 65'535u, 65'536u, 65'537u, 200'000u})
        server.folder().write("public/" + std::to_string(size), large.substr(0, size));
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    for (size_t size : {1u, 16'000u, 16'383u, 16'384u, 16'385u, 32'768u, 65'535u, 65'536u, 65'537u, 200'000u}) {
        ASSERT_TRUE(client.send(asking("/" + std::to_string(size))));
        Answer answer = client.answer();
        EXPECT_TRUE(answer.whole);
        EXPECT_TRUE(answer.body == large.substr(0, size)) << size;
    }
    for (const char* path : {"/1m", "/stream", "/pieces"}) {
        ASSERT_TRUE(client.send(asking(path)));
        EXPECT_TRUE(client.answer().whole) << path;
    }
}

TEST_F(TlsTraffic, TakesALargeBody) {
    ASSERT_TRUE(server.start());
    const std::string body = large.substr(0, 9'000'000);
    TlsClient client(port());
    ASSERT_TRUE(client.send(posting("/spool", body.size()) + body));
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body.substr(0, 200), HasSubstr(std::to_string(body.size())));
    expectWell();
}

/// Body and answer go both ways at once; each side waits for the other.
TEST_F(TlsTraffic, EchoesWhileItIsStillSentTo) {
    ASSERT_TRUE(server.start());
    const std::string body = large.substr(0, 9'000'000);
    TlsClient client(port());
    const std::string came = client.converse(posting("/echo", body.size()) + body, "\r\n0\r\n\r\n");
    std::string echoed;  // out of its chunks
    for (size_t at = came.find("\r\n\r\n") + 4; at < came.size();) {
        const size_t size = std::strtoul(came.c_str() + at, nullptr, 16);
        at = came.find("\r\n", at) + 2;
        echoed.append(came, at, size);
        at += size + 2;
    }
    EXPECT_TRUE(echoed == body);
    expectWell();
}

TEST_F(TlsTraffic, TakesARequestInRecordsOfOneByte) {
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    ASSERT_TRUE(
        client.sendSlowly(asking("/small.txt") + posting("/spool", 5) + "hello" + asking("/small.txt"), 1));
    EXPECT_EQ(client.answer().body, "small\n");
    EXPECT_EQ(client.answer().body, "5 bytes in memory\n");
    EXPECT_EQ(client.answer().body, "small\n");
}

TEST_F(TlsTraffic, GoesOnWhenTheClientChangesItsKeys) {
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(client.updatesKeys());
        ASSERT_TRUE(client.send(asking("/small.txt")));
        EXPECT_EQ(client.answer().body, "small\n");
    }
    expectWell();
}

/// Every change of keys asks for an answer; who reads none must not make the server keep them all.
TEST_F(TlsTraffic, EndsAClientThatAsksForKeysAndReadsNothing) {
    server.setup.limits = "header = \"10m\"\n";  // it is not time that ends it
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    bool ended = false;
    for (int i = 0; i < 2'000'000 && !ended; ++i) ended = !client.updatesKeys();
    EXPECT_TRUE(ended);
    expectWell();
}

TEST_F(TlsTraffic, SaysGoodbyeAfterAWholeAnswerOnly) {
    ASSERT_TRUE(server.start());
    for (const char* version : {"1.0", "1.1"}) {
        const std::string tail =
            std::string(" HTTP/") + version + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        TlsClient whole(port());
        ASSERT_TRUE(whole.send("GET /stream" + tail));
        whole.rest();
        EXPECT_TRUE(whole.wasToldTheEnd()) << version;
    }
    TlsClient cut(port());
    ASSERT_TRUE(cut.send("GET /half HTTP/1.0\r\nHost: localhost\r\n\r\n"));
    cut.rest();
    EXPECT_FALSE(cut.wasToldTheEnd());
}

TEST_F(TlsTraffic, SurvivesHandshakesOfRandomBytes) {
    ASSERT_TRUE(server.start());
    std::mt19937 random(2026);
    auto byte = [&] { return static_cast<char>(random()); };
    // A hello as OpenSSL sends it, and then something else in some places.
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_connect(ssl);
    char* data = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(out, &data));
    const std::string good(data, size);
    SSL_free(ssl);
    SSL_CTX_free(context);
    for (int i = 0; i < 400; ++i) {
        std::string bytes = good;
        for (auto changes = random() % 8; changes > 0; --changes) bytes[random() % bytes.size()] = byte();
        if (i % 4 == 0) bytes.resize(random() % bytes.size());
        if (i % 5 == 0) bytes.append(random() % 3000, byte());
        if (i % 7 == 0) bytes = "\x16\x03\x01" + std::string(random() % 5000, byte());
        RawClient client(port());
        client.send(bytes);
        client.endSending();
        client.rest(10'000);
    }
    expectWell();
}

}  // namespace
}  // namespace turnpike::e2e
