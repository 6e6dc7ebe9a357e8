// A message as it is once its bare line feeds are line ends, and its last line has one: what those who take apart what
// the encoder of mail data made get.
#pragma once

#include <string>
#include <string_view>

inline std::string with_line_ends(std::string_view message) {
    std::string result;
    for (char const octet : message) {
        if (octet == '\n' && !result.ends_with('\r')) result += '\r';
        result += octet;
    }
    if (!result.empty() && !result.ends_with('\n')) result += result.ends_with('\r') ? "\n" : "\r\n";
    return result;
}
