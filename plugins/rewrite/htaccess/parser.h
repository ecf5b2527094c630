// parser.h - from the text of an .htaccess file to what it says. A directive that is not known, or that cannot be
// honoured here, closes the folder: File::error says where and why. Pure.
#pragma once
#include <string>
#include <string_view>

#include "model.h"

namespace turnpike::rewrite::htaccess {

inline constexpr const char* kFileName = ".htaccess";
/// Of a file; what is longer closes its folder.
inline constexpr size_t kLargestFile = size_t{256} * 1024;

/// `path` names the file in messages.
File parse(std::string_view content, const std::string& path);
/// A file, or a folder, that nobody can know: it closes what is below it.
File closedFile(const std::string& path, const std::string& why);
/// Why that is no file that is read.
inline constexpr const char* kNoFile = "is no file of at most 256 KiB";

}  // namespace turnpike::rewrite::htaccess
