#include "sdk/support/http_date.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace turnpike::support {
namespace {

constexpr int64_t kDay = 86400;
constexpr int64_t kFiftyYears = 18262 * kDay;
constexpr int64_t kFirst = -62167219200;  // 0000-01-01 00:00:00
constexpr int64_t kLast = 253402300799;   // 9999-12-31 23:59:59
constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kLongDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};

struct Civil {
    int64_t year;
    int month, day;  // from 1
};

// The proleptic Gregorian calendar in eras of 400 years that begin on 1 March, so that the leap day comes last.
Civil civilFromDays(int64_t days) {
    days += 719468;  // from 0000-03-01 to 1970-01-01
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t of_era = days - era * 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5) + 1;
    const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int64_t daysFromCivil(int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + of_era - 719468;
}

int daysInMonth(int64_t year, int month) {
    constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return kLengths[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

void putTwo(char* to, int64_t value) {
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
}

// Reads a date from left to right; the first thing that does not fit spoils it for good.
class Reader {
 public:
    explicit Reader(std::string_view text) : rest_(text) {}

    void expect(std::string_view literal) {
        if (rest_.substr(0, literal.size()) != literal) return spoil();
        rest_.remove_prefix(literal.size());
    }

    int number(size_t digits) {
        int value = 0;
        if (rest_.size() < digits) return spoil(), 0;
        for (size_t i = 0; i < digits; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return spoil(), 0;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    /// asctime() pads the day with a space.
    int paddedDay() {
        if (!rest_.starts_with(' ')) return number(2);
        rest_.remove_prefix(1);
        return number(1);
    }

    /// 1 for the first name of three letters in `names`.
    int name(std::string_view names) {
        for (size_t i = 0; i < names.size(); i += 3) {
            if (rest_.substr(0, 3) != names.substr(i, 3)) continue;
            rest_.remove_prefix(3);
            return static_cast<int>(i / 3) + 1;
        }
        return spoil(), 0;
    }

    bool longDay() {
        for (std::string_view day : kLongDays) {
            if (!rest_.starts_with(day)) continue;
            rest_.remove_prefix(day.size());
            return true;
        }
        return false;
    }

    bool finished() const { return good_ && rest_.empty(); }

 private:
    void spoil() { good_ = false; }

    std::string_view rest_;
    bool good_ = true;
};

struct Moment {
    Civil date{0, 0, 0};
    int hour = 0, minute = 0, second = 0;
};

void readTime(Reader& reader, Moment& moment) {
    moment.hour = reader.number(2);
    reader.expect(":");
    moment.minute = reader.number(2);
    reader.expect(":");
    moment.second = reader.number(2);
}

std::optional<int64_t> toUnix(const Reader& reader, const Moment& m) {
    if (!reader.finished() || m.hour > 23 || m.minute > 59 || m.second > 60) return {};  // 60: a leap second
    if (m.date.day < 1 || m.date.day > daysInMonth(m.date.year, m.date.month)) return {};
    return daysFromCivil(m.date.year, m.date.month, m.date.day) * kDay + m.hour * int64_t{3600} +
           m.minute * int64_t{60} + m.second;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<int64_t> parseFixed(Reader reader) {
    Moment moment;
    reader.name(kDays);
    reader.expect(", ");
    moment.date.day = reader.number(2);
    reader.expect(" ");
    moment.date.month = reader.name(kMonths);
    reader.expect(" ");
    moment.date.year = reader.number(4);
    reader.expect(" ");
    readTime(reader, moment);
    reader.expect(" GMT");
    return toUnix(reader, moment);
}

// "Sunday, 06-Nov-94 08:49:37 GMT"; the name of the day was read.
std::optional<int64_t> parseRfc850(Reader reader, int64_t now_unix) {
    Moment moment;
    reader.expect(", ");
    moment.date.day = reader.number(2);
    reader.expect("-");
    moment.date.month = reader.name(kMonths);
    reader.expect("-");
    const int two_digits = reader.number(2);
    reader.expect(" ");
    readTime(reader, moment);
    reader.expect(" GMT");
    const int64_t now = std::clamp(now_unix, kFirst, kLast);
    const int64_t latest = civilFromDays(now / kDay).year + 50;
    moment.date.year = latest - (latest - two_digits) % 100;
    const std::optional<int64_t> found = toUnix(reader, moment);
    if (!found || *found <= now + kFiftyYears) return found;
    moment.date.year -= 100;
    return toUnix(reader, moment);
}

// "Sun Nov  6 08:49:37 1994"
std::optional<int64_t> parseAsctime(Reader reader) {
    Moment moment;
    reader.name(kDays);
    reader.expect(" ");
    moment.date.month = reader.name(kMonths);
    reader.expect(" ");
    moment.date.day = reader.paddedDay();
    reader.expect(" ");
    readTime(reader, moment);
    reader.expect(" ");
    moment.date.year = reader.number(4);
    return toUnix(reader, moment);
}

}  // namespace

void formatHttpDate(int64_t unix_seconds, char* to) noexcept {
    const int64_t moment = std::clamp(unix_seconds, kFirst, kLast);
    const int64_t days = (moment - kFirst) / kDay + kFirst / kDay;  // rounds down before 1970, too
    const int64_t second = moment - days * kDay;
    const Civil date = civilFromDays(days);
    const auto weekday = static_cast<size_t>(((days + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    std::memcpy(to, "Sun, 06 Nov 1994 08:49:37 GMT", kHttpDateSize);
    std::memcpy(to, kDays.data() + weekday * 3, 3);
    putTwo(to + 5, date.day);
    std::memcpy(to + 8, kMonths.data() + static_cast<size_t>(date.month - 1) * 3, 3);
    putTwo(to + 12, date.year / 100);
    putTwo(to + 14, date.year % 100);
    putTwo(to + 17, second / 3600);
    putTwo(to + 20, second / 60 % 60);
    putTwo(to + 23, second % 60);
}

std::optional<int64_t> parseHttpDate(std::string_view text, int64_t now_unix) noexcept {
    Reader reader(text);
    if (reader.longDay()) return parseRfc850(reader, now_unix);
    if (text.size() == kHttpDateSize) return parseFixed(reader);
    return parseAsctime(reader);
}

}  // namespace turnpike::support
