#include "message/priority.h"

#include "text/ascii.h"

#include <algorithm>
#include <string_view>

namespace postern::message {
namespace {

struct UrgencyRow {
    std::string_view field;
    std::string_view value; // its first word; empty: any
    Urgency urgency;
};

constexpr UrgencyRow urgency_rows[] = {
    {"Importance", "high", Urgency::urgent},
    {"Importance", "low", Urgency::bulk},
    {"Priority", "urgent", Urgency::urgent},
    {"Priority", "non-urgent", Urgency::bulk},
    {"X-Priority", "1", Urgency::urgent},
    {"X-Priority", "2", Urgency::urgent},
    {"X-Priority", "4", Urgency::bulk},
    {"X-Priority", "5", Urgency::bulk},
    {"X-MSMail-Priority", "high", Urgency::urgent},
    {"X-MSMail-Priority", "low", Urgency::bulk},
    {"Precedence", "bulk", Urgency::bulk},
    {"Precedence", "list", Urgency::bulk},
    {"Precedence", "junk", Urgency::bulk},
    {"List-Id", "", Urgency::bulk},
};

// "1" of "1 (Highest)"
std::string_view first_word(std::string_view body) {
    body = text::trim(body);
    auto const end = std::ranges::find_if_not(body, [](char c) { return text::is_alnum(c) || c == '-'; });
    return body.substr(0, static_cast<std::size_t>(end - body.begin()));
}

} // namespace

Urgency find_urgency(HeaderSection const& header) {
    auto urgency = Urgency::normal;
    for (Field const& field : header) {
        std::string_view const value = first_word(field.raw_body);
        auto const row = std::ranges::find_if(urgency_rows, [&](UrgencyRow const& each) {
            return text::iequals(each.field, field.name) && (each.value.empty() || text::iequals(each.value, value));
        });
        if (row == std::end(urgency_rows)) continue;
        if (row->urgency == Urgency::bulk) return Urgency::bulk;
        urgency = row->urgency;
    }
    return urgency;
}

} // namespace postern::message
