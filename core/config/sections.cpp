#include "config/keys.h"

namespace turnpike::config {
namespace {

template <class T>
std::vector<Section::Entry> entries(std::span<const Key<T>> keys) {
    std::vector<Section::Entry> to;
    for (const Key<T>& key : keys) to.push_back({&key.declared, &key.rule, key.is_hidden});
    return to;
}

}  // namespace

const std::vector<Section>& sections() {
    static const std::vector<Section> all = {
        {"", "", "at the top of a file, above its first [section]", "Keys of a file itself.", entries(fileKeys())},
        {"[server]", "server", "in [server]", "The server as a whole.", entries(serverKeys())},
        {"[limits]", "limits", "in [limits]", "Limits and deadlines, the same for all sites.",
         entries(limitKeys())},
        {"[[site]]", "site", "in [[site]]", "A site: its hosts, its files, its rules. Any number of them.",
         entries(siteKeys())},
        {"[[site.route]]", "site.route", "in [[site.route]]",
         "Who answers which paths of the site above. A request goes to the first route that takes its path; when "
         "the "
         "plugin there declines, to the next. All conditions of a route must hold; a route without one takes "
         "everything.",
         entries(routeKeys())},
        {"[[site.hook]]", "site.hook", "in [[site.hook]]",
         "A plugin that sees every request of the site above: it may refuse access, change answers or log. Hooks "
         "are "
         "asked in the order of the file.",
         entries(hookKeys())},
    };
    return all;
}

}  // namespace turnpike::config
