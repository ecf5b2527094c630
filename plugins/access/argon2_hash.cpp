#include "argon2_hash.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "sdk/support/lists.h"
#ifdef ACCESS_HAS_ARGON2
#include <argon2.h>
#endif

namespace turnpike::access {
namespace {

// A request that brings a password takes all of this while it is verified.
constexpr uint64_t kMostKiB = uint64_t{256} << 10, kMostPasses = 100, kMostLanes = 16;

bool isBase64(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    });
}

/// "m=65536": the number behind that letter, at most `most`; 0: it is none.
uint64_t parameter(std::string_view text, char letter, uint64_t most) {
    if (text.size() < 3 || text[0] != letter || text[1] != '=') return 0;
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value <= most ? value : 0;
}

/// What a verification may take of this machine.
std::string whatIsWrongWithCost(std::string_view costs) {
    const uint64_t memory = parameter(support::nextElement(costs), 'm', kMostKiB);
    const uint64_t passes = parameter(support::nextElement(costs), 't', kMostPasses);
    const uint64_t lanes = parameter(costs, 'p', kMostLanes);
    if (memory == 0 || passes == 0 || lanes == 0)
        return "the password's hash asks for too much, or was changed: argon2 with up to m=262144 (KiB), t=100 "
               "and "
               "p=16 is taken";
    return "";
}

}  // namespace

bool isArgon2(std::string_view hash) {
    return hash.starts_with("$argon2id$") || hash.starts_with("$argon2i$") || hash.starts_with("$argon2d$");
}

#ifdef ACCESS_HAS_ARGON2

std::string whatIsWrongWithArgon2(const std::string& hash) {
    std::string_view rest = std::string_view(hash).substr(hash.find('$', 1) + 1);
    const std::string_view version = support::nextElement(rest, '$'), costs = support::nextElement(rest, '$'),
                           salt = support::nextElement(rest, '$');
    if (version != "v=19" || salt.size() < 11 || !isBase64(salt) || rest.size() < 22 || !isBase64(rest))
        return "the password's hash was cut or changed, make it anew: argon2 SALT -id -e";
    return whatIsWrongWithCost(costs);
}

bool isArgon2Of(const char* password, const std::string& hash) {
    const argon2_type type = hash.starts_with("$argon2id$")  ? Argon2_id
                             : hash.starts_with("$argon2i$") ? Argon2_i
                                                             : Argon2_d;
    return argon2_verify(hash.c_str(), password, std::strlen(password), type) == ARGON2_OK;
}

#else

std::string whatIsWrongWithArgon2(const std::string&) {
    return "this build knows no argon2 (libargon2-dev was missing), make another one: htpasswd -B FILE NAME";
}

bool isArgon2Of(const char*, const std::string&) { return false; }

#endif

}  // namespace turnpike::access
