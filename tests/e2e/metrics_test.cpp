// What the server tells of itself: by site in `turnpike status`, and to Prometheus.
#include <Poco/JSON/Array.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "processes.h"
#include "support/prometheus_text.h"
#include "support/raw_client.h"
#include "support/running_program.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

constexpr const char* kSites = R"(
[[site]]
name = "one"
hosts = ["one.test", "localhost"]
root = "FOLDER"
[[site.route]]
exact = "/backend"
plugin = "fastcgi"
command = ["/bin/sleep", "1000"]
[[site.route]]
prefix = "/"
plugin = "teller"
[[site]]
name = "two"
hosts = ["two.test"]
root = "FOLDER"
[[site.hook]]
plugin = "guard"
[[site.route]]
prefix = "/"
plugin = "static"
[[site]]
name = "idle"
hosts = ["idle.test"]
root = "FOLDER"
[[site.route]]
prefix = "/"
plugin = "static"
)";

std::string request(const std::string& host, const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
}

class Metrics : public ::testing::Test {
 protected:
    void SetUp() override {
        server.setup.sites = kSites;
        ASSERT_TRUE(server.start());
    }
    Poco::JSON::Object::Ptr site(unsigned index) const {
        return server.status()->getArray("sites")->getObject(index);
    }
    uint64_t counter(unsigned index, const std::string& name) const {
        return site(index)->getObject("counters")->getValue<Poco::UInt64>(name);
    }
    /// Requests are counted after their last byte has left.
    void waitForRequests(unsigned index, uint64_t count) {
        EXPECT_TRUE(eventually([&] { return counter(index, "requests") >= count; }));
        EXPECT_EQ(counter(index, "requests"), count);
    }
    std::string metrics() const {
        std::string text;
        EXPECT_EQ(server.run("metrics", &text), 0) << text;
        return text;
    }

    Turnpike server;
};

TEST_F(Metrics, AreKeptForEachSite) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(server.port(), request("one.test", "/pid")).status, 200);
    const Answer missing = ask(server.port(), request("two.test", "/absent"));
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(ask(server.port(), request("unknown.test", "/")).status, 421);
    waitForRequests(0, 5);
    waitForRequests(1, 1);
    EXPECT_EQ(counter(0, "status_2xx"), 5u);
    EXPECT_EQ(counter(1, "status_4xx"), 1u);
    EXPECT_EQ(counter(1, "bytes_sent"), missing.body.size());
    EXPECT_EQ(counter(2, "requests"), 0u);
    auto total = site(0)->getObject("times")->getObject("total");
    EXPECT_EQ(total->getValue<int>("count"), 5);
    EXPECT_GE(total->getValue<int>("p99_us"), total->getValue<int>("p50_us"));
    EXPECT_GT(total->getValue<int>("p50_us"), 0);
    std::string shown;
    EXPECT_EQ(server.run("status", &shown), 0);
    EXPECT_THAT(shown, ::testing::ContainsRegex("site one  5 requests"));
}

TEST_F(Metrics, SayInOneWordWhetherTheServerDoesItsWork) {
    std::string said;
    EXPECT_EQ(server.run("status --healthy", &said), 0);
    EXPECT_EQ(said, "healthy\n");
    // Workers that die again and again are started later and later.
    EXPECT_TRUE(eventually([&] {
        for (pid_t worker : server.workers()) ::kill(worker, SIGKILL);
        return server.run("status --healthy", &said) == 1;
    }));
    EXPECT_THAT(said, HasSubstr("no worker serves\n"));
}

TEST(Health, IsNotWithoutABackend) {
    Turnpike server;
    server.setup.sites = R"(
[[site]]
name = "site"
root = "FOLDER"
[[site.route]]
prefix = "/"
plugin = "fastcgi"
command = ["/bin/false"]
)";
    ASSERT_TRUE(server.start());
    std::string said;
    EXPECT_TRUE(eventually([&] { return server.run("status --healthy", &said) == 1; }));
    EXPECT_EQ(said, "backend site-false does not run\n");
}

TEST_F(Metrics, OutliveWorkersAndReloads) {
    EXPECT_EQ(ask(server.port(), request("one.test", "/pid")).status, 200);
    waitForRequests(0, 1);
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(ask(server.port(), request("one.test", "/pid")).status, 200);
    waitForRequests(0, 2);
    const auto workers = server.workers();
    for (pid_t worker : workers) ::kill(worker, SIGKILL);
    ASSERT_TRUE(
        eventually([&] { return server.workers().size() == workers.size() && server.workers() != workers; }));
    EXPECT_EQ(counter(0, "requests"), 2u);
}

TEST_F(Metrics, TellHowLongPluginsHadTheirRequests) {
    auto plugin = [&](const std::string& name) {
        auto plugins = server.status()->getArray("plugins");
        for (unsigned i = 0; i < plugins->size(); ++i)
            if (plugins->getObject(i)->getValue<std::string>("name") == name) return plugins->getObject(i);
        ADD_FAILURE() << "no plugin " << name;
        return Poco::JSON::Object::Ptr(new Poco::JSON::Object);
    };
    auto has = [&](const std::string& name, const std::string& what, uint64_t least) {
        return plugin(name)->getValue<Poco::UInt64>(what) >= least;
    };
    EXPECT_EQ(ask(server.port(), request("one.test", "/slow?300")).status, 200);
    server.folder().write("small.txt", "small\n");
    EXPECT_EQ(ask(server.port(), request("two.test", "/small.txt?guard=wait")).status, 200);
    EXPECT_EQ(ask(server.port(), request("unknown.test", "/")).status, 421);
    EXPECT_TRUE(eventually([&] { return has("teller", "requests", 1) && has("static", "requests", 1); }));
    EXPECT_TRUE(has("teller", "time_us", 300'000));
    EXPECT_TRUE(has("static", "time_us", 1));
    EXPECT_TRUE(has("guard", "requests", 1));
    EXPECT_TRUE(has("guard", "time_us", 30'000)) << "it held the request for so long";
    EXPECT_FALSE(has("fastcgi", "requests", 1));
    ASSERT_TRUE(server.reload());
    for (pid_t worker : server.workers()) ::kill(worker, SIGKILL);
    EXPECT_TRUE(eventually([&] { return server.workers().size() == 2; }));
    EXPECT_EQ(plugin("teller")->getValue<int>("requests"), 1);
    EXPECT_TRUE(has("teller", "time_us", 300'000));
    std::string shown;
    EXPECT_EQ(server.run("status", &shown), 0);
    EXPECT_THAT(shown, ::testing::ContainsRegex("plugin teller +1 requests"));
    EXPECT_THAT(shown, ::testing::Not(HasSubstr("plugin fastcgi")));
}

TEST_F(Metrics, AreWhatPrometheusReads) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(server.port(), request("one.test", "/pid")).status, 200);
    waitForRequests(0, 3);
    const std::string text = metrics();
    const PrometheusText read(text);
    EXPECT_EQ(read.value("turnpike_site_requests_total{site=\"one\"}"), 3);
    EXPECT_EQ(read.value("turnpike_site_responses_total{site=\"one\",class=\"2xx\"}"), 3);
    EXPECT_EQ(read.value("turnpike_site_request_seconds_count{site=\"one\",phase=\"total\"}"), 3);
    EXPECT_EQ(read.value("turnpike_site_requests_total{site=\"idle\"}"), 0);
    EXPECT_EQ(read.value("turnpike_workers{state=\"serving\"}"), 2);
    EXPECT_GT(read.value("turnpike_crossings_total{class=\"client\"}"), 0);
    EXPECT_EQ(read.types.at("turnpike_connections"), "gauge");
    EXPECT_EQ(read.value("turnpike_connections{state=\"handling\"}"), 0);
    EXPECT_EQ(read.value("turnpike_plugin_requests_total{plugin=\"teller\"}"), 3);
    EXPECT_GT(read.value("turnpike_plugin_seconds_total{plugin=\"teller\"}"), 0);
    EXPECT_EQ(read.value("turnpike_plugin_requests_total{plugin=\"static\"}"), 0);
    EXPECT_THAT(text, HasSubstr("turnpike_backend_places{backend=\""));
    if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
    server.folder().write("metrics.txt", text);
    EXPECT_EQ(std::system(("promtool check metrics < " + server.path("metrics.txt")).c_str()), 0);
}

TEST_F(Metrics, ComeOverHttpToThisMachineOnly) {
    const RunningProgram exporter(
        {TURNPIKE_PROGRAM, "metrics", "-c", server.configPath(), "--listen", "127.0.0.1:0"},
        server.path("exporter"));
    const std::string said = "metrics on port ";
    ASSERT_TRUE(eventually([&] { return exporter.output().ends_with('\n'); }));
    ASSERT_TRUE(exporter.output().starts_with(said)) << exporter.output();
    const auto port = static_cast<uint16_t>(std::stoi(exporter.output().substr(said.size())));
    const Answer answer = ask(port, request("127.0.0.1:" + std::to_string(port), "/metrics"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_GT(PrometheusText(answer.body).samples.size(), 50u);
    EXPECT_EQ(ask(port, request("localhost", "/")).status, 404);
    EXPECT_EQ(ask(port, request("rebound.example", "/metrics")).status, 421);
    EXPECT_EQ(ask(port, "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status, 405);
    EXPECT_EQ(ask(port, "rubbish\r\n\r\n").status, 400);
    std::string output;
    for (const char* address : {"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"}) {
        EXPECT_EQ(server.run(std::string("metrics --listen ") + address, &output), 1);
        EXPECT_THAT(output, HasSubstr("can be reached by others")) << address;
    }
    ASSERT_EQ(server.stop(), 0);
    const Answer gone = ask(port, request("localhost", "/metrics"));
    EXPECT_EQ(gone.status, 503);
    EXPECT_THAT(gone.body, HasSubstr("turnpike is not running"));
}

}  // namespace
}  // namespace turnpike::e2e
