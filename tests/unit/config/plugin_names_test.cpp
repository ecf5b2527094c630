#include "config/plugin_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::config {
namespace {

TEST(PluginNames, AreThoseOfRoutesAndHooksOfAllSites) {
    Snapshot snapshot;
    EXPECT_THAT(pluginNames(snapshot), ::testing::IsEmpty());
    snapshot.sites.resize(2);
    snapshot.sites[0].routes.resize(2);
    snapshot.sites[0].routes[0].use.plugin = "static";
    snapshot.sites[0].routes[1].use.plugin = "php";
    snapshot.sites[1].routes.resize(1);
    snapshot.sites[1].routes[0].use.plugin = "static";
    snapshot.sites[1].hooks.resize(1);
    snapshot.sites[1].hooks[0].plugin = "cache";
    EXPECT_THAT(pluginNames(snapshot), ::testing::ElementsAre("cache", "php", "static"));
}

}  // namespace
}  // namespace turnpike::config
