// password.h - hashes of passwords as libcrypt knows them. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::access {

/// Longer ones are refused by libcrypt.
inline constexpr size_t kLongestPassword = 511;

/// What is wrong with a hash from a file of users, and how to make a better one; empty: it can be verified here.
std::string whatIsWrong(const std::string& hash);

/// [pool] Takes as long as the hash asks for: milliseconds to seconds.
bool isPasswordOf(const char* password, const std::string& hash);

/// Takes as long for every secret of that length.
bool isSameSecret(std::string_view a, std::string_view b) noexcept;

}  // namespace turnpike::access
