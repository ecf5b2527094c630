// The same WordPress by Turnpike and by Apache with PHP-FPM, request by request: status, fields and body. Where
// they differ, compare/differences.txt says why; a difference that it does not explain fails the test, and so does
// an explanation that nothing needs any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <regex>

#include "applications.h"
#include "database.h"
#include "php_site.h"
#include "processes.h"
#include "support/server_process.h"

namespace turnpike::apps {
namespace {

constexpr const char* kData = TURNPIKE_SOURCE "/tests/apps/compare/";

std::vector<std::string> linesOf(const std::string& name) {
    std::ifstream file(kData + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        if (!line.empty() && line[0] != '#') lines.push_back(line);
    return lines;
}

/// At " | ".
std::vector<std::string> partsOf(std::string line) {
    std::vector<std::string> parts;
    for (size_t at; (at = line.find(" | ")) != std::string::npos; line.erase(0, at + 3))
        parts.push_back(line.substr(0, at));
    parts.push_back(line);
    return parts;
}

struct Difference {
    std::string request, what, turnpike, apache;
};

/// One line of differences.txt: REQUESTS | WHAT | TURNPIKE | APACHE | WHY; the first four are regular expressions.
struct Explanation {
    std::string line;
    std::vector<std::regex> parts;
    bool is_needed = false;
    bool explains(const Difference& d) const {
        return std::regex_match(d.request, parts[0]) && std::regex_match(d.what, parts[1]) &&
               std::regex_match(d.turnpike, parts[2]) && std::regex_match(d.apache, parts[3]);
    }
};

std::vector<Explanation> explanations() {
    std::vector<Explanation> all;
    for (const std::string& line : linesOf("differences.txt")) {
        auto parts = partsOf(line);
        EXPECT_EQ(parts.size(), 5U) << line;
        Explanation one{line, {}, false};
        for (size_t i = 0; i < 4; ++i) one.parts.emplace_back(parts.at(i));
        all.push_back(std::move(one));
    }
    return all;
}

/// All values of each field, in their order. Those that no two answers have in common are left out, and so is the
/// framing: whether an answer of PHP has a length depends on whether it was whole when its head left.
std::map<std::string, std::string> fieldsOf(const Answer& answer) {
    std::map<std::string, std::string> fields;
    for (const auto& [name, value] : answer.fields) {
        if (name == "date" || name == "connection" || name == "transfer-encoding") continue;
        std::string& all = fields[name];
        all += (all.empty() ? "" : ", ") + value;
    }
    return fields;
}

/// Without what is new in each answer: words that are good for once, and times.
std::string settled(const std::string& text) {
    static const std::regex kOnce(R"((nonce=|"nonce":"|wordpress_test_cookie=|name="_wpnonce" value=")[0-9a-f]+)");
    return std::regex_replace(text, kOnce, "$1");
}

class Compare : public testing::Test {
 protected:
    void SetUp() override {
        if (std::string why = missing(applications()[0], gateways()[2]); !why.empty()) GTEST_SKIP() << why;
        if (!std::filesystem::exists("/usr/sbin/apache2")) GTEST_SKIP() << "no /usr/sbin/apache2 (apache2)";
        if (!e2e::hasPhpFpm()) GTEST_SKIP() << "no php-fpm (php-fpm)";
        ASSERT_EQ(database_.waitUntilUp(), "");
        std::string said;
        ASSERT_EQ(runProgram("sh " TURNPIKE_SOURCE "/examples/wordpress/site.sh " + server_.path("site") +
                                 " wordpress " + database_.password() + " " + database_.socket() + " 2>&1",
                             &said),
                  0)
            << said;
        server_.setup.sites = siteConfig(applications()[0], gateways()[2], ways()[0]);
        ASSERT_TRUE(server_.start());
        installWordPress();
        startApache();
    }

    void installWordPress() {
        const std::string form =
            "weblog_title=Toll+house&user_name=keeper&admin_password=a+gate+a+lamp&admin_password2=a+gate+a+lamp&"
            "pw_weak=1&admin_email=keeper%40example.org&blog_public=1&Submit=Install&language=";
        Answer done = ask(server_.port(), request("POST /wp-admin/install.php?step=2",
                                                  {"Content-Type: application/x-www-form-urlencoded"}, form));
        ASSERT_THAT(done.body, testing::HasSubstr("Success!")) << done.head;
    }

    void startApache() {
        const std::string work = server_.path("apache");
        std::filesystem::create_directories(work);
        e2e::giveToWorkers(work);
        std::string said;
        for (const char* name : {"apache.conf", "php-fpm.conf"})
            ASSERT_EQ(runProgram("sed -e 's|@WORK@|" + work + "|' -e 's|@SITE@|" + server_.path("site") +
                                     "|' -e 's|@PORT@|" + std::to_string(port_) + "|' " + kData + name + " >" +
                                     work + "/" + name,
                                 &said),
                      0);
        if (e2e::isRoot()) {
            std::ofstream(work + "/apache.conf", std::ios::app) << "User www-data\nGroup www-data\n";
            std::ofstream(work + "/php-fpm.conf", std::ios::app) << "user = www-data\ngroup = www-data\n";
        }
        runProgram("ls /usr/sbin/php-fpm* | tail -n 1 | tr -d '\\n'", &said);
        fpm_ = std::make_unique<RunningProgram>(
            std::vector<std::string>{said, "--fpm-config", work + "/php-fpm.conf", "--nodaemonize"},
            work + "/fpm.out");
        ASSERT_TRUE(eventually([&] { return std::filesystem::exists(work + "/fpm.sock"); })) << fpm_->output();
        apache_ = std::make_unique<RunningProgram>(
            std::vector<std::string>{"/usr/sbin/apache2", "-f", work + "/apache.conf", "-DFOREGROUND"},
            work + "/apache.out");
        ASSERT_TRUE(apache_->waitForPort(port_)) << apache_->output();
    }

    /// To both with the same Host: WordPress has one address.
    std::string request(const std::string& line, const std::vector<std::string>& fields,
                        const std::string& body) const {
        std::string text =
            line + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_.port()) + "\r\nConnection: close\r\n";
        for (const std::string& field : fields) text += field + "\r\n";
        if (line.starts_with("POST")) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        return text + "\r\n" + body;
    }

    /// `line`: one of requests.txt.
    std::vector<Difference> compare(const std::string& line) const {
        auto parts = partsOf(line);
        std::string body;
        std::vector<std::string> fields;
        for (size_t i = 1; i < parts.size(); ++i)
            if (parts[i].starts_with("Body: "))
                body = parts[i].substr(6);
            else
                fields.push_back(parts[i]);
        const std::string bytes = request(parts[0], fields, body);
        Answer turnpike = askOne(server_.port(), bytes), apache = askOne(port_, bytes);
        std::vector<Difference> differ;
        auto note = [&](const std::string& what, const std::string& ours, const std::string& theirs) {
            if (ours != theirs) differ.push_back({line, what, ours, theirs});
        };
        note("status", std::to_string(turnpike.status), std::to_string(apache.status));
        note("whole", turnpike.whole ? "yes" : "no", apache.whole ? "yes" : "no");
        auto ours = fieldsOf(turnpike), theirs = fieldsOf(apache);
        // Another page has another length, if it has one.
        const bool is_other = settled(turnpike.body) != settled(apache.body);
        for (auto [one, other] : {std::pair{&ours, &theirs}, {&theirs, &ours}})
            if (is_other || !other->contains("content-length")) one->erase("content-length");
        for (const auto& [name, value] : ours) note(name, settled(value), settled(theirs[name]));
        for (const auto& [name, value] : theirs)
            if (!ours.contains(name)) note(name, "", settled(value));
        if (is_other) differ.push_back({line, "body", "other", "other"});
        return differ;
    }

    static Answer askOne(uint16_t port, const std::string& bytes) {
        RawClient client(port);
        if (!client.send(bytes)) return {};
        return client.answer(bytes.starts_with("HEAD"));
    }

    Database database_{{"wordpress"}};
    e2e::Turnpike server_;
    uint16_t port_ = freePort();
    std::unique_ptr<RunningProgram> fpm_, apache_;
};

TEST_F(Compare, AnswersAsApacheWithPhpFpmOrSaysWhyNot) {
    auto explained = explanations();
    for (const std::string& line : linesOf("requests.txt"))
        for (const Difference& differs : compare(line)) {
            auto one =
                std::find_if(explained.begin(), explained.end(), [&](auto& e) { return e.explains(differs); });
            if (one != explained.end())
                one->is_needed = true;
            else
                ADD_FAILURE() << differs.request << " | " << differs.what << " | " << differs.turnpike << " | "
                              << differs.apache;
        }
    for (const Explanation& one : explained) EXPECT_TRUE(one.is_needed) << "explains nothing: " << one.line;
}

}  // namespace
}  // namespace turnpike::apps
