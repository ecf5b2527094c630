#include "process/purge.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <set>
#include <sstream>

namespace turnpike::process {
namespace {

using Uses = std::vector<server::SharedUse>;

struct Order {
    std::string site, token;
    std::vector<std::string> notices;
};

/// False: it is none.
bool parse(const std::string& line, Order& order) {
    try {
        auto object = Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
        order.site = object->optValue<std::string>("site", "");
        order.token = object->optValue<std::string>("token", "");
        const auto notices = object->getArray("notices");
        for (unsigned i = 0; notices && i < notices->size(); ++i)
            order.notices.push_back(notices->getElement<std::string>(i));
    } catch (const Poco::Exception&) {
        return false;
    }
    return !order.notices.empty();
}

std::string answer(const std::string& name, const std::string& value) {
    Poco::JSON::Object object;
    object.set(name, value);
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

std::string refuse(const std::string& why) { return answer("error", why); }

/// Its time does not tell how much of it was right.
bool isToken(const std::string& given, const std::string& token) {
    if (token.empty() || given.size() != token.size()) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < token.size(); ++i)
        difference = static_cast<unsigned char>(difference | (given[i] ^ token[i]));
    return difference == 0;
}

/// The only site with memory, and what to say when it is not clear.
std::string findSite(const Uses& current, std::string* why) {
    std::set<std::string> sites;
    for (const auto& use : current) sites.insert(use.spec.site);
    if (sites.size() == 1) return *sites.begin();
    *why = sites.empty() ? "no site has anything to purge: none uses the plugin cache" : "which site? There are:";
    for (const std::string& site : sites) *why += " " + site;
    return "";
}

/// Whether the asker may; the reason is given to the owner only.
std::string whyNot(const Order& order, bool is_owner, const Uses& current) {
    bool is_known = false;
    for (const auto& use : current) {
        if (use.spec.site != order.site) continue;
        is_known = true;
        if (isToken(order.token, use.spec.token) || (is_owner && order.token.empty())) return "";
    }
    if (!is_owner) return "no such site, or not its purge_token";
    return is_known ? "that is not the purge_token of site " + order.site
                    : "no site \"" + order.site + "\" with anything to purge: it does not use the plugin cache";
}

}  // namespace

std::string purge(const std::string& line, bool is_owner, const Uses& current, const Uses& all) {
    Order order;
    if (!parse(line, order)) return refuse("a purge names what is to go");
    std::string why;
    if (order.site.empty() && is_owner) order.site = findSite(current, &why);
    if (why.empty()) why = whyNot(order, is_owner, current);
    for (const std::string& notice : order.notices)
        if (why.empty() && notice.size() > os::SharedRegion::kMostNotice)
            why =
                "longer than " + std::to_string(os::SharedRegion::kMostNotice) + " bytes: " + notice.substr(0, 80);
    if (!why.empty()) return refuse(why);
    std::set<os::SharedRegion*> told;
    for (const auto& use : all)
        if (use.spec.site == order.site && told.insert(use.region.get()).second)
            for (const std::string& notice : order.notices) use.region->tell(notice);
    return "{\"told\":" + std::to_string(order.notices.size()) + "}";
}

}  // namespace turnpike::process
