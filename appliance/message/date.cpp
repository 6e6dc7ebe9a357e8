#include "message/date.h"

#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <format>

namespace postern::message {
namespace {

using namespace std::chrono_literals;
using text::is_alpha;
using text::is_digit;

constexpr std::array<std::string_view, 12> month_names = {"january",   "february", "march",    "april",
                                                          "may",       "june",     "july",     "august",
                                                          "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> day_names = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

// RFC 5322 §4.3 obs-zone. Military letters and unknown names count as "-0000", as it advises.
constexpr std::array<std::pair<std::string_view, std::chrono::hours>, 8> zone_names = {
    {{"est", -5h}, {"edt", -4h}, {"cst", -6h}, {"cdt", -5h}, {"mst", -7h}, {"mdt", -6h}, {"pst", -8h}, {"pdt", -7h}}};

constexpr std::size_t length_limit = 256; // of what is looked at; a date is a tenth of that

// Which name `word` is, or is the beginning of with at least three letters.
template <std::size_t N>
std::optional<unsigned> index_in(std::array<std::string_view, N> const& names, std::string_view word) {
    if (word.size() < 3) return std::nullopt;
    for (unsigned i = 0; i < N; ++i)
        if (text::istarts_with(names[i], word)) return i;
    return std::nullopt;
}

// Without comments, and without the white space that RFC 5322 §4.3 lets stand around a colon.
std::string without_comments(std::string_view text) {
    std::string out;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '(') {
            if (depth++ == 0 && !out.ends_with(':')) out += ' ';
        } else if (c == ')') {
            if (depth > 0) --depth;
        } else if (depth == 0 && !(text::is_space(c) && out.ends_with(':'))) {
            while (c == ':' && !out.empty() && text::is_space(out.back())) out.pop_back();
            out += c;
        }
    }
    return out;
}

class DateReader {
public:
    explicit DateReader(std::string_view text) : rest_(text) {}

    std::optional<DateTime> read() {
        while (!rest_.empty()) {
            bool understood = true;
            if (is_digit(rest_.front()))
                understood = read_number();
            else if (is_alpha(rest_.front()))
                read_word();
            else if (time_ && !zone_ && (rest_.front() == '+' || rest_.front() == '-'))
                read_offset();
            else
                rest_.remove_prefix(1);
            if (!understood) return std::nullopt;
        }
        return result();
    }

private:
    std::string_view take_digits() {
        std::size_t const end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        std::string_view const digits = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return digits;
    }

    // At most four digits, so that nothing overflows.
    static unsigned value(std::string_view digits) {
        unsigned n = 0;
        for (char c : digits) n = n * 10 + static_cast<unsigned>(c - '0');
        return n;
    }

    bool read_number() {
        std::string_view const digits = take_digits();
        if (digits.size() > 4) return false;
        bool const clock = rest_.size() >= 2 && is_digit(rest_[1]) && digits.size() <= 2;
        if (!time_ && clock && (rest_[0] == ':' || (rest_[0] == '.' && year_))) return read_time(value(digits));
        if (digits.size() <= 2 && year_ && month_ && !day_) {
            day_ = value(digits);
        } else if (digits.size() <= 2 && year_ && !month_) { // "1997-11-20"
            month_ = value(digits);
        } else if (digits.size() <= 2 && !day_) {
            day_ = value(digits);
        } else if (digits.size() >= 2 && !year_) {
            year_ = full_year(digits);
        }
        return true;
    }

    // RFC 5322 §4.3 obs-year
    static int full_year(std::string_view digits) {
        int const year = static_cast<int>(value(digits));
        if (digits.size() == 2) return year < 50 ? year + 2000 : year + 1900;
        if (digits.size() == 3) return year + 1900;
        return year;
    }

    // After the hour: minutes, and seconds if they are given. A leap second is there (RFC 5322 §3.3) and, since time
    // here has none, is taken for the one before, which is of the same day; a day of 24 hours is not there.
    bool read_time(unsigned hour) {
        char const separator = rest_.front();
        std::array<unsigned, 2> minute_second{};
        for (unsigned& part : minute_second) {
            if (rest_.size() < 2 || rest_[0] != separator || !is_digit(rest_[1])) break;
            rest_.remove_prefix(1);
            std::string_view const digits = take_digits();
            if (digits.size() > 2) return false;
            part = value(digits);
        }
        if (rest_.size() >= 2 && rest_[0] == '.' && is_digit(rest_[1])) { // a fraction
            rest_.remove_prefix(1);
            take_digits();
        }
        auto const [minute, second] = minute_second;
        if (hour > 23 || minute > 59 || second > 60) return false;
        time_ = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(std::min(second, 59U));
        return true;
    }

    void read_word() {
        std::size_t const end = std::ranges::find_if_not(rest_, is_alpha) - rest_.begin();
        std::string_view const word = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (auto const month = index_in(month_names, word); month && !month_) {
            month_ = *month + 1;
        } else if (time_ && (text::iequals(word, "pm") || text::iequals(word, "am"))) {
            bool const afternoon = text::to_lower(word[0]) == 'p';
            if (afternoon && *time_ < 12h) *time_ += 12h;
            if (!afternoon && *time_ >= 12h && *time_ < 13h) *time_ -= 12h;
        } else if (time_ && !index_in(day_names, word)) {
            auto const named =
                std::ranges::find_if(zone_names, [&](auto const& z) { return text::iequals(z.first, word); });
            if (named != zone_names.end() && !zone_) zone_ = named->second;
        }
    }

    // "-0600", "-06:00", "+2"; what is no offset counts as none.
    void read_offset() {
        bool const west = rest_.front() == '-';
        rest_.remove_prefix(1);
        std::string_view digits = take_digits();
        unsigned hours = 0;
        unsigned minutes = 0;
        if (digits.size() == 4) {
            hours = value(digits.substr(0, 2));
            minutes = value(digits.substr(2));
        } else if (digits.size() == 1 || digits.size() == 2) {
            hours = value(digits);
            if (rest_.size() >= 3 && rest_[0] == ':' && is_digit(rest_[1]) && is_digit(rest_[2])) {
                minutes = value(rest_.substr(1, 2));
                rest_.remove_prefix(3);
            }
        } else if (digits.empty()) {
            return; // a dash between words
        }
        std::chrono::minutes const offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
        zone_ = hours > 23 || minutes > 59 ? 0min : west ? -offset : offset;
    }

    std::optional<DateTime> result() const {
        if (!day_ || !month_ || !year_ || !time_) return std::nullopt;
        std::chrono::year_month_day const date{std::chrono::year(*year_), std::chrono::month(*month_),
                                               std::chrono::day(*day_)};
        if (!date.ok()) return std::nullopt;
        std::chrono::minutes const offset = zone_.value_or(0min);
        return DateTime{std::chrono::sys_days(date) + *time_ - offset, offset};
    }

    std::string_view rest_;
    std::optional<unsigned> day_;
    std::optional<unsigned> month_; // 1..12
    std::optional<int> year_;
    std::optional<std::chrono::seconds> time_; // of day
    std::optional<std::chrono::minutes> zone_;
};

// In `form`, "0" stands for any digit, a letter for itself in either case.
bool looks_like(std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form, [](char c, char of_form) {
        return of_form == '0' ? is_digit(c) : text::to_lower(c) == text::to_lower(of_form);
    });
}

} // namespace

std::optional<DateTime> parse_date(std::string_view text) {
    return DateReader(without_comments(text.substr(0, length_limit))).read();
}

std::optional<DateTime> parse_internet_date(std::string_view text) {
    if (!looks_like(text.substr(0, 19), "0000-00-00T00:00:00")) return std::nullopt;
    std::string_view zone = text.substr(19);
    if (zone.starts_with('.')) {
        auto const end = std::min(zone.find_first_not_of("0123456789", 1), zone.size());
        if (end == 1) return std::nullopt;
        zone.remove_prefix(end);
    }
    bool const understood = text::iequals(zone, "Z") || looks_like(zone, "+00:00") || looks_like(zone, "-00:00");
    return understood ? parse_date(text) : std::nullopt;
}

std::string format_date(DateTime date) {
    using namespace std::chrono;
    sys_seconds constexpr earliest = sys_days(year(1900) / January / 2);
    sys_seconds constexpr latest = sys_days(year(9999) / December / 30);
    auto const local = std::clamp(date.utc, earliest, latest) + date.offset;
    auto const days = floor<std::chrono::days>(local);
    year_month_day const ymd(days);
    hh_mm_ss const time(local - days);
    auto const title = [](std::string_view name) { return std::string{text::to_upper(name[0]), name[1], name[2]}; };
    auto const offset = abs(date.offset);
    return std::format("{}, {} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}", title(day_names[weekday(days).c_encoding()]),
                       static_cast<unsigned>(ymd.day()), title(month_names[static_cast<unsigned>(ymd.month()) - 1]),
                       static_cast<int>(ymd.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count(), date.offset < 0min ? '-' : '+', offset / 1h, offset % 1h / 1min);
}

} // namespace postern::message
