// browser.h - a journey of somebody with a browser, and where the browser's driver is, which npm installs.
#pragma once
#include <cstdlib>
#include <string>

#include "support/server_process.h"

namespace turnpike::apps {

inline std::string browserModules() {
    const char* told = std::getenv("TURNPIKE_BROWSER_MODULES");
    return told != nullptr ? told : TURNPIKE_SOURCE "/build/browser/node_modules";
}

/// Goes through browser/JOURNEY.js at `url`: 0 when it was completed; *told holds its own words. `variables`:
/// those of its environment. What it keeps lies in `folder`.
inline int browse(const std::string& journey, const std::string& url, const std::string& folder,
                  const std::string& variables, std::string* told) {
    return runProgram("NODE_PATH='" + browserModules() + "' " + variables +
                          " node " TURNPIKE_SOURCE "/tests/apps/browser/" + journey + ".js " + url + " " + folder +
                          " 2>&1",
                      told);
}

}  // namespace turnpike::apps
