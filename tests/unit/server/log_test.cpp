#include "server/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>
#include <regex>
#include <string>

#include "os/file.h"
#include "os/log.h"
#include "support/temp_folder.h"

namespace turnpike::server {
namespace {

tp_str str(std::string_view s) { return {s.data(), s.size()}; }

void append(LogFile& file, std::string_view line) { file.commit(LogLine(file.room()).text(line).size()); }

struct Lines {
    explicit Lines(const std::string& format) {
        server.access_log = folder.path() + "/access.log";
        server.access_format = format;
        fields[0] = {str("user-agent"), str("evil\"\r\n\x1b[31m")};
        request.struct_size = sizeof request;
        request.fields = fields;
        request.field_count = 1;
        request.id = 0x1234;
        request.method = str("GET");
        request.target = str("/a?b=\\");
        request.protocol = str("HTTP/1.1");
        request.remote_address = str("192.0.2.1");
        request.site = str("main");
        record.status = 200;
        record.bytes_sent = 42;
        record.total_us = 17;
        record.plugin = "static";
        for (auto& phase : record.phase_us) phase = -1;
        record.crossings[TP_CLASS_CLIENT] = {2, 0, 99};
    }
    std::string written() {
        uint64_t lost = 0;
        LogFile file(server.access_log, lost);
        AccessLog log(server.access_format, file);
        EXPECT_EQ(file.open(), 0);
        log.write(request, record);
        file.flush();
        auto text = os::readFile(server.access_log);
        return text ? *text : text.error().text;
    }
    TempFolder folder;
    config::Server server;
    tp_field fields[1];
    tp_request_view request{};
    tp_log_record record{};
};

}  // namespace

TEST(AccessLog, WritesTheCombinedFormatWithIdSitePluginAndTime) {
    std::string line = Lines("combined").written();
    EXPECT_EQ(line.find("192.0.2.1 - - ["), 0u) << line;
    EXPECT_NE(line.find("\"GET /a?b=\\x5c HTTP/1.1\" 200 42 \"-\" "), std::string::npos) << line;
    EXPECT_NE(line.find(" 0000000000001234 main static 17\n"), std::string::npos) << line;
}

TEST(AccessLog, LetsNoControlByteOrQuoteThrough) {
    std::string line = Lines("combined").written();
    EXPECT_NE(line.find("\"evil\\x22\\x0d\\x0a\\x1b[31m\""), std::string::npos) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(AccessLog, WritesCrossingsAsJson) {
    std::string line = Lines("json").written();
    EXPECT_NE(line.find("\"client\":{\"calls\":2,\"bytes\":99}"), std::string::npos) << line;
    EXPECT_NE(line.find("\"agent\":\"evil\\\"\\u000d\\u000a\\u001b[31m\""), std::string::npos) << line;
}

TEST(AccessLog, WritesAFormatOfItsOwn) {
    Lines lines(
        "{{{id}}} {remote}:{remote_port} {request.User-Agent}|{request.x-none}\t{user} {queued_us} "
        "{first_byte_us} {crossings} {crossings.client.calls} {crossings.client.bytes} "
        "{crossings.file.errors} {event_milli} {scheme} {received}");
    lines.record.phase_us[TP_PHASE_QUEUED] = 3;
    lines.record.event_milli = 250;
    lines.request.secure = 1;
    lines.request.remote_port = 4711;
    EXPECT_EQ(lines.written(),
              "{0000000000001234} 192.0.2.1:4711 evil\\x22\\x0d\\x0a\\x1b[31m|-\t- 3 - 2 2 99 0 250 https 0\n");
}

TEST(AccessLog, HasEveryFieldThatAFormatMayName) {
    const std::string whatever("\x01\"\xff x", 5);
    for (const auto& field : config::kLogFields) {
        Lines lines("<{" + std::string(field.name) + "}>");
        for (tp_str* member :
             {&lines.request.method, &lines.request.target, &lines.request.host, &lines.request.remote_user,
              &lines.request.site, &lines.request.path, &lines.request.query})
            *member = str(whatever);
        lines.fields[0].value = str(whatever);
        const std::string line = lines.written();
        EXPECT_GE(line.size(), 4u) << field.name;
        for (char c : line.substr(0, line.size() - 1)) {
            EXPECT_GE(c, 0x20) << field.name << line;
            EXPECT_LT(c, 0x7f) << field.name << line;
            EXPECT_NE(c, '"') << field.name << line;
        }
    }
}

TEST(AccessLog, TellsVisitsFromRequestsThatNobodyWaitedFor) {
    for (const auto& [format, said] : std::map<std::string, std::string>{
             {"combined", ""}, {"{status}", ""}, {"{background_of} {status}", "00000000000000ab 200\n"}}) {
        Lines lines(format);
        lines.request.background_of = 0xab;
        EXPECT_EQ(lines.written(), said) << format;
    }
    Lines visit("json"), errand("json");
    errand.request.background_of = 0xab;
    EXPECT_EQ(visit.written().find("background_of"), std::string::npos);
    EXPECT_NE(errand.written().find(",\"background_of\":\"00000000000000ab\","), std::string::npos);
}

TEST(AccessLog, ReadsNoClockForWhatNoLineTells) {
    uint64_t lost = 0;
    LogFile file("", lost);
    for (const auto& [format, phases] : std::map<std::string, bool>{{"combined", false},
                                                                    {"json", true},
                                                                    {"{status}", false},
                                                                    {"{queued_us}", false},
                                                                    {"{routed_us}", true},
                                                                    {"{first_sent_us}", true}})
        EXPECT_EQ(AccessLog(format, file).hasPhases(), phases) << format;
    EXPECT_FALSE(AccessLog("off", file).isOn());
}

TEST(AccessLogs, OpenAFileOfSeveralSitesOnceAndNoneThatIsOff) {
    TempFolder folder;
    config::Snapshot snapshot;
    snapshot.server.access_log = folder.path() + "/server";
    snapshot.sites.resize(3);
    for (auto& site : snapshot.sites) site.access_log = folder.path() + "/sites";
    snapshot.sites[0].access_format = "{site} one";
    snapshot.sites[1].access_format = "{site} two";
    snapshot.sites[2].access_format = "off";
    snapshot.sites[2].access_log = folder.path() + "/off";
    uint64_t lost = 0;
    AccessLogs logs(snapshot, lost);
    std::string why;
    ASSERT_EQ(logs.open(&why), 0) << why;
    Lines lines("");
    for (size_t i = 0; i < 3; ++i) logs.ofSite(i).write(lines.request, lines.record);
    EXPECT_TRUE(logs.hasLines());
    logs.flush();
    EXPECT_FALSE(logs.hasLines());
    EXPECT_EQ(*os::readFile(folder.path() + "/sites"), "main one\nmain two\n");
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/off"));
    EXPECT_TRUE(logs.ofServer().isOn());
    std::filesystem::rename(folder.path() + "/sites", folder.path() + "/away");
    logs.reopen();
    logs.ofSite(1).write(lines.request, lines.record);
    logs.flush();
    EXPECT_EQ(*os::readFile(folder.path() + "/sites"), "main two\n");
}

TEST(Log, EscapesAndCutsLongFields) {
    char to[6 * kMostOfAField];
    EXPECT_EQ(LogLine(to).escaped(std::string(5000, 'a')).size(), kMostOfAField);
    EXPECT_EQ(LogLine(to).escaped(std::string(5000, '\n')).size(), 4 * kMostOfAField);
    EXPECT_EQ(LogLine(to).json(std::string(5000, '\n')).size(), 6 * kMostOfAField);
    size_t size = LogLine(to).escaped("\xff\x7f ok").size();
    EXPECT_EQ(std::string_view(to, size), "\\xff\\x7f ok");
}

TEST(AccessLog, HoldsTheLongestLineThatThereIs) {
    std::string longest(kMostOfAField, '\n');
    for (const char* format : {"combined", "json"}) {
        Lines lines(format);
        lines.fields[0].value = str(longest);
        for (tp_str* member : {&lines.request.method, &lines.request.target, &lines.request.host,
                               &lines.request.remote_user, &lines.request.site})
            *member = str(longest);
        std::string line = lines.written();
        EXPECT_GT(line.size(), 4 * kMostOfAField);
        EXPECT_LT(line.size(), LogFile::kMostLine);
    }
}

TEST(LogFile, CountsWhatItCannotWrite) {
    uint64_t lost = 0;
    LogFile file("/dev/full", lost);
    ASSERT_EQ(file.open(), 0);
    append(file, "one\ntwo\n");
    file.flush();
    EXPECT_EQ(lost, 2u);
}

/// A FIFO with a reader that reads when it is told to.
struct Fifo {
    Fifo() {
        ::mkfifo(path().c_str(), 0600);
        reader = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    ~Fifo() { ::close(reader); }
    std::string path() const { return folder.path() + "/log"; }
    std::string read() const {
        std::string all;
        char buffer[65536];
        for (ssize_t got; (got = ::read(reader, buffer, sizeof buffer)) > 0;)
            all.append(buffer, static_cast<size_t>(got));
        return all;
    }
    TempFolder folder;
    int reader;
};

TEST(LogFile, NeverWaitsForAPipeThatNobodyReads) {
    Fifo pipe;
    uint64_t lost = 0;
    LogFile file(pipe.path(), lost);
    ASSERT_EQ(file.open(), 0);
    const std::string line = std::string(999, 'x') + "\n";
    for (int i = 0; i < 1000; ++i) append(file, line);  // a pipe holds 64 KiB
    EXPECT_GT(lost, 500u);
    std::string got = pipe.read();
    append(file, "after\n");
    file.flush();
    got += pipe.read();
    EXPECT_NE(got.find(std::to_string(lost) + " log lines were lost"), std::string::npos);
    EXPECT_TRUE(got.ends_with("after\n"));
    auto whole = static_cast<uint64_t>(std::count(got.begin(), got.end(), '\n'));
    EXPECT_GE(whole + lost, 1001u) << "each line is there or counted";
}

TEST(LogFile, LosesNothingToAPipeThatIsFullForAMoment) {
    Fifo pipe;
    uint64_t lost = 0;
    LogFile file(pipe.path(), lost);
    ASSERT_EQ(file.open(), 0);
    std::string wanted, got;
    for (int i = 0; i < 3000; ++i) {
        std::string line = std::to_string(i) + std::string(50, 'x') + "\n";
        append(file, line);
        wanted += line;
        if (i % 500 == 499) got += pipe.read();
    }
    while (file.hasLines()) {
        file.flush();
        got += pipe.read();
    }
    EXPECT_EQ(lost, 0u);
    EXPECT_EQ(got, wanted);
}

/// Where datagrams come to.
struct Receiver {
    Receiver() {
        fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Receiver() { ::close(fd); }
    std::string path() const { return folder.path() + "/socket"; }
    std::string next() const {
        std::string text(200'000, '\0');
        const ssize_t size = ::recv(fd, text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<size_t>(size) : 0);
        return text;
    }
    TempFolder folder;
    int fd;
};

TEST(LogFile, SendsEachLineToSyslog) {
    Receiver receiver;
    uint64_t lost = 0;
    LogFile file("syslog:unix:" + receiver.path(), lost);
    ASSERT_EQ(file.open(), 0);
    append(file, "one 1\n");
    append(file, "two\n");
    file.flush();
    // As syslog(3) writes: rsyslog and journald find program and process nowhere else on a unix socket.
    const std::regex shape(R"(<30>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d turnpike/access\[\d+\]: one 1)");
    const std::string first = receiver.next();
    EXPECT_TRUE(std::regex_match(first, shape)) << first;
    EXPECT_TRUE(receiver.next().ends_with("]: two"));
    EXPECT_EQ(receiver.next(), "");
    append(file, std::string(100'000, 'x') + "\n");
    file.flush();
    EXPECT_GT(receiver.next().size(), 60'000u);
    EXPECT_EQ(lost, 0u);
}

TEST(LogFile, SendsEachLineToSyslogOverUdp) {
    const int receiver = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    ASSERT_EQ(::bind(receiver, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::getsockname(receiver, reinterpret_cast<sockaddr*>(&address), &size), 0);
    uint64_t lost = 0;
    LogFile file("syslog:127.0.0.1:" + std::to_string(ntohs(address.sin_port)), lost);
    ASSERT_EQ(file.open(), 0);
    append(file, "one 1\n");
    file.flush();
    char text[300] = "";
    EXPECT_GT(::recv(receiver, text, sizeof text - 1, 0), 0);
    ::close(receiver);
    // RFC 5424 section 6: PRI and version, time, host, program, process, kind, no structured data, text.
    const std::regex shape(R"(<30>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]+ turnpike \d+ access - one 1)");
    EXPECT_TRUE(std::regex_match(text, shape)) << text;
}

TEST(LogFile, SendsFieldsToJournald) {
    Receiver receiver;
    uint64_t lost = 0;
    LogFile file("journald:unix:" + receiver.path(), lost);
    ASSERT_EQ(file.open(), 0);
    append(file, "a=b c\n");
    file.flush();
    EXPECT_EQ(receiver.next(), "PRIORITY=6\nSYSLOG_IDENTIFIER=turnpike\nTURNPIKE_LOG=access\nMESSAGE=a=b c\n");
}

TEST(LogFile, NeverWaitsForASocketAndSaysWhatWasLost) {
    auto receiver = std::make_unique<Receiver>();
    const std::string path = receiver->path();
    uint64_t lost = 0;
    LogFile file("syslog:unix:" + path, lost);
    ASSERT_EQ(file.open(), 0);
    for (int i = 0; i < 10'000; ++i) append(file, std::string(99, 'x') + "\n");
    file.flush();
    EXPECT_GT(lost, 1000u) << "its queue is full";
    uint64_t came = 0;
    auto drain = [&] {
        std::string last;
        for (std::string text; !(text = receiver->next()).empty(); last = text)
            came += text.ends_with("xxx") ? 1 : 0;
        return last;
    };
    std::string note;
    for (int i = 0; i < 100 && note.find("log lines were lost") == std::string::npos; ++i) {
        drain();
        append(file, "y\n");
        file.flush();
        note = receiver->next();
    }
    EXPECT_NE(note.find("]: " + std::to_string(lost) + " log lines were lost"), std::string::npos) << note;
    EXPECT_EQ(came + lost, 10'000u);
}

TEST(LogFile, FindsASyslogThatWasStartedAgain) {
    TempFolder folder;
    auto bind = [&] {
        const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (folder.path() + "/log").copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        return fd;
    };
    int receiver = bind();
    uint64_t lost = 0;
    LogFile file("syslog:unix:" + folder.path() + "/log", lost);
    ASSERT_EQ(file.open(), 0);
    ::close(receiver);
    std::filesystem::remove(folder.path() + "/log");
    append(file, "nobody\n");
    file.flush();
    EXPECT_EQ(lost, 1u);
    receiver = bind();
    append(file, "again\n");
    file.flush();
    char text[300] = "";
    EXPECT_GT(::recv(receiver, text, sizeof text - 1, 0), 0);
    EXPECT_NE(std::string(text).find("1 log lines were lost"), std::string::npos) << text;
    EXPECT_GT(::recv(receiver, text, sizeof text - 1, 0), 0);
    EXPECT_NE(std::string(text).find("]: again"), std::string::npos) << text;
    ::close(receiver);
}

TEST(ErrorLog, TellsSyslogTheLevel) {
    Receiver receiver;
    os::ErrorLog log("worker");
    ASSERT_TRUE(log.open("syslog:unix:" + receiver.path(), TP_LOG_INFO));
    EXPECT_TRUE(log.write(TP_LOG_ERROR, "bad\nthing"));
    const std::string line = receiver.next();
    EXPECT_TRUE(line.starts_with("<27>")) << line;
    EXPECT_NE(line.find(" turnpike/error["), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with("]: worker: bad\\x0athing")) << line;
    ASSERT_TRUE(log.open("journald:unix:" + receiver.path(), TP_LOG_INFO));
    EXPECT_TRUE(log.write(TP_LOG_WARN, "look"));
    EXPECT_EQ(receiver.next(),
              "PRIORITY=4\nSYSLOG_IDENTIFIER=turnpike\nTURNPIKE_LOG=error\nMESSAGE=worker: look\n");
}

TEST(LogTarget, SaysWhatIsNoAddress) {
    for (const char* good :
         {"syslog", "journald", "syslog:127.0.0.1:514", "syslog:[::1]:514", "syslog:unix:/x", "journald:unix:/x"})
        EXPECT_EQ(os::checkLogTarget(good), "") << good;
    for (const char* bad : {"syslog:", "syslog:nowhere", "journald:127.0.0.1:1", "syslogd"})
        EXPECT_NE(os::checkLogTarget(bad), "") << bad;
}

TEST(ErrorLog, NeverWaitsForAPipeThatNobodyReads) {
    Fifo pipe;
    os::ErrorLog log("test");
    ASSERT_TRUE(log.open(pipe.path(), TP_LOG_INFO));
    int refused = 0;
    for (int i = 0; i < 200; ++i) refused += log.write(TP_LOG_ERROR, std::string(1000, 'x')) ? 0 : 1;
    EXPECT_GT(refused, 100);
    pipe.read();
    EXPECT_TRUE(log.write(TP_LOG_ERROR, "after"));
    EXPECT_NE(pipe.read().find(std::to_string(refused) + " log lines were lost"), std::string::npos);
}

TEST(LogFile, GoesOnInANewFileAfterReopen) {
    TempFolder folder;
    uint64_t lost = 0;
    LogFile file(folder.path() + "/log", lost);
    ASSERT_EQ(file.open(), 0);
    append(file, "before\n");
    file.flush();
    std::filesystem::rename(folder.path() + "/log", folder.path() + "/log.1");
    append(file, "buffered\n");
    file.reopen();
    append(file, "after\n");
    file.flush();
    EXPECT_EQ(*os::readFile(folder.path() + "/log.1"), "before\nbuffered\n");
    EXPECT_EQ(*os::readFile(folder.path() + "/log"), "after\n");
}

}  // namespace turnpike::server
