// send = "read": a file goes through the worker's memory.
#include <unistd.h>

#include "fixture.h"

namespace turnpike::static_files {

class StaticCopied : public StaticTest {
 protected:
    void SetUp() override {
        host.set("memory_file", "0").set("send", "read");
        for (size_t i = 0; i < 200'000; ++i) content += static_cast<char>('a' + i % 23);
        write("/a.txt", content);
        write("/empty.txt", "");
        load();
        get("/a.txt");
    }
    /// A request whose client has taken the beginning.
    Request& beginSlowly() {
        Request& request = host.get("/a.txt").takes(3000);
        host.begin(request);
        EXPECT_TRUE(host.runUntil([&] { return request.waits() > 0; }));
        return request;
    }
    uint64_t readsOf(Request& request) {
        return callsOf([&] { send(request); }) - 1;  // it is looked at first
    }
    std::string content;
};

TEST_F(StaticCopied, ArrivesWholeInChunks) {
    Request& request = host.get("/a.txt");
    EXPECT_EQ(readsOf(request), 4u) << "64 KiB each";
    EXPECT_EQ(request.text(), content);
    EXPECT_EQ(request.announced(), 200'000);
    EXPECT_EQ(get("/empty.txt").text(), "");
}

TEST_F(StaticCopied, ArrivesWholeAtASlowClientToo) {
    Request& request = host.get("/a.txt").takes(1000);
    send(request);
    EXPECT_EQ(request.text(), content);
    EXPECT_GT(request.waits(), 0u);
    Request& again = host.get("/a.txt").takes(50'000);
    send(again);
    EXPECT_EQ(again.text(), content);
}

TEST_F(StaticCopied, MayBeTwoAtOnce) {
    Request& slow = beginSlowly();
    EXPECT_EQ(get("/a.txt").text(), content);
    ASSERT_TRUE(host.run(slow)) << slow.why();
    EXPECT_EQ(slow.text(), content);
}

TEST_F(StaticCopied, MayBeAPart) {
    Request& one = get("/a.txt", {{"Range", "bytes=70000-139999"}});
    EXPECT_EQ(one.status(), 206u);
    EXPECT_EQ(one.text(), content.substr(70'000, 70'000));
    Request& two = get("/a.txt", {{"Range", "bytes=0-99999,150000-199999"}});
    EXPECT_EQ(two.status(), 206u);
    EXPECT_NE(two.text().find(content.substr(0, 100'000)), std::string::npos);
    EXPECT_NE(two.text().find(content.substr(150'000)), std::string::npos);
    EXPECT_EQ(two.announced(), static_cast<int64_t>(two.text().size()));
}

TEST_F(StaticCopied, IsNotReadForHead) {
    Request& request = host.request("HEAD", "/a.txt");
    EXPECT_EQ(readsOf(request), 0u);
    EXPECT_EQ(request.announced(), 200'000);
}

TEST_F(StaticCopied, EndsTheConnectionWhenItShrinksOrCannotBeRead) {
    Request& slow = beginSlowly();
    ASSERT_EQ(truncate((root + "/a.txt").c_str(), 100'000), 0);
    host.run(slow);
    EXPECT_TRUE(slow.truncated());
    EXPECT_NE(slow.cause().find("\"/a.txt\" to its end: it is shorter than it was"), std::string::npos)
        << slow.cause();
    write("/a.txt", content);
    host.advance(1100);
    host.io.failNext("pread", -EIO);
    Request& request = host.get("/a.txt");
    host.run(request);
    EXPECT_EQ(request.failedWith(), 500u);
    EXPECT_NE(request.cause().find("Input/output error"), std::string::npos) << request.cause();
}

}  // namespace turnpike::static_files
