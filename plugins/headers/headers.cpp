// headers.cpp - the plugin: changes the head of every answer of the site for which its conditions hold.
#include "answer.h"
#include "settings.h"

namespace turnpike::headers {

struct Headers {
    static constexpr const char *name = "headers", *version = "1.0",
                                *summary = "sets, adds and removes fields of answers";
    static constexpr const auto& keys = kKeys;

    Headers(const tp_host& h, const tp_setup& setup) : host(h), settings(h, setup) {}

    const tp_host& host;
    Settings settings;

    class Worker {
     public:
        Worker(Headers& plugin, tp_worker*) : host_(plugin.host), settings_(plugin.settings) {}

        void onResponse(tp_request* request) noexcept {
            if (!settings_.condition.holds(*host_.view(request), *host_.response(request))) return;
            Answer answer(host_, request);
            for (const std::string& name : settings_.remove) answer.remove(name);
            for (const Field& field : settings_.set) answer.set(field);
            for (const Field& field : settings_.defaults) answer.setDefault(field);
            for (const Field& field : settings_.merge) answer.merge(field);
            for (const Field& field : settings_.add) answer.add(field);
            if (!answer.isWhole())
                host_.log_request(request, TP_LOG_WARN, str("no memory left for all fields of the answer"));
        }

     private:
        const tp_host& host_;
        const Settings& settings_;
    };
};

}  // namespace turnpike::headers

TURNPIKE_PLUGIN(turnpike::headers::Headers)
