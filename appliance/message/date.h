// Date and time as header fields carry them (RFC 5322 §3.3). Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

struct DateTime {
    std::chrono::sys_seconds utc;
    std::chrono::minutes offset; // of the sender's clock from UTC, east positive

    bool operator==(DateTime const&) const = default;
};

// Reads RFC 5322's form, its obsolete ones (§4.3: named zones, years of two and three digits, comments, no seconds) and
// the broken ones that are common: no day name or a wrong one, no zone (UTC then), "Thu Nov 20 21:22:23 1997",
// "1997-11-20T21:22:23Z", "20-Nov-1997". Nothing if day, month, year or time cannot be told.
std::optional<DateTime> parse_date(std::string_view text);

// RFC 3339 §5.6 date-time and nothing else: "1997-11-21T09:55:06-06:00".
std::optional<DateTime> parse_internet_date(std::string_view text);

// "Fri, 21 Nov 1997 09:55:06 -0600". Years outside 1900 to 9999 become the nearest of these.
std::string format_date(DateTime date);

} // namespace postern::message
