// cookies.h - which cookies make a request personal. Pure; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::cache {

class Cookies {
 public:
    Cookies() = default;
    /// Names, each with at most one '*' for anything. `personal` comes before `harmless`; what is in neither is
    /// personal.
    Cookies(std::vector<std::string> personal, std::vector<std::string> harmless)
        : personal_(std::move(personal)), harmless_(std::move(harmless)) {}

    bool isPersonal(std::string_view name) const;
    /// Of all Cookie fields of a request. What is no cookie counts as one without a name, and is personal.
    bool arePersonal(const tp_request_view& view) const;

 private:
    std::vector<std::string> personal_, harmless_;
};

}  // namespace turnpike::cache
