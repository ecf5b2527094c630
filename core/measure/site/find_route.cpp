#include "measure/site/find_route.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "os/file.h"

namespace turnpike::measure {
namespace {

constexpr const char* kName = "scout";

/// The plugin that answers when the site has these routes.
Result<std::string> answeredBy(SiteBed& bed, std::vector<config::Route> routes) {
    config::Site site = *bed.choice().site;
    site.routes = std::move(routes);
    auto server = bed.start(kName, site, "json");
    if (!server) return server.error();
    auto bodies = bed.ask(**server);
    bed.stop(kName);  // it writes its log to the end
    if (!bodies) return bodies.error();
    auto log = os::readFile(bed.accessLog(kName));
    if (!log) return log.error();
    return lastPlugin(*log);
}

/// All routes but those of `plugin`, of which the one at `kept` stays.
std::vector<config::Route> withOneOf(const std::vector<config::Route>& routes, const std::string& plugin,
                                     size_t kept) {
    std::vector<config::Route> some;
    for (size_t i = 0; i < routes.size(); ++i)
        if (i == kept || routes[i].use.plugin != plugin) some.push_back(routes[i]);
    return some;
}

}  // namespace

std::string lastPlugin(const std::string& log) {
    const size_t end = log.find_last_not_of('\n');
    if (end == std::string::npos) return {};
    const size_t newline = log.rfind('\n', end);
    const size_t begin = newline == std::string::npos ? 0 : newline + 1;
    try {
        Poco::JSON::Parser parser;
        return parser.parse(log.substr(begin, end + 1 - begin))
            .extract<Poco::JSON::Object::Ptr>()
            ->optValue<std::string>("plugin", "");
    } catch (const Poco::Exception&) {
        return {};  // a line that was cut short
    }
}

Result<size_t> findRoute(SiteBed& bed) {
    const std::vector<config::Route>& routes = bed.choice().site->routes;
    auto plugin = answeredBy(bed, routes);
    if (!plugin)
        return Error{plugin.error().code, bed.choice().target + " of site " + bed.choice().site->name +
                                              " does not answer 200, which it must to be measured (--page chooses "
                                              "another): " +
                                              plugin.error().text};
    std::vector<size_t> candidates;
    for (size_t i = 0; i < routes.size(); ++i)
        if (routes[i].use.plugin == *plugin) candidates.push_back(i);
    if (candidates.size() == 1) return candidates.front();
    // Several routes have that plugin: the first that answers when the others are gone is the one.
    for (const size_t candidate : candidates) {
        auto alone = answeredBy(bed, withOneOf(routes, *plugin, candidate));
        if (alone && *alone == *plugin) return candidate;
    }
    return Error{ENOENT, "no route answers for " + bed.choice().target +
                             (plugin->empty() ? std::string() : ": the hook " + *plugin + " does")};
}

}  // namespace turnpike::measure
