#include <Poco/JSON/Array.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/control.h"
#include "cli/verbs.h"
#include "os/file.h"
#include "process/control.h"

namespace turnpike::cli {
namespace {

struct PurgeOptions {
    ControlOptions control;
    std::string site, token_file;
    std::vector<std::string> urls, prefixes, tags;
    bool all = false;
};

/// From the file, else from the environment: the command line is everybody's to read.
Result<std::string> token(const PurgeOptions& options) {
    if (options.token_file.empty()) {
        const char* set = std::getenv("TURNPIKE_PURGE_TOKEN");
        return std::string(set != nullptr ? set : "");
    }
    auto text = os::readFile(options.token_file);
    if (!text) return Error{text.error().code, "--token-file: " + text.error().text};
    return text->substr(0, text->find_last_not_of(" \t\r\n") + 1);
}

Poco::JSON::Array::Ptr notices(const PurgeOptions& options) {
    Poco::JSON::Array::Ptr all = new Poco::JSON::Array;
    if (options.all) all->add("all");
    for (const std::string& url : options.urls) all->add("url " + url);
    for (const std::string& prefix : options.prefixes) all->add("prefix " + prefix);
    for (const std::string& tag : options.tags) all->add("tag " + tag);
    return all;
}

int purge(const PurgeOptions& options) {
    const auto wanted = notices(options);
    if (wanted->size() == 0) return failed("say what is to go: --url, --prefix, --tag or --all");
    const std::string socket = controlSocket(options.control);
    if (socket.empty()) return 1;
    auto secret = token(options);
    if (!secret) return failed(secret.error().text);
    Poco::JSON::Object request;
    request.set("verb", "purge");
    request.set("site", options.site);
    request.set("token", *secret);
    request.set("notices", wanted);
    std::ostringstream line;
    request.stringify(line);
    auto answer = parseAnswer(process::askLine(socket, line.str(), 5000));
    if (!answer) return failed(answer.error().text);
    std::printf("purged\n");
    return 0;
}

}  // namespace

void addPurge(CLI::App& app, Action* action) {
    auto options = std::make_shared<PurgeOptions>();
    CLI::App* verb = app.add_subcommand("purge", "Make the running server forget stored answers of a site");
    addControlOptions(*verb, &options->control);
    verb->add_option("--site", options->site, "The site's name; may be left out where only one stores answers");
    verb->add_option("--url", options->urls,
                     "An answer by its path and query, or with scheme and host before them");
    verb->add_option("--prefix", options->prefixes, "All answers whose URL begins like this");
    verb->add_option("--tag", options->tags, "All answers with this Cache-Tag or Surrogate-Key");
    verb->add_flag("--all", options->all, "Everything of the site");
    verb->add_option("--token-file", options->token_file,
                     "Holds the site's purge_token; otherwise it is taken from TURNPIKE_PURGE_TOKEN. Needed at "
                     "[server] purge_socket only");
    verb->callback([action, options] { *action = [options] { return purge(*options); }; });
}

}  // namespace turnpike::cli
