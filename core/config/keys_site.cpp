// The keys of [[site]], [[site.route]] and [[site.hook]].
#include <algorithm>
#include <charconv>

#include "config/host_name.h"
#include "config/keys_tls.h"
#include "config/pattern.h"
#include "config/store.h"
#include "config/suggest.h"

namespace turnpike::config {
namespace {

// In the order of os::Links.
constexpr const char* kLinks[] = {"deny", "owner", "beneath"};
// Those of config/presets; a test holds both together.
constexpr const char* kPresetNames[] = {"none",       "drupal",    "laravel", "mediawiki",
                                        "phpmyadmin", "plain-php", "symfony", "wordpress"};

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

/// It becomes part of log lines and of the names of sockets.
std::string siteName(Site& to, const BoundKey& value, const Machine&) {
    constexpr size_t kLongest = 64;
    if (value.is_set && (value.text.empty() || value.text.size() > kLongest ||
                         value.text.find_first_not_of(kPlain) != std::string::npos))
        return quoted(value.text) + " must be 1 to 64 letters, digits, \".\", \"-\" or \"_\"";
    to.name = value.text;
    return {};
}

std::string hosts(Site& to, const BoundKey& value, const Machine&) {
    to.hosts.clear();
    for (const std::string& given : value.list) {
        auto host = parseHostName(given);
        if (!host) return host.error().text;
        if (std::count(to.hosts.begin(), to.hosts.end(), *host) != 0) return quoted(*host) + " stands there twice";
        to.hosts.push_back(*host);
    }
    return to.hosts.empty() ? "names no host; \"*\" takes every host that no other site has" : std::string();
}

std::string root(Site& to, const BoundKey& value, const Machine& machine) {
    path<&Site::root>(to, value, machine);
    return to.root == "/" ? "must not be the whole file system" : std::string();
}

std::string index(Site& to, const BoundKey& value, const Machine&) {
    for (const std::string& name : value.list)
        if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
            return quoted(name) + " is not the name of a file in a folder";
    to.index = value.list;
    return {};
}

/// 400 to 599 from `text`, 0 when it is none.
unsigned errorStatus(std::string_view text) {
    unsigned status = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && text.size() == 3 && status >= 400 && status <= 599 ? status : 0;
}

std::string errorPages(Site& to, const BoundKey& value, const Machine&) {
    for (const auto& [text, page] : value.map) {
        unsigned status = errorStatus(text);
        if (status == 0) return quoted(text) + " is not a status from 400 to 599";
        if (!page.starts_with('/')) return "the page for " + text + " must begin with \"/\", not " + quoted(page);
        to.error_pages[status] = page;
    }
    return {};
}

template <auto Member>
std::string beginsWithSlash(Route& to, const BoundKey& value, const Machine&) {
    if (value.is_set && !value.text.starts_with('/'))
        return quoted(value.text) + " matches no path: every path begins with \"/\"";
    to.match.*Member = value.text;
    return {};
}

std::string routeRoot(Route& to, const BoundKey& value, const Machine& machine) {
    path<&Route::root>(to, value, machine);
    return to.root == "/" ? "must not be the whole file system" : std::string();
}

std::string suffix(Route& to, const BoundKey& value, const Machine&) {
    if (value.is_set && value.text.empty()) return "must not be empty";
    to.match.suffix = value.text;
    return {};
}

std::string pattern(Route& to, const BoundKey& value, const Machine&) {
    if (value.is_set && value.text.empty()) return "must not be empty";
    to.match.pattern = value.text;
    return value.is_set ? checkPattern(value.text) : std::string();
}

/// "$path" and "$query" are all that a `try` entry can name.
std::string checkVariables(const std::string& entry) {
    for (size_t at = entry.find('$'); at != std::string::npos; at = entry.find('$', at + 1)) {
        size_t end = entry.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1);
        std::string_view name = std::string_view(entry).substr(at, end == std::string::npos ? end : end - at);
        if (!name.starts_with("$path") && !name.starts_with("$query"))
            return quoted(entry) + ": there is no " + quoted(name) + suggestion(name, {"$path", "$query"});
    }
    return {};
}

std::string checkTry(const std::string& entry, bool is_last) {
    if (entry.starts_with('=')) {
        if (!is_last) return quoted(entry) + " must be the last entry";
        return errorStatus(entry.substr(1)) != 0 ? std::string()
                                                 : quoted(entry) + " is not a status from 400 to 599";
    }
    if (!entry.starts_with('/') && !entry.starts_with("$path"))
        return quoted(entry) + " must begin with \"/\" or \"$path\", or be a status like \"=404\"";
    return checkVariables(entry);
}

std::string tryFiles(Route& to, const BoundKey& value, const Machine&) {
    if (value.is_set && value.list.empty()) return "is empty";
    for (const std::string& entry : value.list)
        if (std::string wrong = checkTry(entry, &entry == &value.list.back()); !wrong.empty()) return wrong;
    to.try_files = value.list;
    return {};
}

template <class T>
std::string plugin(T& to, const BoundKey& value, const Machine&) {
    to.use.plugin = value.text;
    to.use.at = value.at;
    if (!value.is_set) return {};  // told already
    bool is_name = !value.text.empty() &&
                   value.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
    return is_name ? std::string() : quoted(value.text) + " is not a plugin's name: a-z, 0-9, \"-\" and \"_\"";
}

/// Its lines are read by SiteReader.
std::string preset(Site&, const BoundKey&, const Machine&) { return {}; }

constexpr Key<Site> kSiteKeys[] = {
    {{"name", TP_KEY_STRING, 0, nullptr,
      "The site's name in logs and status; by default its first host, or \"default\" when that is \"*\"."},
     {},
     siteName},
    {{"hosts", TP_KEY_LIST, 0, "[\"*\"]",
      "The hosts of the site: \"example.org\" is that one, \"*.example.org\" everything below it, \"*\" whatever "
      "no "
      "other site has. The most exact one wins. Without a \"*\" anywhere, unknown hosts get 421."},
     {},
     hosts},
    {{"root", TP_KEY_STRING, 0, nullptr,
      "The folder that holds the site's files. Nothing outside of it is ever sent."},
     {},
     root},
    {{"preset", TP_KEY_STRING, 0, "none",
      "The rules of a well-known application: its index, routes, hooks and limits, as `turnpike explain "
      "preset.wordpress` shows them. What the site says itself goes before: a key or a route with the same "
      "conditions "
      "replaces the preset's, other routes and hooks are asked first."},
     {.choices = kPresetNames},
     preset},
    {{"index", TP_KEY_LIST, 0, "[\"index.html\"]",
      "What stands for a folder: the first of these names that is in it."},
     {},
     index},
    {{"links", TP_KEY_STRING, 0, "owner",
      "Symbolic links below the root: \"deny\" follows none, \"owner\" those whose target belongs to the same "
      "user, "
      "\"beneath\" all that stay below the root. None leads out of it."},
     {.choices = kLinks},
     number<&Site::links>},
    {{"hidden_files", TP_KEY_BOOLEAN, 0, "false",
      "Serve names that begin with a dot, too; .well-known is always served, and names that begin with .ht, "
      "Apache's "
      "settings and passwords, never are."},
     {},
     number<&Site::hidden_files>},
    {{"source_files", TP_KEY_BOOLEAN, 0, "false",
      "Send scripts, backup files and database dumps as they are. Without it a .php file is never sent as text, "
      "even "
      "when the plugin that runs it is missing."},
     {},
     number<&Site::source_files>},
    {{"user", TP_KEY_STRING, 0, nullptr,
      "Whom the site's CGI programs and backends run as when Turnpike was started as root; by default "
      "`server.user`."},
     {},
     user<&Site::user>},
    {{"group", TP_KEY_STRING, 0, nullptr, "Their group; by default that of `user`."}, {}, group<&Site::group>},
    {{"access_log", TP_KEY_STRING, 0, nullptr,
      "Where the site's requests are logged, as in `server.access_log`, which is the default."},
     {},
     log<&Site::access_log>},
    {{"access_format", TP_KEY_STRING, 0, nullptr,
      "What is logged of them, as in `server.access_format`, which is the default."},
     {},
     logFormat<&Site::access_format>},
    {{"body_limit", TP_KEY_SIZE, 0, "16MiB", "The largest request body; a larger one gets 413."},
     {0, int64_t{1} << 50},
     number<&Site::body_limit>},
    {{"x_sendfile", TP_KEY_BOOLEAN, 0, "false",
      "A script of cgi, fastcgi or php may answer with the field X-Sendfile, the absolute path of a file: it is "
      "sent "
      "instead of the script's body, with ranges and conditions. The file must lie below the `root` of a route "
      "that is "
      "`internal`. The field itself never leaves."},
     {},
     number<&Site::x_sendfile>},
    {{"x_accel_redirect", TP_KEY_BOOLEAN, 0, "false",
      "A script may answer with X-Accel-Redirect, a path of the site that answers instead, also one of an "
      "`internal` "
      "route. Content-Type, Content-Disposition, Content-Language, Cache-Control, Expires and Set-Cookie are the "
      "script's, here and with X-Sendfile. Fields that begin with X-Accel- never leave."},
     {},
     number<&Site::x_accel_redirect>},
    {{"server_timing", TP_KEY_BOOLEAN, 0, "false",
      "Answers carry a Server-Timing field with the phases of the request: what took how long, for everybody who "
      "asks."},
     {},
     number<&Site::server_timing>},
    {{"interim_http1", TP_KEY_BOOLEAN, 0, "false",
      "Interim answers (103 Early Hints and the like) of programs, PHP, plugins and targets go to clients of "
      "HTTP/1.1 "
      "too. Those of HTTP/2 always get them; many programs that speak HTTP/1.1 take one for the answer itself."},
     {},
     number<&Site::interim_http1>},
    {{"error_pages", TP_KEY_MAP, 0, nullptr,
      "Pages of the site for its errors, from a status to a path below the root: { 404 = \"/404.html\" }."},
     {},
     errorPages},
    {{"tls", TP_KEY_MAP, 0, nullptr,
      "The site's certificate for clients that speak TLS: { certificate = \"site.pem\", key = \"site.key\" }, PEM "
      "files, the certificate followed by what links it to its authority. The key is read before privileges are "
      "dropped and may not be readable by others. ocsp = \"FILE\" (DER) is stapled. client_ca = \"FILE\" (PEM) "
      "asks clients for certificates of these authorities: who has none is turned away, but for client = "
      "\"optional\". A reload reads all of them anew."},
     {},
     storeTls},
    {{"hsts", TP_KEY_STRING, 0, nullptr,
      "Strict-Transport-Security of answers over TLS: \"max-age=31536000; includeSubDomains\" keeps browsers from "
      "plain HTTP for a year."},
     {},
     storeHsts},
    {{"redirect_https", TP_KEY_BOOLEAN, 0, "false",
      "Plain requests are sent to the same place over TLS (301, or 308 where the method must stay)."},
     {},
     number<&Site::redirect_https>},
};

constexpr Key<Route> kRouteKeys[] = {
    {{"exact", TP_KEY_STRING, 0, nullptr, "The route takes this path and no other."},
     {},
     beginsWithSlash<&Match::exact>},
    {{"prefix", TP_KEY_STRING, 0, nullptr, "The route takes paths that begin so."},
     {},
     beginsWithSlash<&Match::prefix>},
    {{"suffix", TP_KEY_STRING, 0, nullptr,
      "The route takes paths that end so, or have a part that does: \".php\" takes /index.php and "
      "/index.php/news."},
     {},
     suffix},
    {{"pattern", TP_KEY_STRING, 0, nullptr,
      "The route takes paths that this regular expression (PCRE2) finds something in. In 'single quotes' a "
      "backslash "
      "stands for itself."},
     {},
     pattern},
    {{"root", TP_KEY_STRING, 0, nullptr,
      "The folder that holds the files of this route, instead of the site's root: what follows `prefix` is looked "
      "up "
      "in it. For files that are sent; programs and scripts are never run from there."},
     {},
     routeRoot},
    {{"internal", TP_KEY_BOOLEAN, 0, "false",
      "The route takes no request of a client, only what a script's X-Sendfile or X-Accel-Redirect or an error "
      "page "
      "leads to."},
     {},
     number<&Route::internal>},
    {{"try", TP_KEY_LIST, 0, "[]",
      "Look for files before the plugin is asked: the first entry that exists becomes the path; \"$path/\" looks "
      "for a "
      "folder. If none does, the last entry is where the request goes next, as \"/index.php?$query\", or the "
      "status "
      "that ends it, as \"=404\"."},
     {},
     tryFiles},
    {{"plugin", TP_KEY_STRING, 1, nullptr,
      "Who answers. All other keys are the plugin's own, see `turnpike explain`."},
     {},
     plugin<Route>},
};

constexpr Key<Hook> kHookKeys[] = {
    {{"plugin", TP_KEY_STRING, 1, nullptr, "Who is asked. All other keys are the plugin's own."},
     {},
     plugin<Hook>},
};

}  // namespace

std::span<const Key<Site>> siteKeys() { return kSiteKeys; }
std::span<const Key<Route>> routeKeys() { return kRouteKeys; }
std::span<const Key<Hook>> hookKeys() { return kHookKeys; }

}  // namespace turnpike::config
