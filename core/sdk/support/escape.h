// escape.h - untrusted text made safe for HTML and for URLs. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::support {

/// Appends `text` for use as HTML text or inside a quoted attribute: & < > " ' become character references.
void appendHtml(std::string& out, std::string_view text);

/// Appends one path segment: everything but RFC 3986 unreserved characters is percent-encoded, also '/', and ':'
/// so that a relative link cannot be read as one with a scheme.
void appendSegment(std::string& out, std::string_view segment);

/// Appends a whole path: as appendSegment(), but '/' stays.
void appendPath(std::string& out, std::string_view path);

}  // namespace turnpike::support
