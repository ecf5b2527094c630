#include "password.h"

#include <crypt.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "argon2_hash.h"

namespace turnpike::access {
namespace {

// Ways of hashing that are slow on purpose.
struct Method {
    std::string_view prefix;
    size_t digest;  // characters behind the last '$'
};
constexpr Method kMethods[] = {{"$2y$", 53}, {"$2b$", 53}, {"$2a$", 53}, {"$6$", 86},
                               {"$5$", 43},  {"$y$", 43},  {"$gy$", 43}, {"$7$", 43}};
constexpr const char* kAdvice = "make a better one: htpasswd -B FILE NAME";

bool isHashCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

std::string_view nameOfWeak(const std::string& hash) {
    if (hash.starts_with("$apr1$")) return "MD5 (apr1)";
    if (hash.starts_with("$1$")) return "MD5";
    if (hash.starts_with("{SHA}")) return "SHA-1 without salt";
    if (hash.starts_with("{")) return "not hashed, or not slowly,";
    return "plain text or DES";
}

}  // namespace

std::string whatIsWrong(const std::string& hash) {
    if (hash.empty()) return std::string("there is no password: ") + kAdvice;
    if (isArgon2(hash)) return whatIsWrongWithArgon2(hash);
    const auto* method =
        std::ranges::find_if(kMethods, [&hash](const Method& m) { return hash.starts_with(m.prefix); });
    if (method == std::end(kMethods))
        return (hash.starts_with('$') && !hash.starts_with("$apr1$") && !hash.starts_with("$1$")
                    ? "the password's hash is of an unknown kind, "
                    : "the password is " + std::string(nameOfWeak(hash)) + ", which is too easy to guess, ") +
               kAdvice;
    if (crypt_checksalt(hash.c_str()) == CRYPT_SALT_INVALID)
        return "the libcrypt of this machine does not know hashes that begin with \"" +
               std::string(method->prefix) + "\", " + kAdvice;
    const std::string_view digest = std::string_view(hash).substr(hash.rfind('$') + 1);
    if (digest.size() != method->digest || !std::ranges::all_of(digest, isHashCharacter))
        return std::string("the password's hash was cut or changed, ") + kAdvice;
    return "";
}

bool isPasswordOf(const char* password, const std::string& hash) {
    if (isArgon2(hash)) return isArgon2Of(password, hash);
    const auto data = std::make_unique<crypt_data>();
    const char* computed = crypt_r(password, hash.c_str(), data.get());
    const bool is_same = computed != nullptr && isSameSecret(computed, hash);
    explicit_bzero(data.get(), sizeof *data);
    return is_same;
}

bool isSameSecret(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    volatile unsigned char difference = 0;  // volatile: every byte is looked at
    for (size_t i = 0; i < a.size(); ++i) difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace turnpike::access
