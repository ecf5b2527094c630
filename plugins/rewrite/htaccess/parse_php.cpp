// Which settings of PHP a folder may change.
#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "parsing.h"

namespace turnpike::rewrite::htaccess {
namespace {

// A list of what may, since PHP-FPM obeys everything that it is told so: open_basedir, extension,
// disable_functions and whatever PHP comes to have are the administrator's.
constexpr std::string_view kNames[] = {"always_populate_raw_post_data",
                                       "arg_separator.input",
                                       "arg_separator.output",
                                       "assert.active",
                                       "assert.exception",
                                       "auto_detect_line_endings",
                                       "auto_globals_jit",
                                       "date.timezone",
                                       "default_charset",
                                       "default_mimetype",
                                       "default_socket_timeout",
                                       "display_errors",
                                       "display_startup_errors",
                                       "error_reporting",
                                       "file_uploads",
                                       "html_errors",
                                       "ignore_repeated_errors",
                                       "ignore_user_abort",
                                       "implicit_flush",
                                       "log_errors",
                                       "max_execution_time",
                                       "max_file_uploads",
                                       "max_input_nesting_level",
                                       "max_input_time",
                                       "max_input_vars",
                                       "memory_limit",
                                       "output_buffering",
                                       "pcre.backtrack_limit",
                                       "pcre.jit",
                                       "pcre.recursion_limit",
                                       "post_max_size",
                                       "precision",
                                       "register_argc_argv",
                                       "request_order",
                                       "serialize_precision",
                                       "short_open_tag",
                                       "upload_max_filesize",
                                       "user_agent",
                                       "variables_order",
                                       "zlib.output_compression",
                                       "zlib.output_compression_level"};
constexpr std::string_view kFamilies[] = {"mbstring.", "session.cookie_", "session.gc_", "session.cache_",
                                          "url_rewriter."};
constexpr std::string_view kSession[] = {
    "session.name",          "session.use_cookies", "session.use_only_cookies", "session.use_strict_mode",
    "session.use_trans_sid", "session.auto_start",  "session.sid_length",       "session.lazy_write",
    "session.referer_check"};
// Of versions that are gone, and of an extension that is: PHP does not know them any more, and would say so in its
// log for each request.
constexpr std::string_view kGone[] = {"magic_quotes_gpc",
                                      "magic_quotes_runtime",
                                      "magic_quotes_sybase",
                                      "register_globals",
                                      "safe_mode",
                                      "register_long_arrays",
                                      "allow_call_time_pass_reference",
                                      "mbstring.func_overload"};

template <size_t N>
bool isIn(const std::string_view (&list)[N], std::string_view name) {
    return std::ranges::find(list, name) != std::end(list);
}

bool isGone(std::string_view name) { return isIn(kGone, name) || name.starts_with("suhosin."); }

}  // namespace

bool isPhpSetting(const std::string& name) {
    if (isGone(name)) return false;
    const bool is_family = std::ranges::any_of(kFamilies, [&](std::string_view family) {
        return name.starts_with(family) &&
               name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string::npos;
    });
    if (isIn(kNames, name) || isIn(kSession, name) || is_family) return true;
    throw notHere("the PHP setting \"" + name + "\"", "set it for the whole site in the server's config");
}

}  // namespace turnpike::rewrite::htaccess
