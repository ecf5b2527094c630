// guard.h - a site's .htaccess files at work: asked when a request comes, and again when its answer leaves. One
// worker's; loop.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "../services.h"
#include "answering.h"
#include "folders.h"
#include "rewriting.h"
#include "rules_for.h"

namespace turnpike::rewrite::htaccess {

class Guard {
 public:
    /// `index`: the site's own names for a folder's page.
    Guard(const Services& services, const std::vector<std::string>& index)
        : services_(services), index_(index), folders_(services.host, services.io, services.folders) {}

    tp_verdict onAccess(tp_request* request);
    void onResponse(tp_request* request);

 private:
    /// What stays with a request through its redirects.
    struct Memory {
        bool is_made = false;
        bool is_ended = false;  // END: rules have had their last word
        bool rests = false;     // they have led to where the request was: they are not asked again for that
        unsigned passes = 0;
        Effort effort;
        Way way;  // keeps the files that the visit's blocks are part of
        Visit visit;
    };
    struct Asked;

    Memory* memoryOf(tp_request* request);
    Subject subjectFor(tp_request* request, Memory& memory) const;
    tp_verdict ask(Asked& asked);
    tp_verdict rewrite(Asked& asked);
    tp_verdict redirect(const Asked& asked);
    tp_verdict redirect(const Asked& asked, const Redirection& redirection);
    tp_verdict sendTo(const Asked& asked, uint32_t status, const std::string& location);
    tp_verdict moveTo(const Asked& asked, const std::string& target, const std::string& why);
    tp_verdict findIndex(const Asked& asked);
    tp_verdict fallBack(const Asked& asked);
    tp_verdict fail(const Asked& asked, uint32_t status, const std::string& cause);
    static const char* whyGivenUp(const Asked& asked);
    tp_verdict giveUp(const Asked& asked, const Place& place, const std::string& directive);
    static std::string files(const Asked& asked);
    void tellVariables(tp_request* request, const Visit& visit);
    void nameErrorPages(const Asked& asked);
    void changeFields(const Asked& asked);
    void changeField(const Asked& asked, const HeaderChange& change);
    static const Place* setVariables(Asked& asked, bool is_early);

    const Services& services_;
    const std::vector<std::string>& index_;
    Folders folders_;
};

}  // namespace turnpike::rewrite::htaccess
