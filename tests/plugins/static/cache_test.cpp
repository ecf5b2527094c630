#include "cache.h"

#include <unistd.h>

#include <ctime>

#include "fixture.h"

namespace turnpike::static_files {

using StaticCache = StaticTest;

TEST_F(StaticCache, AsksTheKernelForNothingOnAHit) {
    write("/a.txt", "hello");
    write("/index.html", "index");
    load();
    get("/a.txt");
    get("/");
    EXPECT_EQ(callsOf([&] {
                  for (int i = 0; i < 100; ++i) {
                      EXPECT_EQ(get("/a.txt").text(), "hello");
                      EXPECT_EQ(get("/").text(), "index");
                      EXPECT_EQ(get("/a.txt", {{"If-None-Match", "*"}}).status(), 304u);
                      EXPECT_EQ(get("/a.txt", {{"Range", "bytes=1-2"}}).text(), "el");
                  }
              }),
              0u);
}

TEST_F(StaticCache, LooksAtAFileOnceASecond) {
    write("/a.txt", "hello");
    load();
    get("/a.txt");
    host.advance(1100);
    EXPECT_EQ(callsOf([&] {
                  for (int i = 0; i < 10; ++i) get("/a.txt");
              }),
              2u)
        << "open and close";
}

TEST_F(StaticCache, SeesEveryKindOfChangeAfterASecond) {
    write("/a.txt", "one");
    load();
    EXPECT_EQ(get("/a.txt").text(), "one");
    const std::string tag = get("/a.txt").field("etag");

    write("/a.txt", "two", kOld + 1);  // in place
    host.advance(1100);
    EXPECT_EQ(get("/a.txt").text(), "two");
    EXPECT_NE(get("/a.txt").field("etag"), tag);

    write("/b.txt", "six", kOld + 1);  // another file with the same size and time
    ASSERT_EQ(rename((root + "/b.txt").c_str(), (root + "/a.txt").c_str()), 0);
    host.advance(1100);
    EXPECT_EQ(get("/a.txt").text(), "six");

    ASSERT_EQ(unlink((root + "/a.txt").c_str()), 0);
    host.advance(1100);
    EXPECT_TRUE(get("/a.txt").declined());

    write("/a.txt", "back");
    EXPECT_EQ(get("/a.txt").text(), "back");
}

TEST_F(StaticCache, SeesThatAnotherFileBecameTheIndex) {
    host.site.index = {"index.html", "index.txt"};
    write("/index.txt", "second");
    load();
    EXPECT_EQ(get("/").text(), "second");
    write("/index.html", "first");
    host.advance(1100);
    EXPECT_EQ(get("/").text(), "first");
    EXPECT_EQ(get("/").field("content-type"), "text/html; charset=utf-8");
}

TEST_F(StaticCache, MakesATagStrongOnceTheFileHasSettled) {
    write("/a.txt", "x", std::time(nullptr) + 2);  // seconds away from the moment at which it counts as settled
    load();
    ASSERT_TRUE(get("/a.txt").field("etag").starts_with("W/"));
    bool is_strong = false;
    for (int i = 0; i < 100 && !is_strong; ++i) {
        usleep(100'000);
        host.advance(1100);
        is_strong = get("/a.txt").field("etag").starts_with("\"");
    }
    EXPECT_TRUE(is_strong);
}

TEST_F(StaticCache, LooksAtALargeFileBeforeEachUse) {
    host.set("memory_file", "4");
    write("/a.txt", "hello");
    load();
    EXPECT_EQ(get("/a.txt").text(), "hello");
    EXPECT_EQ(callsOf([&] { EXPECT_EQ(get("/a.txt").text(), "hello"); }), 1u) << "fstat";
    write("/a.txt", "hello world", kOld + 1);
    EXPECT_EQ(get("/a.txt").text(), "hello world") << "without waiting for a second";
}

TEST_F(StaticCache, KeepsNoMoreFilesOpenThanAllowed) {
    host.set("memory_file", "0").set("open_files", "2");
    for (int i = 0; i < 5; ++i) write("/" + std::to_string(i), "x");
    load();
    const auto openFiles = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator{});
    };
    const auto before = openFiles();
    for (int i = 0; i < 5; ++i) get("/" + std::to_string(i));
    EXPECT_EQ(openFiles() - before, 2);
}

TEST_F(StaticCache, WorksWithNothingKept) {
    host.set("memory_total", "0").set("open_files", "0");
    write("/a.txt", "hello");
    load();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/a.txt").text(), "hello");
    EXPECT_EQ(send(host.get("/a.txt").takes(1)).text(), "hello");
}

TEST_F(StaticCache, KeepsAResponseAliveThatItNoLongerHolds) {
    host.set("memory_total", "3000");
    write("/a.txt", std::string(1000, 'a'));
    write("/b.txt", std::string(1000, 'b'));
    load();
    Request& slow = host.get("/a.txt").takes(0);
    host.begin(slow);
    host.settle();
    get("/b.txt");
    write("/a.txt", "new");
    host.advance(1100);
    EXPECT_EQ(get("/a.txt").text(), "new");
    slow.takes(100);
    ASSERT_TRUE(host.run(slow)) << slow.why();
    EXPECT_EQ(slow.text(), std::string(1000, 'a'));
}

TEST_F(StaticCache, ForgetsAClientThatLeft) {
    host.set("memory_file", "10");
    write("/small.txt", "small");
    write("/large.txt", std::string(100000, 'x'));
    load();
    for (const char* path : {"/small.txt", "/large.txt"}) {
        Request& r = host.get(path).takes(1).leavesAfter(3);
        ASSERT_TRUE(host.run(r)) << r.why();
        EXPECT_TRUE(r.aborted());
    }
    EXPECT_EQ(get("/small.txt").text(), "small");
}

TEST_F(StaticCache, NeverLetsATruncatedFilePassAsWhole) {
    host.set("memory_file", "0");
    write("/a.bin", std::string(10000, 'x'));
    load();
    Request& r = host.get("/a.bin").takes(0);
    host.begin(r);
    host.settle();
    write("/a.bin", "cut");
    r.takes(1000);
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_TRUE(r.truncated());
    EXPECT_EQ(get("/a.bin").text(), "cut");
}

namespace {

int closed = 0;

tp_io countingIo() {
    tp_io io{};
    io.struct_size = sizeof io;
    io.close = [](tp_request*, int, uint32_t) { ++closed; };
    io.pread = [](tp_request*, int, void* to, size_t size, uint64_t) {
        std::memset(to, 'x', size);
        return static_cast<int64_t>(size);
    };
    io.stat_fd = [](tp_request*, int, tp_file* file) {
        file->size = 1000;
        return int32_t{0};
    };
    return io;
}

std::shared_ptr<Resource> resource(const tp_io& io, const std::string& path, bool in_memory) {
    auto made = std::make_shared<Resource>();
    made->path = path;
    tp_file state{};
    state.size = 1000;
    made->forms.push_back(std::make_unique<Representation>(OpenFile(io, 100), state, Description{}));
    if (in_memory) made->forms.front()->load(io, nullptr);
    return made;
}

}  // namespace

TEST(Cache, KeepsWhatIsUsed) {
    const tp_io io = countingIo();
    const uint64_t each = resource(io, "/0", true)->memory();
    Cache cache({1, 2}, each * 3 + 16, 10);  // names of two digits cost a byte more
    for (int i = 0; i < 3; ++i) cache.insert(resource(io, "/" + std::to_string(i), true));
    for (int i = 3; i < 50; ++i) {
        ASSERT_NE(cache.find("/0"), nullptr) << i;
        cache.insert(resource(io, "/" + std::to_string(i), true));
        EXPECT_EQ(cache.size(), 3u);
    }
    EXPECT_EQ(cache.find("/1"), nullptr);
}

TEST(Cache, HasSeparateBoundsForMemoryAndDescriptors) {
    const tp_io io = countingIo();
    Cache cache({1, 2}, 1 << 20, 2);
    cache.insert(resource(io, "/small", true));
    closed = 0;
    for (int i = 0; i < 10; ++i) cache.insert(resource(io, "/" + std::to_string(i), false));
    EXPECT_EQ(closed, 8);
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_NE(cache.find("/small"), nullptr);
}

TEST(Cache, ReplacesAndRemoves) {
    const tp_io io = countingIo();
    Cache cache({1, 2}, 1 << 20, 2);
    cache.insert(resource(io, "/a", true));
    auto second = resource(io, "/a", true);
    cache.insert(second);
    EXPECT_EQ(cache.size(), 1u);
    EXPECT_EQ(cache.find("/a"), second.get());
    cache.remove("/a");
    cache.remove("/a");
    EXPECT_EQ(cache.find("/a"), nullptr);
}

TEST(Cache, RefusesWhatIsLargerThanItself) {
    const tp_io io = countingIo();
    Cache cache({1, 2}, 100, 0);
    cache.insert(resource(io, "/a", true));
    cache.insert(resource(io, "/b", false));
    EXPECT_EQ(cache.size(), 0u);
}

}  // namespace turnpike::static_files
