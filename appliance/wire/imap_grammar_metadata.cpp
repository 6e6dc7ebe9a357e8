// GETMETADATA and SETMETADATA (RFC 5464 §5).
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <limits>

namespace postern::wire::imap {

namespace {

constexpr std::size_t entry_limit = 100;       // of one command
constexpr std::size_t listed_entry_limit = 16; // of LIST, which tells each of every mailbox

// RFC 5464 §3.2: whether it can name an entry, or something with entries below it.
bool is_entry_name(std::string_view name) {
    auto const fits = [](char c) { return text::is_ascii(c) && !text::is_control(c) && c != '*' && c != '%'; };
    bool const has_scope = std::ranges::any_of(
        std::initializer_list<std::string_view>{"/private", "/shared"}, [&](std::string_view scope) {
            return text::istarts_with(name, scope) && (name.size() == scope.size() || name[scope.size()] == '/');
        });
    return has_scope && !name.ends_with('/') && !name.contains("//") && std::ranges::all_of(name, fits);
}

// Two components at least; below /shared/vendor and /private/vendor four.
bool can_have_value(std::string_view name) {
    auto const components = std::ranges::count(name, '/');
    std::string_view const rest = name.substr(std::min(name.size(), name.find('/', 1)));
    bool const of_vendor = text::istarts_with(rest, "/vendor") && (rest.size() == 7 || rest[7] == '/');
    return components >= (of_vendor ? 4 : 2);
}

std::string parse_entry(Cursor& in) {
    std::string name = in.astring();
    if (!is_entry_name(name)) in.fail("Not the name of an entry:", name);
    if (name.size() > entry_name_limit) in.refuse("[CANNOT] The entry's name is too long");
    return name;
}

// "(" getmetadata-option *(SP getmetadata-option) ")", after the "("
void parse_options(Cursor& in, GetMetadata& get) {
    do {
        std::string_view const option = in.atom("an option");
        if (text::iequals(option, "MAXSIZE")) {
            in.space();
            get.max_size = in.number(std::numeric_limits<std::uint32_t>::max(), "a size");
        } else if (text::iequals(option, "DEPTH")) {
            in.space();
            std::string_view const depth = in.atom("a depth");
            if (depth == "0")
                get.depth = MetadataDepth::zero;
            else if (depth == "1")
                get.depth = MetadataDepth::one;
            else if (text::iequals(depth, "infinity"))
                get.depth = MetadataDepth::infinity;
            else
                in.fail("Unknown depth", depth);
        } else {
            in.fail("Unknown option", option);
        }
    } while (in.accept(' '));
    in.expect(')');
}

// entries = entry / "(" entry *(SP entry) ")", from the first entry on; and without parentheses, as §4.4.1 has them in
// its examples
std::vector<std::string> parse_entries(Cursor& in, bool parenthesized, std::size_t limit) {
    std::vector<std::string> entries;
    do {
        entries.push_back(parse_entry(in));
        if (entries.size() > limit) in.fail("Too many entries");
    } while (in.accept(' '));
    if (parenthesized) in.expect(')');
    return entries;
}

} // namespace

// RFC 9590 §5: return-option =/ "METADATA" SP entries, after "METADATA"
std::vector<std::string> parse_listed_entries(Cursor& in) {
    in.space();
    in.expect('(');
    return parse_entries(in, true, listed_entry_limit);
}

// getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries; the examples of §4.2 have the options
// after the mailbox
GetMetadata parse_get_metadata(Cursor& in) {
    GetMetadata get;
    in.space();
    bool const options_first = in.accept('(');
    if (options_first) {
        parse_options(in, get);
        in.space();
    }
    get.mailbox = in.mailbox();
    in.space();
    bool parenthesized = in.accept('(');
    if (parenthesized && !options_first && text::is_alpha(in.peek())) {
        parse_options(in, get);
        in.space();
        parenthesized = in.accept('(');
    }
    get.entries = parse_entries(in, parenthesized, entry_limit);
    return get;
}

// setmetadata = "SETMETADATA" SP mailbox SP "(" entry SP value *(SP entry SP value) ")"
SetMetadata parse_set_metadata(Cursor& in) {
    SetMetadata set;
    in.space();
    set.mailbox = in.mailbox();
    in.space();
    in.expect('(');
    do {
        std::string entry = parse_entry(in);
        if (!can_have_value(entry)) in.fail("Too few components in", entry);
        in.space();
        set.values.push_back({std::move(entry), in.nstring()});
        if (set.values.size() > entry_limit) in.fail("Too many entries");
    } while (in.accept(' '));
    in.expect(')');
    return set;
}

} // namespace postern::wire::imap
