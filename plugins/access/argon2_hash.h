// argon2_hash.h - hashes of passwords by argon2 (RFC 9106), which Debian's libcrypt does not know. Pure; any
// thread.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::access {

/// "$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH", "$argon2i$" or "$argon2d$".
bool isArgon2(std::string_view hash);

/// As whatIsWrong() says it; also of a hash that would take too much memory for each request.
std::string whatIsWrongWithArgon2(const std::string& hash);

/// [pool] As isPasswordOf().
bool isArgon2Of(const char* password, const std::string& hash);

}  // namespace turnpike::access
