#include "ledger/shared.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

namespace turnpike::ledger {
namespace {

TEST(Counters, HoldAConnectionInOneStateAtATime) {
    Counters counters{};
    auto in = [&](ConnectionState state) { return counters.in_state[static_cast<size_t>(state)]; };
    counters.move(ConnectionState::None, ConnectionState::Idle);
    counters.move(ConnectionState::None, ConnectionState::Idle);
    counters.move(ConnectionState::Idle, ConnectionState::Handling);
    counters.move(ConnectionState::Handling, ConnectionState::Handling);
    EXPECT_EQ(in(ConnectionState::Idle), 1u);
    EXPECT_EQ(in(ConnectionState::Handling), 1u);
    counters.move(ConnectionState::Handling, ConnectionState::None);
    EXPECT_EQ(in(ConnectionState::Handling), 0u);
}

TEST(Counters, NameEachStateOnceAndAsALabelMayBe) {
    std::set<std::string> names;
    for (const StateName& state : kConnectionStateNames) {
        EXPECT_TRUE(names.insert(state.name).second) << state.name;
        for (const char c : std::string(state.name)) EXPECT_TRUE(std::islower(c) || std::isdigit(c) || c == '_');
    }
    EXPECT_EQ(kConnectionStateNames[static_cast<size_t>(ConnectionState::Handling)].name, std::string("handling"));
    EXPECT_EQ(kConnectionStateNames[static_cast<size_t>(ConnectionState::Http2Active)].name,
              std::string("http2_active"));
}

}  // namespace
}  // namespace turnpike::ledger
