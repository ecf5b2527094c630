// browser.h - where the browser's driver is, which npm installs.
#pragma once
#include <cstdlib>
#include <string>

namespace turnpike::apps {

inline std::string browserModules() {
    const char* told = std::getenv("TURNPIKE_BROWSER_MODULES");
    return told != nullptr ? told : TURNPIKE_SOURCE "/build/browser/node_modules";
}

}  // namespace turnpike::apps
