// mime.h - the media type of a file by the ending of its name. Built in configure(), then read by one thread.
#pragma once
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace turnpike::static_files {

inline constexpr std::string_view kUnknownType = "application/octet-stream";

/// Types by ending, in lower case.
using FileTypes = std::map<std::string, std::string, std::less<>>;

/// A file like /etc/mime.types: a type and its endings on each line, of which the first to name an ending counts.
FileTypes readTypes(std::istream& file);

class MimeTypes {
 public:
    /// One ending, without dot; hides the compiled table. False: `type` is no media type.
    bool set(std::string_view ending, std::string_view type);
    /// For endings that neither set() nor the compiled table knows. Any number of instances may share them.
    void setFile(std::shared_ptr<const FileTypes> types) { file_ = std::move(types); }
    /// Appends "; charset=..." to every text/* without one.
    void setCharset(std::string charset) { charset_ = std::move(charset); }

    /// For Content-Type; empty when the ending is unknown.
    std::string typeOf(std::string_view path) const;

 private:
    std::string_view find(std::string_view ending) const;

    FileTypes own_;
    std::shared_ptr<const FileTypes> file_;  // may be null
    std::string charset_;
};

}  // namespace turnpike::static_files
