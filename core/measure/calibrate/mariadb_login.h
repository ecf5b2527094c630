// mariadb_login.h - as much of MariaDB's client protocol as a connection costs before its first statement. Written
// out here and not taken from a client library: two packets, and no library, no PHP start-up in what is measured.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/socket.h"

namespace turnpike::measure {

/// Connects, logs in as a user without password, waits until the server takes commands, says goodbye and closes.
/// Blocks. The error has the server's own words where it gave some.
Result<bool> logInAndQuit(const os::Address& address, const std::string& user);

/// What the server's packet means for who logs in.
enum class LogIn : uint8_t { Accepted, Refused, Again };  // Again: it wants another way of proving who one is
LogIn logInAnswer(std::string_view packet);
/// The words of an error packet.
std::string errorText(std::string_view packet);
/// The answer to the greeting, with its header.
std::string logInPacket(const std::string& user);

}  // namespace turnpike::measure
