// Whatever an .htaccess file holds: it is read to its end, or closes its folder with a line that says where; and
// what was read can be asked.
#include <cerrno>
#include <map>
#include <string>

#include "fuzz.h"
#include "rewrite/htaccess/parser.h"
#include "rewrite/htaccess/rules_for.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace turnpike::rewrite::htaccess;
    auto file = std::make_shared<const File>(parse(turnpike::fuzz::text(data, size), "F"));
    FUZZ_EXPECT(file->error.empty() || file->error.starts_with("F:"));
    FUZZ_EXPECT(!file->blocks.empty() && file->blocks[0].files.empty());
    if (!file->error.empty()) return 0;
    const Way way{{{"/", file}}, 1};
    tp_io io{};  // nothing is on disk
    io.open = [](tp_request*, tp_str, uint32_t, tp_file*) -> int32_t { return -ENOENT; };
    tp_request_view view{};
    view.method = turnpike::str("GET");
    view.path = turnpike::str("/index.php");
    view.document_root = turnpike::str("/srv");
    std::map<std::string, std::string> environment;
    const Subject subject(io, nullptr, view, "/index.php", false, environment);
    turnpike::rewrite::Effort effort;
    const RulesFor rules(way, "index.php", subject, effort);
    const std::string php = rules.php();
    FUZZ_EXPECT(php.find("open_basedir") == std::string::npos && php.find("\n\n") == std::string::npos);
    FUZZ_EXPECT(rules.scripts().refusal("index.html").empty() || !file->blocks[0].scripts.by_ending.empty() ||
                file->blocks.size() > 1);
    Entry entry{subject, effort};
    (void)refusal(rules.admission(), entry);
    (void)rules.rewriting();
    return 0;
}
