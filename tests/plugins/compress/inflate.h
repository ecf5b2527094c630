// The decoders of the libraries, for tests.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::compress {

/// What a client can read of a stream of that coding, also of one that has not ended. *ended: it has, and nothing
/// stands behind its end.
std::string decoded(std::string_view coding, std::string_view bytes, bool* ended = nullptr);

/// That many bytes of text which are neither all the same nor random.
std::string pageOf(size_t size);

}  // namespace turnpike::compress
