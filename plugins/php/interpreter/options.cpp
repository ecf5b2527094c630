#include "options.h"

#include <getopt.h>

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace turnpike::php {
namespace {

enum Name : int {
    PoolName = 256,
    Children,
    ModeName,
    Spare,
    Idle,
    Recycle,
    Memory,
    Run,
    Grace,
    IniFile,
    IniScanDir,
    Help
};

const option kOptions[] = {
    {"name", required_argument, nullptr, PoolName},
    {"children", required_argument, nullptr, Children},
    {"mode", required_argument, nullptr, ModeName},
    {"spare", required_argument, nullptr, Spare},
    {"idle-timeout", required_argument, nullptr, Idle},
    {"recycle", required_argument, nullptr, Recycle},
    {"recycle-memory", required_argument, nullptr, Memory},
    {"run-timeout", required_argument, nullptr, Run},
    {"grace", required_argument, nullptr, Grace},
    {"ini-file", required_argument, nullptr, IniFile},
    {"ini-scan-dir", required_argument, nullptr, IniScanDir},
    {"help", no_argument, nullptr, Help},
    {nullptr, 0, nullptr, 0},
};

uint64_t number(const char* name, std::string_view text, uint64_t least, uint64_t most) {
    uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw std::invalid_argument(std::string("--") + name + " takes a number from " + std::to_string(least) +
                                    " to " + std::to_string(most) + ", not \"" + std::string(text) + '"');
    return value;
}

uint64_t milliseconds(const char* name, std::string_view text) { return number(name, text, 0, 1'000'000) * 1000; }

Mode mode(std::string_view text) {
    for (Mode mode : {Mode::Static, Mode::Dynamic, Mode::OnDemand})
        if (text == modeName(mode)) return mode;
    throw std::invalid_argument("--mode is static, dynamic or ondemand, not \"" + std::string(text) + '"');
}

void set(Options& options, int name, const char* text) {
    constexpr uint64_t kMany = 4096, kAny = uint64_t{1} << 40;
    switch (name) {
        case 'd':
            options.php.ini.emplace_back(text);
            break;
        case PoolName:
            options.name = text;
            break;
        case Children:
            options.children = static_cast<unsigned>(number("children", text, 1, kMany));
            break;
        case ModeName:
            options.mode = mode(text);
            break;
        case Spare:
            options.spare = static_cast<unsigned>(number("spare", text, 1, kMany));
            break;
        case Idle:
            options.idle_ms = milliseconds("idle-timeout", text);
            break;
        case Recycle:
            options.recycle = number("recycle", text, 0, kAny);
            break;
        case Memory:
            options.recycle_memory = number("recycle-memory", text, 0, kAny);
            break;
        case Run:
            options.run_ms = milliseconds("run-timeout", text);
            break;
        case Grace:
            options.grace_ms = milliseconds("grace", text);
            break;
        case IniFile:
            options.php.ini_file = text;
            break;
        case IniScanDir:
            options.php.ini_scan_dir = text;
            break;
        default:
            throw std::invalid_argument(kUsage);
    }
}

}  // namespace

const char* const kUsage =
    "turnpike-php [--name NAME] [--children N] [--mode static|dynamic|ondemand] [--spare N] [--idle-timeout "
    "SECONDS]\n"
    "             [--recycle REQUESTS] [--recycle-memory BYTES] [--run-timeout SECONDS] [--grace SECONDS]\n"
    "             [--ini-file FILE] [--ini-scan-dir FOLDER] [-d NAME=VALUE]...\n"
    "Answers FastCGI requests with PHP on the listening socket that is its descriptor 0.";

const char* modeName(Mode mode) {
    static constexpr const char* kNames[] = {"static", "dynamic", "ondemand"};
    return kNames[static_cast<size_t>(mode)];
}

Options parseOptions(int count, char** arguments) {
    Options options;
    opterr = 0;
    int name = 0;
    while ((name = getopt_long(count, arguments, "d:", kOptions, nullptr)) != -1) set(options, name, optarg);
    if (optind < count) throw std::invalid_argument(kUsage);
    return options;
}

}  // namespace turnpike::php
