#include "ledger/plugin_slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace turnpike::ledger {
namespace {

TEST(PluginSlots, CountTheTimeOfAPlugin) {
    std::vector<uint64_t> memory(PluginSlots::sizeFor(2) / sizeof(uint64_t));
    PluginSlots slots(memory.data(), 2);
    slots.add(1, 700);
    slots.add(1, 300);
    slots.add(2, 5);  // there is none
    EXPECT_EQ(slots.of(1).requests, 2u);
    EXPECT_EQ(slots.of(1).ns, 1000u);
    EXPECT_EQ(slots.of(0).requests, 0u);
}

TEST(PluginSlots, AreNothingWithoutMemory) {
    PluginSlots none;
    none.add(0, 1);
    EXPECT_EQ(none.count(), 0u);
}

}  // namespace
}  // namespace turnpike::ledger
