#include "message/base_subject.h"

namespace postern::message {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Step (1): every run of blanks is one space.
std::string with_single_spaces(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        if (!is_blank(c))
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
bool take_blob(std::string_view& text) {
    if (!text.starts_with('[')) return false;
    auto const end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] == '[') return false;
    text.remove_prefix(end + 1);
    take(text, " ");
    return true;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool take_refwd(std::string_view& text) {
    std::string_view rest = text;
    if (!take(rest, "RE") && !take(rest, "FWD") && !take(rest, "FW")) return false;
    take(rest, " ");
    take_blob(rest);
    if (!take(rest, ":")) return false;
    text = rest;
    return true;
}

// Steps (3) to (5). subj-leader = (*subj-blob subj-refwd) / WSP; a blob without one goes if something is left.
bool take_leaders(std::string_view& text) {
    bool is_reply = false;
    for (;;) {
        take(text, " ");
        std::string_view rest = text;
        while (take_blob(rest)) {
        }
        if (!take_refwd(rest)) break;
        text = rest;
        is_reply = true;
    }
    // Behind these blobs there is no subj-refwd, whichever of them are removed.
    for (std::string_view rest = text; take_blob(rest) && !rest.empty();) text = rest;
    return is_reply;
}

// Step (2). subj-trailer = "(fwd)" / WSP
bool take_trailers(std::string_view& text) {
    bool is_reply = false;
    for (;;) {
        if (text.ends_with(' ')) {
            text.remove_suffix(1);
        } else if (text.ends_with("(FWD)")) {
            text.remove_suffix(5);
            is_reply = true;
        } else {
            return is_reply;
        }
    }
}

} // namespace

BaseSubject base_subject(std::string_view casemapped) {
    std::string subject = with_single_spaces(casemapped);
    std::string_view text = subject;
    bool is_reply = false;
    for (;;) {
        is_reply = take_trailers(text) || is_reply;
        is_reply = take_leaders(text) || is_reply;
        // Step (6): subj-fwd = "[fwd:" subject "]"
        if (!text.starts_with("[FWD:") || !text.ends_with(']')) break;
        text.remove_prefix(5);
        text.remove_suffix(1);
        is_reply = true;
    }
    if (text.size() < subject.size()) subject = std::string(text);
    return {std::move(subject), is_reply};
}

} // namespace postern::message
