// rewrite.cpp - the plugin: each use of it is a rule of the config, or what the site's .htaccess files say.
#include <optional>
#include <string>
#include <vector>

#include "htaccess/guard.h"
#include "htaccess/survey.h"
#include "rule.h"
#include "sdk/check.h"
#include "services.h"
#include "settings.h"

namespace turnpike::rewrite {

struct Rewrite {
    static constexpr const char *name = "rewrite", *version = "1.0",
                                *summary = "redirects, rewrites paths and refuses, by rules or .htaccess files";
    static constexpr const auto& keys = kKeys;

    Rewrite(const tp_host& h, tp_setup& setup)
        : services{h, *static_cast<const tp_io*>(h.extension(TP_IO_ID)),
                   *static_cast<const tp_request_service*>(h.extension(TP_REQUEST_ID)),
                   *static_cast<const tp_folders*>(h.extension(TP_FOLDERS_ID))} {
        if (!isForHtaccess(h, setup))
            settings.emplace(h, setup);
        else
            lookThroughSite(h, setup);
        const tp_str* names = nullptr;
        const size_t count = h.site_index(&setup, &names);
        for (size_t i = 0; i < count; ++i) index.emplace_back(text(names[i]));
    }

    /// Where an administrator asks for it, see `turnpike check --deep`.
    static void lookThroughSite(const tp_host& host, tp_setup& setup) {
        const auto* check = static_cast<const tp_check*>(host.extension(TP_CHECK_ID));
        if (check == nullptr || check->is_deep(&setup) == 0) return;
        for (const htaccess::Finding& finding : htaccess::survey(std::string(text(host.site_root(&setup)))))
            check->found(&setup, str(*finding.place.file), finding.place.line,
                         str("the folder is closed: " + finding.why));
    }

    Services services;
    std::optional<Settings> settings;  // none: .htaccess files
    std::vector<std::string> index;

    class Worker {
     public:
        Worker(Rewrite& plugin, tp_worker*) {
            if (plugin.settings)
                rule_.emplace(plugin.services, *plugin.settings);
            else
                guard_.emplace(plugin.services, plugin.index);
        }
        tp_verdict onAccess(tp_request* request) {
            return rule_ ? rule_->onAccess(request) : guard_->onAccess(request);
        }
        void onResponse(tp_request* request) noexcept {
            if (guard_) guard_->onResponse(request);
        }

     private:
        std::optional<Rule> rule_;
        std::optional<htaccess::Guard> guard_;
    };
};

}  // namespace turnpike::rewrite

TURNPIKE_PLUGIN(turnpike::rewrite::Rewrite)
