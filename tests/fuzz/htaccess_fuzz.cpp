// Whatever an .htaccess file holds: it is read to its end, or closes its folder with a line that says where; and
// what was read can be asked.
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
    turnpike::rewrite::Effort effort;
    const RulesFor rules(way, "index.php", "GET", effort);
    const std::string php = rules.php();
    FUZZ_EXPECT(php.find("open_basedir") == std::string::npos && php.find("\n\n") == std::string::npos);
    FUZZ_EXPECT(rules.scripts().refusal("index.html").empty() || !file->blocks[0].scripts.by_ending.empty() ||
                file->blocks.size() > 1);
    (void)rules.admission();
    (void)rules.rewriting();
    return 0;
}
