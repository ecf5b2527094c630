// error_page.h - what a visitor sees when something went wrong: the status, and the request id to ask the operator
// with. Nothing of the request itself, nothing of the server's inside.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace turnpike::server {

/// `advice`: a sentence for the visitor, HTML; empty: none.
std::string errorPage(unsigned status, uint64_t request_id, std::string_view advice = {});

}  // namespace turnpike::server
