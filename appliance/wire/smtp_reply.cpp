#include "wire/smtp_reply.h"

#include <algorithm>
#include <format>

namespace postern::wire::smtp {

std::string format(Reply const& reply) {
    std::string out;
    std::string_view rest = reply.text;
    for (bool last = false; !last;) {
        auto const end = rest.find('\n');
        last = end == std::string_view::npos;
        // RFC 5321 §4.2.1: every line but the last has a hyphen after the code.
        std::string line = std::format("{:03}{}", reply.code, last ? ' ' : '-');
        if (!reply.enhanced.empty()) line.append(reply.enhanced).push_back(' ');
        line.append(rest.substr(0, end));
        line.resize(std::min(line.size(), reply_line_limit - 2));
        out.append(line).append("\r\n");
        if (!last) rest.remove_prefix(end + 1);
    }
    return out;
}

} // namespace postern::wire::smtp
