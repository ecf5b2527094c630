// readme_keys.h - the table of keys in a plugin's README, held to the declarations.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>
#include <string>

#include "sdk/plugin.h"

namespace turnpike::testing {

/// Every key has its row, in the order of the declaration, and there is no other row.
inline void expectKeysOf(std::span<const tp_key> keys, const std::string& readme_path) {
    std::stringstream readme;
    readme << std::ifstream(readme_path).rdbuf();
    std::string table = "| key | meaning | default |\n|---|---|---|\n";
    for (const tp_key& key : keys) {
        const std::string fallback = key.fallback != nullptr ? key.fallback : "";
        table += "| `" + std::string(key.name) + "` | " + key.help + " | " +
                 (fallback.empty() ? "" : "`" + fallback + "`") + " |\n";
    }
    const std::string text = readme.str();
    size_t at = text.find("| key |");
    ASSERT_NE(at, std::string::npos) << readme_path << " has no table of keys";
    size_t end = std::min(text.find("\n\n", at), text.size() - 1) + 1;
    EXPECT_EQ(text.substr(at, end - at), table) << readme_path;
}

}  // namespace turnpike::testing
