// The pool itself, on a clock that is a number: who is asked, who waits for whom, and for how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/scripted.h"
#include "proxy/pool.h"
#include "scripted_upstream.h"

namespace turnpike::proxy::test {
namespace {

using ::testing::HasSubstr;

class ProxyPool : public ::testing::Test {
 protected:
    ProxyPool() {
        time_ns_ = 1'000'000'000;
        plugin_.keys.assign(std::begin(kKeys), std::end(kKeys));
        plugin_.configure = [this](const tp_host* table, tp_setup* setup) -> void* {
            services_ = std::make_unique<gateway::Services>(*table);
            services_->clock = [] { return time_ns_; };
            settings_ = std::make_unique<Settings>(*table, *setup);
            for (const TargetSpec& target : settings_->targets) {
                tp_backend_spec spec{};
                spec.struct_size = sizeof spec;
                spec.count = settings_->connections;
                spec.name = spec.address = str(target.address);
                places_.push_back({services_->backends->declare(setup, &spec), nullptr});
            }
            return &plugin_;
        };
        plugin_.request = [this](tp_request* r) {
            Pool::Entry entry(*pool);
            Exchange& exchange = exchanges_[r];
            exchange.begin(r, services_->host->view(r));
            exchange.restart(pool->buffers());
            exchange.upload.head() = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
            exchange.upload.start(Upload::Coding::None);
            exchange.favourite = favourite;
            pool->enqueue(exchange);
            return TP_PENDING;
        };
        plugin_.done = [this](tp_request* r, bool) {
            Pool::Entry entry(*pool);
            pool->forget(exchanges_.at(r));
        };
        plugin_.stop = [this] { pool.reset(); };
        for (ScriptedUpstream& upstream : upstreams)
            upstream.setScript([](Peer& peer, const Seen&) { peer.waitForEnd(); });
    }
    ~ProxyPool() override { host.stop(); }

    void load(const std::string& balance, size_t targets = 3) {
        std::vector<std::string> addresses;
        for (size_t i = 0; i < targets; ++i) addresses.push_back(upstreams[i].address());
        host.set("balance", balance).setList("targets", addresses);
        ASSERT_TRUE(host.load(plugin_.table())) << host.problems().front();
        pool = std::make_unique<Pool>(*services_, *settings_, places_, host.worker());
    }
    /// A request that is with the pool when this returns.
    fake::Request& begin(const std::string& client = "192.0.2.1") {
        fake::Request& request = host.get("/").remote(client, 1);
        host.begin(request);
        host.settle();
        return request;
    }
    using Loads = std::vector<size_t>;
    Loads loads() {
        Loads all;
        for (size_t i = 0; i < pool->targetCount(); ++i) all.push_back(pool->target(i).load());
        return all;
    }
    void pass(uint64_t ms) {
        time_ns_ += ms * 1'000'000;
        host.advance(ms);
    }

    ScriptedUpstream upstreams[3];
    fake::Host host;
    std::unique_ptr<Pool> pool;
    size_t favourite = SIZE_MAX;

 private:
    static inline uint64_t time_ns_ = 0;
    testing::Scripted plugin_;
    std::unique_ptr<gateway::Services> services_;
    std::unique_ptr<Settings> settings_;
    std::vector<Target::Place> places_;
    std::map<tp_request*, Exchange> exchanges_;
};

TEST_F(ProxyPool, AsksItsTargetsInTurn) {
    load("round_robin");
    for (size_t round = 1; round <= 3; ++round) {
        for (int i = 0; i < 3; ++i) begin();
        EXPECT_EQ(loads(), Loads(3, round));
    }
}

TEST_F(ProxyPool, AsksTheTargetWithFewestConnections) {
    load("least_connections");
    std::vector<fake::Request*> all(9);
    for (fake::Request*& each : all) each = &begin();
    EXPECT_EQ(loads(), Loads(3, 3));
    for (size_t i : {0, 3, 1}) all[i]->leave();  // the first and the fourth had the same one
    host.settle();
    const Loads before = loads();
    EXPECT_THAT(before, ::testing::UnorderedElementsAre(1u, 2u, 3u));
    const size_t least = static_cast<size_t>(std::min_element(before.begin(), before.end()) - before.begin());
    begin();
    EXPECT_EQ(loads()[least], 2u);
    begin();
    begin();
    EXPECT_EQ(loads(), Loads(3, 3));
}

TEST_F(ProxyPool, HoldsNobodyUpForATargetThatAnotherMayNotLeave) {
    host.set("connections", "1");
    load("cookie");
    favourite = 0;
    begin();
    fake::Request& waits = begin();
    EXPECT_EQ(loads(), (Loads{1, 0, 0})) << "its target is busy";
    favourite = 1;
    begin();
    EXPECT_EQ(loads(), (Loads{1, 1, 0})) << "it came later, and its own is free";
    EXPECT_FALSE(waits.done());
    favourite = SIZE_MAX;
    begin();
    EXPECT_EQ(loads(), (Loads{1, 1, 1}));
}

TEST_F(ProxyPool, WaitsForATargetOnlyAsLongAsAnOutageMayTake) {
    host.set("outage", "1s");
    upstreams[0].stop();
    load("round_robin", 1);
    fake::Request& first = begin();
    pass(999);
    EXPECT_FALSE(first.done());
    pass(51);
    ASSERT_TRUE(host.run(first)) << first.why();
    EXPECT_EQ(first.status(), 502u);
    EXPECT_THAT(first.cause(), HasSubstr("cannot be connected to: Connection refused"));
    fake::Request& late = begin();
    ASSERT_TRUE(late.done()) << late.why();
    EXPECT_EQ(late.status(), 503u) << "it has been so for longer than that";
}

TEST_F(ProxyPool, AsksATargetAgainThatIsBackWithinAnOutage) {
    host.set("outage", "1s");
    upstreams[0].stop();
    load("round_robin", 1);
    fake::Request& request = begin();
    pass(500);
    EXPECT_FALSE(request.done());
    upstreams[0].start();
    pass(50);
    EXPECT_TRUE(host.runUntil([&] { return upstreams[0].requests == 1; }));
}

TEST_F(ProxyPool, AsksASecondTargetAtOnce) {
    upstreams[0].stop();
    load("round_robin", 2);
    for (int i = 0; i < 4; ++i) begin();
    EXPECT_EQ(loads(), (Loads{0, 4}));
}

TEST_F(ProxyPool, EndsWhatTakesTooLong) {
    host.set("timeout", "2s").set("queue_timeout", "1s").set("connections", "1");
    load("round_robin", 1);
    fake::Request& asked = begin();
    ASSERT_TRUE(host.runUntil([&] { return upstreams[0].requests == 1; }));
    fake::Request& waits = begin();
    pass(999);
    EXPECT_FALSE(waits.done());
    pass(251);
    EXPECT_THAT(waits.cause(), HasSubstr("waited 1000 ms in the queue"));
    EXPECT_FALSE(asked.done());
    pass(1000);
    EXPECT_EQ(asked.status(), 504u);
    EXPECT_THAT(asked.cause(), HasSubstr("did not answer within 2000 ms"));
}

}  // namespace
}  // namespace turnpike::proxy::test
