// replay.cpp - main() of a fuzz target without libFuzzer: runs each file of the folders or files named once.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.h"

namespace {

void replay(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    // A block of its own, exactly as large, so that the sanitizer sees a read past the end.
    const std::vector<uint8_t> input(bytes.begin(), bytes.end());
    std::printf("%s\n", file.c_str());
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int count, char** arguments) {
    size_t files = 0;
    for (int i = 1; i < count; ++i) {
        const std::filesystem::path path(arguments[i]);
        if (!std::filesystem::is_directory(path)) {
            replay(path), ++files;
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(path)) replay(entry.path()), ++files;
    }
    std::printf("%zu inputs\n", files);
    return files == 0 ? 1 : 0;  // no corpus is no test
}
