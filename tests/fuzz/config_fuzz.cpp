// A config file with everything in it. Whatever it says: it is either refused with at least one problem that has a
// place, or it gives a snapshot that has the values a server could not start without and that can be written
// again.
#include <string>

#include "config/load.h"
#include "config/write.h"
#include "fuzz.h"

namespace {

using namespace turnpike::config;

/// A disk with one file; an include finds the same file again, so the include rules meet cycles too.
class OneFile : public Files {
 public:
    explicit OneFile(std::string_view text) : text_(text) {}
    turnpike::Result<std::string> read(const std::string&) const override { return text_; }
    turnpike::Result<std::vector<std::string>> names(const std::string&) const override {
        return std::vector<std::string>{"main.toml"};
    }
    int checkFolder(const std::string&) const override { return 0; }

 private:
    std::string text_;
};

void expectUsable(const Snapshot& snapshot) {
    FUZZ_EXPECT(snapshot.server.workers > 0);
    FUZZ_EXPECT(!snapshot.files.empty());
    for (const Site& site : snapshot.sites) {
        FUZZ_EXPECT(!site.hosts.empty());
        FUZZ_EXPECT(site.root.empty() || site.root.front() == '/');
        for (const Route& route : site.routes) FUZZ_EXPECT(!route.use.plugin.empty());
    }
}

/// What is written for it is a file that says the same.
void expectWritable(const Snapshot& snapshot, const Machine& machine) {
    const std::string text = toml(snapshot);
    std::shared_ptr<const Snapshot> again;
    FUZZ_EXPECT(loadFrom("/etc/main.toml", OneFile(text), machine, &again).empty());
    FUZZ_EXPECT(toml(*again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const OneFile files(turnpike::fuzz::text(data, size));
    const Machine machine{2, 1000, "/etc", "/usr/bin", "/tmp", "/usr/lib/turnpike/plugins", nullptr};
    std::shared_ptr<const Snapshot> snapshot;
    const auto problems = loadFrom("/etc/main.toml", files, machine, &snapshot);
    FUZZ_EXPECT(problems.empty() == (snapshot != nullptr));
    for (const Problem& problem : problems) FUZZ_EXPECT(!problem.message.empty());
    if (!snapshot) return 0;
    expectUsable(*snapshot);
    expectWritable(*snapshot, machine);
    return 0;
}
