// Range, conditions and codings of one request. The first byte chooses the size of the representation; then each
// line is the value of a field. Ranges are inside, disjoint, never more than the whole, and read back as the same.
#include <array>
#include <string>

#include "fuzz.h"
#include "sdk/support/accept_encoding.h"
#include "sdk/support/conditional.h"
#include "sdk/support/http_date.h"
#include "sdk/support/ranges.h"

namespace {

using namespace turnpike::support;

void expectSound(const RangeSet& set, uint64_t size) {
    uint64_t sum = 0;
    for (size_t i = 0; i < set.count; ++i) {
        const ByteRange& range = set.ranges[i];
        FUZZ_EXPECT(range.first <= range.last && range.last < size);
        sum += range.size();
        for (size_t j = 0; j < i; ++j)
            FUZZ_EXPECT(set.ranges[j].last < range.first || range.last < set.ranges[j].first);
    }
    FUZZ_EXPECT(sum <= size);
    FUZZ_EXPECT((set.answer == RangeAnswer::Partial) == (set.count > 0));
}

void expectReadBack(const RangeSet& set, uint64_t size) {
    if (set.answer != RangeAnswer::Partial) return;
    std::string value = "bytes=";
    for (size_t i = 0; i < set.count; ++i)
        value += std::to_string(set.ranges[i].first) + "-" + std::to_string(set.ranges[i].last) + ",";
    const RangeSet again = parseRanges(value, size);
    FUZZ_EXPECT(again.count == set.count);
    for (size_t i = 0; i < set.count; ++i) FUZZ_EXPECT(again.ranges[i] == set.ranges[i]);
}

void expectReadBack(std::string_view date) {
    const auto moment = parseHttpDate(date, 1764000000);
    if (!moment) return;
    std::array<char, kHttpDateSize> text;
    formatHttpDate(*moment, text.data());
    // A leap second at the end of 9999 has no successor.
    const auto again = parseHttpDate({text.data(), text.size()}, 1764000000);
    FUZZ_EXPECT(again && (*again == *moment || *moment > 253402300799));
}

// A precondition on the very tag that is compared must hold, whatever stands after it in the list.
void expectKnown(std::string_view rest) {
    const std::string value = "\"tag\"," + std::string(rest);
    const tp_field field{{"if-none-match", 13}, {value.data(), value.size()}};
    tp_request_view view{};
    view.fields = &field;
    view.field_count = 1;
    view.present = TP_HAS_IF_NONE_MATCH;
    view.method_id = TP_METHOD_GET;
    FUZZ_EXPECT(checkPreconditions(view, {"\"tag\"", 0}) == Precondition::NotModified);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr std::array<uint64_t, 8> kSizes = {0, 1, 2, 10, 100, 1000, 1u << 31, INT64_MAX};
    constexpr std::array<std::string_view, 6> kNames = {"range",    "if-match",          "if-none-match",
                                                        "if-range", "if-modified-since", "if-unmodified-since"};
    if (size == 0) return 0;
    const uint64_t length = kSizes[data[0] % kSizes.size()];
    std::string_view rest = turnpike::fuzz::text(data + 1, size - 1);
    AcceptEncoding codings;
    std::array<tp_field, kNames.size()> fields{};
    tp_request_view view{};
    view.fields = fields.data();
    view.method_id = TP_METHOD_GET;
    view.present = TP_HAS_RANGE | TP_HAS_IF_RANGE | kPreconditionFields;
    for (size_t i = 0; i < kNames.size(); ++i) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
        fields[view.field_count++] = {{kNames[i].data(), kNames[i].size()}, {line.data(), line.size()}};
        const RangeSet set = parseRanges(line, length);
        expectSound(set, length);
        expectReadBack(set, length);
        expectReadBack(line);
        expectKnown(line);
        codings.add(line);
    }
    for (Coding coding : {Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd})
        FUZZ_EXPECT(codings.weight(coding) <= 1000);
    const Validators validators{"\"tag\"", 784111777};
    (void)checkPreconditions(view, validators);
    (void)isRangeWanted(view, validators);
    return 0;
}
