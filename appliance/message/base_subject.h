// The base subject (RFC 5256 §2.1): what is left of a subject without "Re:", "(fwd)", "[list]" and the like, by which
// SORT orders and THREAD gathers messages. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

struct BaseSubject {
    std::string text;
    bool is_reply; // or a forward: something that says so was removed
};

// `casemapped`: decoded, UTF-8 in capitals (text/casemap.h). In time that is proportional to its length.
[[nodiscard]] BaseSubject base_subject(std::string_view casemapped);

} // namespace postern::message
