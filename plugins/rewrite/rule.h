// rule.h - one rule at work. One worker's; loop.
#pragma once
#include <string>

#include "services.h"
#include "settings.h"

namespace turnpike::rewrite {

class Rule {
 public:
    Rule(const Services& services, const Settings& settings) : services_(services), settings_(settings) {}

    tp_verdict onAccess(tp_request* request) const;

 private:
    bool isMapped(const tp_request_view& view, Match& match) const;
    std::string targetOf(const tp_request_view& view, const Match& match) const;
    tp_verdict redirect(tp_request* request, const tp_request_view& view, const Match& match) const;
    tp_verdict rewrite(tp_request* request, const tp_request_view& view, const Match& match) const;
    tp_verdict refuse(tp_request* request, uint32_t status, const std::string& cause) const;

    const Services& services_;
    const Settings& settings_;
};

}  // namespace turnpike::rewrite
