// scripts.h - which files are programs, and what .htaccess files say of running them. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::rewrite::htaccess {

enum class Handler : uint8_t { Off, Php, Cgi };

/// What runs files with that ending where no file says otherwise. `ending`: in lower case, without its dot.
std::optional<Handler> usualHandler(std::string_view ending);
/// Whether one of the endings of a file's name is a program's.
bool isProgram(std::string_view name);
/// A handler or media type as AddHandler, AddType and SetHandler name it: Off for what sends a file as it is, none
/// for a name that is neither that nor of a program.
std::optional<Handler> handlerNamed(std::string_view name);

struct Scripts {
    std::optional<bool> all;                        // false: SetHandler none and the like
    std::optional<bool> php;                        // php_flag engine
    std::optional<bool> cgi;                        // Options ExecCGI
    std::map<std::string, Handler> by_ending = {};  // AddHandler, AddType, RemoveHandler

    /// What `later`, a file further down or a section, says wins.
    void add(const Scripts& later);
    /// Why the file `name` is not run and, being a program, not sent either; or empty.
    std::string refusal(std::string_view name) const;
};

}  // namespace turnpike::rewrite::htaccess
