// What `postern trace` found, in plain words: a line an event, grouped by message, and last where it is now. Pure; any
// thread.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace postern::control {

// As print() does: ends with a newline, and nothing in it speaks to the terminal.
[[nodiscard]] std::string print_trace(boost::json::value const& result);

} // namespace postern::control
