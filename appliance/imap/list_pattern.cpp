#include "imap/list_pattern.h"

#include "text/ascii.h"

#include <vector>

namespace postern::imap {

bool matches(std::string_view pattern, std::string_view name) {
    std::size_t const inbox = std::string_view("INBOX").size();
    bool const is_inbox = name.starts_with("INBOX") && (name.size() == inbox || name[inbox] == '/');
    auto const same = [&](char wanted, std::size_t at) {
        if (is_inbox && at < inbox) return text::to_lower(wanted) == text::to_lower(name[at]);
        return wanted == name[at];
    };
    // Which prefixes of the name the pattern so far can match: one row after another, no backtracking.
    std::vector<bool> reach(name.size() + 1), next(name.size() + 1);
    reach[0] = true;
    for (char const wanted : pattern) {
        if (wanted == '*' || wanted == '%') {
            bool carried = false;
            for (std::size_t at = 0; at <= name.size(); ++at) {
                if (wanted == '%' && at > 0 && name[at - 1] == '/') carried = false;
                carried = carried || reach[at];
                next[at] = carried;
            }
        } else {
            next[0] = false;
            for (std::size_t at = 0; at < name.size(); ++at) next[at + 1] = reach[at] && same(wanted, at);
        }
        reach.swap(next);
    }
    return reach[name.size()];
}

} // namespace postern::imap
