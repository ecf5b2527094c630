// mime.h - the media type of a file by the ending of its name. Built in configure(), then read by one thread.
#pragma once
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

namespace turnpike::static_files {

inline constexpr std::string_view kUnknownType = "application/octet-stream";

class MimeTypes {
 public:
    /// One ending, without dot; hides the compiled table. False: `type` is no media type.
    bool set(std::string_view ending, std::string_view type);
    /// A file like /etc/mime.types: a type and its endings on each line. Adds what nobody named so far.
    void read(std::istream& file);
    /// Appends "; charset=..." to every text/* without one.
    void setCharset(std::string charset) { charset_ = std::move(charset); }

    /// For Content-Type; empty when the ending is unknown.
    std::string typeOf(std::string_view path) const;

 private:
    std::string_view find(std::string_view ending) const;

    std::map<std::string, std::string, std::less<>> own_, read_;
    std::string charset_;
};

}  // namespace turnpike::static_files
