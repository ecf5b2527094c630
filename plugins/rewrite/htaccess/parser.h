// parser.h - from the text of an .htaccess file to what it says. A directive that is not known, or that cannot be
// honoured here, closes the folder: File::error says where and why. Pure.
#pragma once
#include <string>
#include <string_view>

#include "model.h"

namespace turnpike::rewrite::htaccess {

/// `path` names the file in messages.
File parse(std::string_view content, const std::string& path);

}  // namespace turnpike::rewrite::htaccess
