// answer.h - what may be done to an answer, judged by its head (RFC 9110). Pure; any thread.
#pragma once
#include <string_view>

#include "settings.h"

namespace turnpike::compress {

enum class Use : uint8_t {
    None,     // never compressed, whoever asks
    Varies,   // another request for the same may get it compressed
    Compress  // this one too, if the client takes a coding
};
Use useOf(const tp_response_view& answer, const Settings& settings);

/// The value of the first response field of that lower-case name; empty when there is none.
std::string_view answerField(const tp_response_view& answer, std::string_view name);

/// Whether the answer belongs to one client, whose secrets may stand in it beside what an attacker put there. Its
/// compressed size would then tell how well the two match (BREACH).
bool isPersonal(const tp_request_view& asked, const tp_response_view& answer);

}  // namespace turnpike::compress
