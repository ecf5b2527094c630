// PHP inside Turnpike's own interpreters, over shared memory: what a site's owner relies on, and what a script may
// do to its interpreter.
#include <Poco/JSON/Array.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <set>

#include "load.h"
#include "php_site.h"
#include "processes.h"
#include "support/server_process.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

/// Within ten seconds.
bool comes(RawClient& client, const std::string& text) {
    std::string got;
    for (int i = 0; i < 100 && got.find(text) == std::string::npos; ++i) got += client.rest(100);
    return got.find(text) != std::string::npos;
}

Load::Page anyPid() {
    return {"/pid.php", [](const Answer& answer) { return answer.whole && std::atoi(answer.body.c_str()) > 0; }};
}

class Php : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        ::mkdir(server.path("public").c_str(), 0755);
    }
    void script(const std::string& name, const std::string& code) {
        // The distribution's php.ini buffers output, and OPcache leaves files alone that are younger than two
        // seconds.
        server.folder().write("public/" + name, "<?php while (ob_get_level() > 0) ob_end_clean(); " + code);
        const std::filesystem::path path = server.path("public/" + name);
        std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
    }
    void start(const std::string& keys = "children = 3") {
        server.setup.sites = embeddedSite(keys);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    std::string body(const std::string& path, const std::string& fields = "") {
        return get(server.port(), path, fields).body;
    }
    Answer post(const std::string& path, const std::string& type, const std::string& text) {
        return ask(server.port(),
                   "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: " + type +
                       "\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
    }
    Turnpike server;
};

TEST_F(Php, AnswersWithoutASocketOnTheWay) {
    script("hello.php", "echo 'Hello ' . php_sapi_name();");
    start();
    EXPECT_EQ(body("/hello.php"), "Hello fpm-fcgi");
    std::string log = server.errorLog();
    EXPECT_EQ(log.find("error"), std::string::npos) << log;
}

TEST_F(Php, StreamsWhatIsFlushed) {
    script("slow.php",
           "echo 'first'; flush(); while (!file_exists(__DIR__ . '/go')) { usleep(1000); clearstatcache(); } "
           "echo ' second';");
    start();
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /slow.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(comes(client, "first"));  // while the script waits for what comes next
    server.folder().write("public/go", "");
    EXPECT_TRUE(comes(client, " second"));
}

TEST_F(Php, CarriesLargeBodiesBothWays) {
    script("size.php",
           "echo strlen(file_get_contents('php://input')), ' ', md5(file_get_contents('php://input'));");
    script("large.php", "for ($i = 0; $i < 300; ++$i) echo str_repeat(chr(65 + $i % 26), 65536);");
    start();
    const std::string text(5'000'000, 'x');
    EXPECT_THAT(post("/size.php", "text/plain", text).body, HasSubstr("5000000 "));
    Answer answer = get(server.port(), "/large.php");
    EXPECT_TRUE(answer.whole);
    ASSERT_EQ(answer.body.size(), 300u * 65536);
    for (size_t i = 0; i < 300; ++i) ASSERT_EQ(answer.body[i * 65536 + 777], static_cast<char>('A' + i % 26)) << i;
}

TEST_F(Php, TakesUploads) {
    script("upload.php",
           "$f = $_FILES['f']; echo $f['name'], ' ', $f['size'], ' ', $f['error'], ' ', $_POST['t'], ' ', "
           "is_uploaded_file($f['tmp_name']) ? md5_file($f['tmp_name']) : 'none';");
    start();
    const std::string content(1'500'000, 'q');
    const std::string form =
        "--B\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\ntext\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n" +
        content + "\r\n--B--\r\n";
    EXPECT_EQ(post("/upload.php", "multipart/form-data; boundary=B", form).body,
              "a.bin 1500000 0 text 4285fd94370e453796ded21ae9727fed")
        << server.errorLog();
}

TEST_F(Php, AScriptThatKillsItsInterpreterCostsItsOwnRequestOnly) {
    script("pid.php", "echo getmypid();");
    script("die.php", "posix_kill(getmypid(), 11); usleep(1000000);");
    start("children = 2");
    Load load(server.port(), {anyPid()}, 1, 1);
    for (int i = 0; i < 5; ++i) {
        Answer answer = post("/die.php", "text/plain", "not twice");
        EXPECT_EQ(answer.status, 502);
    }
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_EQ(load.misses().size(), 0u) << load.report();
    EXPECT_THAT(server.errorLog(), HasSubstr("died of signal 11"));
    EXPECT_THAT(server.errorLog(), HasSubstr("without an answer"));
}

TEST_F(Php, AnInterpreterThatIsReplacedLosesNothing) {
    script("pid.php", "echo getmypid();");
    start("children = 2\nrecycle = 7");
    std::set<std::string> pids;
    for (int i = 0; i < 60; ++i) {
        Answer answer = post("/pid.php", "text/plain", "not to be asked twice");
        ASSERT_EQ(answer.status, 200) << i << " " << server.errorLog();
        pids.insert(answer.body);
    }
    EXPECT_GE(pids.size(), 7u);
}

TEST_F(Php, FatalErrorsAndExitsAreAnswers) {
    script("fatal.php", "ini_set('display_errors', '0'); nowhere();");
    script("exit.php", "echo 'before'; exit(3);");
    script("memory.php", "ini_set('display_errors', '0'); $x = str_repeat('x', 1 << 30);");
    script("after.php", "echo 'alive';");
    start("children = 1\nini = { memory_limit = \"16M\" }");
    EXPECT_EQ(get(server.port(), "/fatal.php").status, 500);
    EXPECT_THAT(server.errorLog(), HasSubstr("Call to undefined function nowhere()"));
    EXPECT_EQ(body("/exit.php"), "before");
    EXPECT_EQ(get(server.port(), "/memory.php").status, 500);
    EXPECT_THAT(server.errorLog(), HasSubstr("Allowed memory size of 16777216 bytes"));
    EXPECT_EQ(body("/after.php"), "alive");
}

TEST_F(Php, TakesItsSettingsFromTheConfig) {
    script("ini.php",
           "echo ini_get('memory_limit'), ' ', ini_get('date.timezone'), ' ', getenv('A'), ' ', "
           "$_SERVER['B'] ?? 'none';");
    start(
        "ini = { memory_limit = \"77M\", \"date.timezone\" = \"Europe/Berlin\" }\nenvironment = { A = \"a\" }\n"
        "params = { B = \"b\" }");
    EXPECT_EQ(body("/ini.php"), "77M Europe/Berlin a b");
}

TEST_F(Php, AClientThatLeavesEndsTheScriptUnlessItObjects) {
    script("left.php",
           "ignore_user_abort(isset($_GET['stay'])); echo 'begun'; flush(); for ($i = 0; $i < 3000; ++$i) { "
           "echo '.'; flush(); usleep(1000); } file_put_contents(__DIR__ . '/../data/' . "
           "connection_status(), '');");
    ::mkdir(server.path("data").c_str(), 0700);
    giveToWorkers(server.path("data"));
    start("children = 2");
    for (const char* path : {"/left.php", "/left.php?stay"}) {
        RawClient client(server.port());
        ASSERT_TRUE(client.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        EXPECT_TRUE(comes(client, "begun"));
    }
    for (int i = 0; i < 1000 && !std::filesystem::exists(server.path("data/1")); ++i) ::usleep(10'000);
    EXPECT_TRUE(std::filesystem::exists(server.path("data/1"))) << "the one that stays";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(server.path("data")), {}), 1);
}

TEST_F(Php, RunsEachScriptInItsFolder) {
    std::filesystem::create_directories(server.path("public/deep"));
    std::filesystem::create_directories(server.path("public/other"));
    script("deep/here.php", "chdir('/'); echo getcwd(), ' '; chdir(__DIR__); echo getcwd();");
    script("other/here.php",
           "register_shutdown_function(function () { echo ' ', getcwd(); }); "
           "echo getcwd(), ' ', trim(file_get_contents('beside.txt'));");
    server.folder().write("public/other/beside.txt", "beside");
    start("children = 1");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(body("/deep/here.php"), "/ " + server.path("public/deep"));
        EXPECT_EQ(body("/other/here.php"), server.path("public/other") + " beside " + server.path("public/other"));
    }
}

TEST_F(Php, SharesTheCompiledScriptsBetweenItsInterpreters) {
    script("cache.php",
           "$s = opcache_get_status(false); echo $s['opcache_enabled'] ? 'on' : 'off', ' ', getmypid(), ' ', "
           "$s['opcache_statistics']['misses'];");
    start("children = 3");
    std::set<std::string> misses;
    for (int i = 0; i < 30; ++i) {
        std::string text = body("/cache.php");
        ASSERT_THAT(text, HasSubstr("on "));
        misses.insert(text.substr(text.rfind(' ')));
    }
    EXPECT_LE(misses.size(), 2u) << "compiled once, whoever did it";
}

TEST_F(Php, ReloadsAndStopsWithoutAnythingLost) {
    script("pid.php", "echo getmypid();");
    start("children = 2");
    Load load(server.port(), {anyPid()}, 2, 1);
    for (int i = 0; i < 3; ++i) {
        server.setup.sites = embeddedSite("children = " + std::to_string(3 + i));
        server.writeConfig();
        ASSERT_TRUE(server.reload());
    }
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_EQ(load.misses().size(), 0u) << load.report();
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(Php, HasTheFunctionsOfPhpFpm) {
    script(
        "headers.php",
        "header_register_callback(function () { header('X-Late: yes'); }); $all = getallheaders(); "
        "echo $all['X-Mine'] ?? 'none', ' ', apache_request_headers() == $all ? 'same' : 'other', ' ', "
        "$_SERVER['PHP_AUTH_USER'] ?? '-', ' ', $_SERVER['PHP_AUTH_PW'] ?? '-', ' ', $_SERVER['PHP_SELF'], ' ', "
        "$_SERVER['PATH_INFO'] ?? '-', ' ', getenv('REQUEST_METHOD');");
    start();
    Answer answer =
        get(server.port(), "/headers.php/more", "X-Mine: here\r\nAuthorization: Basic dXNlcjpwYXNz\r\n");
    EXPECT_EQ(answer.body, "here same user pass /headers.php/more /more GET");
    EXPECT_EQ(answer.field("x-late"), "yes");
}

TEST_F(Php, TellsOfItsPoolAsPhpFpmDoes) {
    script("keys.php",
           "function show($v) { return is_array($v) ? '[' . implode(',', array_map(fn($k) => $k . ':' . "
           "show($v[$k]), array_keys($v))) . ']' : gettype($v); } $s = fpm_get_status(); "
           "$s['procs'] = $s['procs'][0]; echo show($s);");
    script(
        "status.php",
        "for ($i = 0; $i < 1000; ++$i) { $s = fpm_get_status(); "
        "if ($s['active-processes'] == 1 && $s['idle-processes'] == 1) break; usleep(10000); } "
        "$me = array_values(array_filter($s['procs'], fn($p) => $p['pid'] == "
        "getmypid()))[0]; $idle = array_values(array_filter($s['procs'], fn($p) => $p['state'] == 'Idle')); "
        "echo json_encode([$s['pool'], $s['process-manager'], $s['accepted-conn'], $s['idle-processes'], "
        "$s['active-processes'], $s['total-processes'], $s['max-active-processes'] > 0, $s['start-since'] < 60, "
        "$me['state'], $me['request-method'], $me['request-uri'], $me['query-string'], $me['request-length'], "
        "basename($me['script']), $me['start-since'] < 60, count($idle)], JSON_UNESCAPED_SLASHES);");
    start("children = 2");
    const std::string keys = body("/keys.php");
    EXPECT_THAT(keys, HasSubstr("last-request-memory:integer"));
    EXPECT_EQ(post("/status.php/more?a=b", "text/plain", "body").body,
              R"(["site","static",2,1,1,2,true,true,"Running","POST","/status.php","a=b",4,"status.php",true,1])");
    if (!hasPhpFpm()) return;
    server.setup.sites = phpFpmSite();
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(body("/keys.php"), keys) << "php-fpm's own";
}

TEST_F(Php, HasNothingToForkWithAndDoesNotSaySo) {
    script("loaded.php",
           "echo json_encode([extension_loaded('pcntl'), in_array('pcntl', get_loaded_extensions()), "
           "function_exists('pcntl_fork'), defined('WNOHANG'), function_exists('chroot'), "
           "extension_loaded('posix')]);");
    start();
    EXPECT_EQ(body("/loaded.php"), "[false,false,false,false,false,true]");
}

TEST_F(Php, TakesAsManyChildrenAsItsKeyAllows) {
    script("alive.php", "echo 'alive';");
    start("children = 4096\nprocesses = \"on_demand\"");
    EXPECT_EQ(body("/alive.php"), "alive");
}

TEST_F(Php, KeepsSessionsAndStatusCodes) {
    script("count.php",
           "session_save_path(__DIR__ . '/../data'); session_start(); echo $_SESSION['n'] = "
           "($_SESSION['n'] ?? 0) + 1;");
    script("gone.php", "http_response_code(410); header('Location: /there'); http_response_code(303);");
    ::mkdir(server.path("data").c_str(), 0700);
    giveToWorkers(server.path("data"));
    start();
    Answer first = get(server.port(), "/count.php");
    EXPECT_EQ(first.body, "1") << server.errorLog();
    const std::string cookie = first.field("set-cookie").substr(0, first.field("set-cookie").find(';'));
    EXPECT_EQ(get(server.port(), "/count.php", "Cookie: " + cookie + "\r\n").body, "2");
    Answer redirect = get(server.port(), "/gone.php");
    EXPECT_EQ(redirect.status, 303);
    EXPECT_EQ(redirect.field("location"), "/there");
    EXPECT_EQ(get(server.port(), "/not-there.php").status, 404);
}

TEST_F(Php, GoesOnAfterTheRequestIsFinished) {
    script("later.php",
           "echo 'answered'; fastcgi_finish_request(); while (!file_exists(__DIR__ . '/../data/go')) { "
           "usleep(1000); clearstatcache(); } file_put_contents(__DIR__ . '/../data/done', '');");
    ::mkdir(server.path("data").c_str(), 0700);
    giveToWorkers(server.path("data"));
    start("children = 1");
    Answer answer = get(server.port(), "/later.php");  // the script waits for what comes after it
    EXPECT_EQ(answer.body, "answered");
    EXPECT_TRUE(answer.whole);
    server.folder().write("data/go", "");
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(server.path("data/done")); }));
    EXPECT_EQ(get(server.port(), "/later.php").body, "answered") << "and takes the next one";
}

TEST_F(Php, ReadsUserIniFilesBelowTheRoot) {
    script("ini.php", "echo ini_get('precision');");
    std::filesystem::create_directory(server.path("public/sub"));
    script("sub/ini.php", "echo ini_get('precision');");
    server.folder().write("public/sub/.user.ini", "precision = 5\n");
    start();
    EXPECT_EQ(body("/ini.php"), "14");
    EXPECT_EQ(body("/sub/ini.php"), "5");
    EXPECT_EQ(body("/ini.php"), "14") << "the request before leaves nothing behind";
}

/// The largest that the process has been.
long mostMib(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
    return -1;
}

TEST_F(Php, AnAdministratorsValueHoldsAgainstFilesAndScripts) {
    script("value.php",
           "ini_set('memory_limit', '512M'); echo ini_get('memory_limit'), ' ', ini_get('precision');");
    server.folder().write("public/.user.ini", "memory_limit = 99M\nprecision = 7\n");
    start("children = 1\nparams = { PHP_ADMIN_VALUE = \"memory_limit = 33M\" }");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(body("/value.php"), "33M 7");
}

TEST_F(Php, SaysAsPhpFpmWhatItMayNotOpen) {
    script("there.php", "echo 'opened';");
    auto refused = [this] {
        const Answer answer = get(server.port(), "/there.php");
        return std::to_string(answer.status) + " " + answer.body;
    };
    start("ini = { open_basedir = \"/nowhere\" }");
    const std::string ours = refused();
    EXPECT_EQ(ours, "404 No input file specified.\n");
    EXPECT_THAT(server.errorLog(), HasSubstr("Unable to open primary script: " + server.path("public/there.php")));
    if (!hasPhpFpm()) return;
    server.setup.sites = phpFpmSite("params = { PHP_ADMIN_VALUE = \"open_basedir = /nowhere\" }");
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(refused(), ours) << "php-fpm's own";
}

TEST_F(Php, AScriptThatOnlyComplainsFillsNoMemory) {
    script("complains.php", "echo 'x'; flush(); for ($i = 0; $i < 4000; ++$i) error_log(str_repeat('e', 32000));");
    server.setup.workers = 1;
    start("children = 1");
    const pid_t worker = firstOf(server.workers());
    const long before = mostMib(worker);
    EXPECT_EQ(body("/complains.php"), "x");
    EXPECT_LT(mostMib(worker) - before, 32) << "of 122 MiB that it wrote to the error stream";
}

TEST_F(Php, TellsTheMemoryOfEachInterpreter) {
    script("hold.php",
           "$x = str_repeat('x', 1 << 24); flush(); while (!file_exists(__DIR__ . '/go')) { usleep(1000); "
           "clearstatcache(); }");
    start("children = 2");
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /hold.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    auto largest = [&] {
        uint64_t most = 0;
        auto list = server.status()->getArray("backends")->getObject(0)->getArray("memory");
        if (list->size() != 3) return uint64_t{0};  // the program, and the two that it forked
        for (unsigned i = 0; i < list->size(); ++i)
            most = std::max(most, list->getObject(i)->getValue<Poco::UInt64>("private_bytes"));
        return most;
    };
    EXPECT_TRUE(eventually([&] { return largest() > uint64_t{1} << 24; }));
    server.folder().write("public/go", "");
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_TRUE(eventually([&] { return largest() < uint64_t{1} << 24; }))
        << "what a script has taken is given back";
}

TEST_F(Php, EndsWhatRunsTooLong) {
    script("busy.php", "ini_set('display_errors', '0'); set_time_limit(1); while (true) { $x = 1; }");
    script("asleep.php", "sleep(1000);");
    script("alive.php", "echo 'alive';");
    start("children = 1\nrun_timeout = \"1s\"\ntimeout = \"30s\"");
    EXPECT_EQ(get(server.port(), "/busy.php").status / 100, 5);  // by PHP itself, or with its interpreter
    EXPECT_EQ(post("/asleep.php", "text/plain", "once").status, 502);
    EXPECT_TRUE(server.waitForLog("is killed: it has answered POST /asleep.php"));
    EXPECT_EQ(body("/alive.php"), "alive");
}

TEST_F(Php, StartsInterpretersWhenThereIsWorkAndEndsThemWhenThereIsNone) {
    script("wait.php", "usleep(300000); echo 'done';");
    start("processes = \"on_demand\"\nchildren = 3\nidle_timeout = \"1s\"");
    auto interpreters = [&] { return descendants(firstOf(server.backend())).size(); };
    EXPECT_EQ(interpreters(), 0u);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->send("GET /wait.php HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    EXPECT_TRUE(eventually([&] { return interpreters() == 3; }));
    for (auto& client : clients) EXPECT_EQ(client->answer().body, "done");
    EXPECT_TRUE(eventually([&] { return interpreters() == 0; })) << "although the workers keep their connections";
    EXPECT_EQ(body("/wait.php"), "done");
}

/// PHP does not run inside of a program that has a sanitizer.
bool hasInlinePhp() { return std::filesystem::exists(TURNPIKE_BUILD "/plugins/php_inline.so"); }

std::string inlineSite(const std::string& keys) {
    std::string site = embeddedSite(keys);
    site.replace(site.find("\"php\""), 5, "\"php_inline\"");
    return site;
}

TEST_F(Php, RunsInTheWorkerForThoseWhoInsist) {
    if (!hasInlinePhp()) GTEST_SKIP() << "built with a sanitizer";
    script("size.php", "echo strlen(file_get_contents('php://input'));");
    script("large.php", "for ($i = 0; $i < 300; ++$i) echo str_repeat(chr(65 + $i % 26), 65536);");
    script("pid.php", "echo getmypid();");
    script("exit.php", "echo 'before'; exit(3);");
    script("fatal.php", "ini_set('display_errors', '0'); nowhere();");
    script("die.php", "posix_kill(getmypid(), 9); sleep(1);");
    server.setup.workers = 1;
    server.setup.sites = inlineSite("insist = true");
    ASSERT_TRUE(server.start()) << server.output();
    EXPECT_EQ(std::stoi(body("/pid.php")), firstOf(server.workers()));
    EXPECT_EQ(post("/size.php", "text/plain", std::string(3'000'000, 'x')).body, "3000000");
    EXPECT_EQ(post("/size.php", "text/plain", "short").body, "5");
    Answer large = get(server.port(), "/large.php");
    EXPECT_TRUE(large.whole);
    EXPECT_EQ(large.body.size(), 300u * 65536);
    EXPECT_EQ(body("/exit.php"), "before");
    EXPECT_EQ(get(server.port(), "/fatal.php").status, 500);
    EXPECT_THAT(server.errorLog(), HasSubstr("Call to undefined function nowhere()"));
    const pid_t victim = firstOf(server.workers());
    get(server.port(), "/die.php");  // takes its worker along
    EXPECT_TRUE(eventually([&] {
        const pid_t now = firstOf(server.workers());  // asked once: the victim may vanish at any moment
        return now > 0 && now != victim;
    }));
    EXPECT_TRUE(eventually([&] { return std::stoi(body("/pid.php")) == firstOf(server.workers()); }));
}

TEST_F(Php, RefusesToRunInTheWorkerOtherwise) {
    if (!hasInlinePhp()) GTEST_SKIP() << "built with a sanitizer";
    server.setup.sites = inlineSite("");
    server.writeConfig();
    std::string output;
    EXPECT_NE(server.run("check", &output), 0);
    EXPECT_THAT(output, HasSubstr("scripts would hold up the worker"));
}

TEST_F(Php, RefusesWhatMakesNoSense) {
    start();
    const std::pair<const char*, const char*> cases[] = {
        {"processes = \"many\"", "must be \"static\", \"dynamic\" or \"on_demand\""},
        {"children = 0", "children: must be from 1 to 4096"},
        {"spare = 2", "means nothing with \"static\" processes"},
        {"processes = \"dynamic\"\nchildren = 2\nspare = 3", "must not be more than children"},
        {"ini = { \"a b\" = \"1\" }", "is no name of a PHP setting"},
        {"ini = { a = \"1\\n2\" }", "has more than one line"},
    };
    for (const auto& [keys, why] : cases) {
        server.setup.sites = embeddedSite(keys);
        server.writeConfig();
        std::string output;
        EXPECT_NE(server.run("check", &output), 0);
        EXPECT_THAT(output, HasSubstr(why)) << keys;
    }
}

}  // namespace
}  // namespace turnpike::e2e
