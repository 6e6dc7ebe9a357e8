// Character classes of IMAP's grammar (RFC 3501 §9).
#pragma once

#include <string_view>

namespace postern::wire::imap {

// ATOM-CHAR: printable ASCII but atom-specials "(){ %*\"\\]"
constexpr bool is_atom_char(char c) { return c > 32 && c < 127 && !std::string_view("(){%*\"\\]").contains(c); }
// ASTRING-CHAR = ATOM-CHAR / resp-specials
constexpr bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }
// list-char = ATOM-CHAR / list-wildcards / resp-specials
constexpr bool is_list_char(char c) { return is_astring_char(c) || c == '%' || c == '*'; }
// tag = 1*<any ASTRING-CHAR except "+">
constexpr bool is_tag_char(char c) { return is_astring_char(c) && c != '+'; }

} // namespace postern::wire::imap
