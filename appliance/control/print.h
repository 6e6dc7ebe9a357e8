// A command's result for people: lists as tables, objects as lines. Pure; any thread.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace postern::control {

// Ends with a newline unless it is empty. Nothing in it can move a terminal's cursor or change its colours.
[[nodiscard]] std::string print(boost::json::value const& result);

} // namespace postern::control
