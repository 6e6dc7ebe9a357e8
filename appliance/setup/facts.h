// What the box answers, as the menu shows it: fields of JSON objects that may not be there. Pure.
#pragma once

#include "control/command.h"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::setup {

// Null where it was refused.
[[nodiscard]] boost::json::value fact_of(control::Answer answer);

// "link.state" leads into an object within. Nothing there: empty, null.
[[nodiscard]] boost::json::value const& field(boost::json::value const& object, std::string_view path);
[[nodiscard]] std::string text_of(boost::json::value const& object, std::string_view path);
[[nodiscard]] std::int64_t number_of(boost::json::value const& object, std::string_view path);
[[nodiscard]] boost::json::array const& rows_of(boost::json::value const& value); // empty if it is none

// "2026-01-05T10:00:00Z" for people.
[[nodiscard]] std::string moment_of(std::string_view written);

// "1.5 GiB"
[[nodiscard]] std::string size_of(std::int64_t octets);

} // namespace postern::setup
