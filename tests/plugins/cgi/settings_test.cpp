#include "settings.h"

#include <gtest/gtest.h>

#include "support/readme_keys.h"

namespace turnpike::cgi {
namespace {

TEST(CgiSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, CGI_README); }

}  // namespace
}  // namespace turnpike::cgi
