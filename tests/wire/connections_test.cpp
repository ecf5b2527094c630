// How many connections there may be, and who has to go for a new one.
#include <memory>
#include <vector>

#include "wire.h"

namespace turnpike::wire {
namespace {

using Clients = std::vector<std::unique_ptr<RawClient>>;

Clients connectMany(uint16_t port, int count, const std::string& bytes) {
    Clients clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<RawClient>(port));
        clients.back()->send(bytes);
    }
    return clients;
}

/// Each is known to run before the next begins, so none of them is idle afterwards.
Clients connectBusy(uint16_t port, int count) {
    Clients busy;
    for (int i = 0; i < count; ++i) {
        busy.push_back(std::make_unique<RawClient>(port));
        busy.back()->send(request("/spool", "Expect: 100-continue\r\nContent-Length: 5\r\n", "POST"));
        EXPECT_EQ(busy.back()->answer().status, 100);
    }
    return busy;
}

/// One more is refused, and those that run come to their end.
void expectRefusalBeside(Clients& busy, uint16_t port) {
    Talk refused = talk(port, "");
    EXPECT_TRUE(refused.closed);
    EXPECT_EQ(refused.bytes, "");
    for (auto& client : busy) {
        client->send("hello");
        EXPECT_EQ(client->answer().body, "5 bytes in memory\n");
    }
}

int countClosed(Clients& clients, int ms) {
    int count = 0;
    for (auto& client : clients) {
        bool closed = false;
        client->rest(ms, &closed);
        count += closed ? 1 : 0;
    }
    return count;
}

TEST(WireConnections, AtTheLimitTheOldestIdleOneMakesRoom) {
    Site site("connections = 8\nconnections_per_address = 0");
    Clients idle = connectMany(site.port(), 8, "GET /hello HTTP/1.1\r\nHost: loc");
    for (auto& client : idle) client->rest(1);
    RawClient client(site.port());
    client.send(kHello);
    EXPECT_EQ(client.answer().status, 200);
    bool closed = false;
    idle.front()->rest(5000, &closed);
    EXPECT_TRUE(closed);
    EXPECT_TRUE(site.server().waitForLog("limits.connections is reached: an idle connection is closed"));
    idle.back()->send("alhost\r\n\r\n");
    EXPECT_EQ(idle.back()->answer().status, 200);
}

TEST(WireConnections, AtTheLimitARunningRequestIsNotGivenUp) {
    Site site("connections = 8\nconnections_per_address = 0");
    Clients busy = connectBusy(site.port(), 8);
    expectRefusalBeside(busy, site.port());
    EXPECT_EQ(ask(site.port(), kHello).status, 200);
}

TEST(WireConnections, OneAddressHoldsNoMoreThanItsShare) {
    Site site("connections_per_address = 5");
    Clients slow = connectMany(site.port(), 35, "GET /hello HTTP/1.1\r\nHost: loc");
    RawClient last(site.port());
    last.send("GET /hello HTTP/1.1\r\nHost: loc");
    // What came before makes room for what comes, so nobody behind the address is kept out by the slow.
    EXPECT_EQ(ask(site.port(), kHello).status, 200);
    last.send("alhost\r\n\r\n");
    EXPECT_EQ(last.answer().status, 200);
    slow.resize(30);  // those that two newer ones and three places more cannot have spared
    EXPECT_EQ(countClosed(slow, 5000), 30);
}

TEST(WireConnections, AnAddressWhoseConnectionsAllWorkIsRefusedOneMore) {
    Site site("connections_per_address = 5");
    Clients busy = connectBusy(site.port(), 5);
    expectRefusalBeside(busy, site.port());
    EXPECT_TRUE(site.server().waitForLog(
        "limits.connections_per_address is reached by 127.0.0.1: its new connection is closed"));
}

int accepted(const Site& site) {
    std::string status;
    const_cast<Site&>(site).server().run("status --json", &status);
    size_t at = status.find("\"connections_accepted\":");
    return at == std::string::npos ? -1 : std::atoi(status.c_str() + at + 23);
}

// The silent client was there before: who is behind it was accepted, and it was not.
TEST(WireConnections, ASilentClientIsNotAcceptedYetWhenAcceptIsDeferred) {
    Site site("", "", "", "defer_accept = \"15s\"\nlisten = [\"127.0.0.1:PORT\", \"unix:FOLDER/web.sock\"]");
    EXPECT_EQ(ask(site.port(), kHello).status, 200);  // it serves, so the option is set
    int before = accepted(site);
    RawClient silent(site.port());
    ASSERT_TRUE(silent.isConnected());
    EXPECT_EQ(ask(site.port(), kHello).status, 200);
    EXPECT_EQ(accepted(site), before + 1);
    silent.send(kHello);
    EXPECT_EQ(silent.answer().status, 200);
    EXPECT_EQ(accepted(site), before + 2);
}

}  // namespace
}  // namespace turnpike::wire
