// A snapshot that was written is a file that gives the same snapshot again.
#include "config/write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/keys.h"
#include "config/load.h"
#include "config/presets.h"

namespace turnpike::config {
namespace {

using ::testing::HasSubstr;

class OneFile : public Files {
 public:
    explicit OneFile(std::string text) : text_(std::move(text)) {}
    Result<std::string> read(const std::string&) const override { return text_; }
    Result<std::vector<std::string>> names(const std::string&) const override {
        return Error{ENOENT, "there are no folders"};
    }
    int checkFolder(const std::string&) const override { return 0; }

 private:
    std::string text_;
};

std::shared_ptr<const Snapshot> load(const std::string& text) {
    const Machine machine{2, 1000, "/etc", "/usr/bin", "/tmp", "/usr/lib/turnpike/plugins", nullptr};
    std::shared_ptr<const Snapshot> snapshot;
    for (const Problem& problem : loadFrom("/etc/main.toml", OneFile(text), machine, &snapshot))
        ADD_FAILURE() << problem.text();
    return snapshot;
}

/// Every key that there is, none with its default.
constexpr const char* kFull = R"([server]
listen = ["127.0.0.1:81", "unix:/run/x.sock", ":444 tls"]
trusted_proxies = ["10.0.0.0/8", "unix"]
forwarded_field = "forwarded"
proxy_protocol = ["127.0.0.1:81"]
listen_mode = "0640"
listen_group = "lg"
backlog = 7
defer_accept = "3000ms"
workers = 3
user = "u"
group = "g"
plugin_folder = "/p"
runtime_folder = "/r"
spool_folder = "/s"
control_socket = "/c"
purge_socket = "/q"
pid_file = "/f"
error_log = "/e"
access_log = "/a"
access_format = "json"
log_level = "debug"
log_max_size = 8
log_keep = 9
server_name = "\"x\\y"
http2 = false
ktls = true
splice = false
inject_null_calls = 9
ledger = false

[limits]
request_line = 100
field = 101
fields_total = 102
fields = 103
handshake = "121ms"
header = "104ms"
body_gap = "105ms"
body_rate = 106
keepalive = "107ms"
write = "108ms"
write_rate = 109
linger = "110ms"
drain = "111ms"
requests_per_connection = 112
streams = 121
connection_age = "122ms"
connections = 113
connections_per_address = 114
body_memory = 115
spool_total = 116
spool_per_address = 120
spool_free_per_mille = 117
request_memory = 65536
pool_threads = 118
pool_queue = 119
background = 123
background_per_site = 124

[[site]]
name = "one"
hosts = ["example.org", "*.example.org"]
root = "/srv/one"
index = ["a.php", "b.html"]
links = "beneath"
hidden_files = true
source_files = true
user = "v"
group = "w"
access_log = "/l"
access_format = "{remote} {status}"
body_limit = 5
x_sendfile = true
x_accel_redirect = true
server_timing = true
interim_http1 = true
error_pages = { "404" = "/404.html", "500" = "/500.html" }
tls = { "certificate" = "/c.pem", "key" = "/k.pem", "ocsp" = "/o.der", "client_ca" = "/a.pem", "client" = "optional" }
hsts = "max-age=5; preload"
redirect_https = true

[[site.route]]
exact = "/x"
prefix = "/"
suffix = "x"
pattern = "^/\\w$"
try = ["$path", "=404"]
plugin = "any"
text = "line\u000Abreak"
number = -4
truth = true
"odd name" = ["a", "b"]
table = { "A" = "1", "B b" = "2" }

[[site.route]]
prefix = "/inside/"
root = "/srv/private"
internal = true
plugin = "static"

[[site.hook]]
plugin = "hook"
empty = { }
)";

TEST(Write, GivesBackEveryKeyThatThereIs) {
    auto snapshot = load(kFull);
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(toml(*snapshot), kFull);
}

TEST(Write, LeavesNoKeyOut) {
    for (const Section& section : sections())
        for (const Section::Entry& entry : section.entries) {
            if (std::string(section.heading).empty()) continue;      // includes are part of the one file
            if (std::string(entry.key->name) == "preset") continue;  // the lines that it stands for are written
            EXPECT_THAT(kFull, HasSubstr("\n" + std::string(entry.key->name) + " = ")) << section.heading;
        }
}

TEST(Write, WritesWhatAPresetStandsFor) {
    for (const Preset& preset : presets()) {
        auto snapshot = load("[[site]]\nroot = \"/srv\"\npreset = \"" + std::string(preset.name) + "\"\n");
        ASSERT_TRUE(snapshot) << preset.name;
        EXPECT_FALSE(snapshot->sites.at(0).hooks.empty()) << preset.name;
        auto again = load(toml(*snapshot));
        ASSERT_TRUE(again) << toml(*snapshot);
        EXPECT_EQ(toml(*again), toml(*snapshot));
    }
}

TEST(Preset, LeavesARouteOfTheSitesOwnWhereItsOwnWouldStand) {
    auto snapshot = load(
        "[[site]]\npreset = \"plain-php\"\n[[site.route]]\nplugin = \"b\"\n[[site.route]]\nprefix = \"/c\"\n"
        "plugin = \"c\"\n[[site.route]]\nsuffix = \".php\"\nplugin = \"a\"\n[[site.hook]]\nplugin = \"h\"\n");
    ASSERT_TRUE(snapshot);
    std::string order;
    for (const Route& route : snapshot->sites.at(0).routes) order += route.use.plugin;
    EXPECT_EQ(order, "cab");
    EXPECT_EQ(snapshot->sites.at(0).hooks.front().plugin, "h");
    EXPECT_GT(snapshot->sites.at(0).hooks.size(), 1u);
}

TEST(Write, WritesNothingForWhatIsNotSet) {
    auto snapshot = load("[[site]]\n[[site.route]]\nplugin = \"static\"\n");
    ASSERT_TRUE(snapshot);
    auto again = load(toml(*snapshot));
    ASSERT_TRUE(again);
    EXPECT_EQ(toml(*again), toml(*snapshot));
    EXPECT_THAT(toml(*again), HasSubstr("\n[[site.route]]\nplugin = \"static\"\n"));
}

}  // namespace
}  // namespace turnpike::config
