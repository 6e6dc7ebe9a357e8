// fetch, section and what RFC 7162, RFC 3516 and RFC 8970 add.
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <limits>

namespace postern::wire::imap {

namespace {

constexpr std::size_t item_limit = 200;
constexpr std::uint64_t number_limit = std::numeric_limits<std::uint32_t>::max();

// Letters and dots: "RFC822.SIZE", "HEADER.FIELDS.NOT"
std::string_view take_name(Cursor& in) {
    return in.take_while([](char c) { return text::is_alnum(c) || c == '.'; });
}

using Items = std::vector<FetchItem>;

void add(Items& items, FetchItem item) {
    if (!std::ranges::contains(items, item)) items.push_back(std::move(item));
}

// RFC 3501 §9: section-part = nz-number *("." nz-number); a dot after it leads to section-text.
bool parse_part(Cursor& in, Section& section) {
    while (text::is_digit(in.peek())) {
        auto const number = static_cast<std::uint32_t>(in.number(number_limit));
        if (number == 0) in.fail("Parts of a message are counted from 1");
        if (section.part.size() == Section::depth_limit) in.fail("The section is too deep");
        section.part.push_back(number);
        if (!in.accept('.')) return false;
    }
    return true;
}

void parse_header_list(Cursor& in, Section& section) {
    in.space();
    in.expect('(');
    do {
        section.fields.push_back(in.astring());
    } while (in.accept(' '));
    in.expect(')');
}

// RFC 3501 §9: "<" number "." nz-number ">"
std::optional<Partial> parse_partial(Cursor& in) {
    if (!in.accept('<')) return std::nullopt;
    Partial partial;
    partial.origin = static_cast<std::uint32_t>(in.number(number_limit));
    in.expect('.');
    partial.octets = static_cast<std::uint32_t>(in.number(number_limit));
    if (partial.octets == 0) in.fail("A partial fetch asks for at least one octet");
    in.expect('>');
    return partial;
}

FetchBody parse_body(Cursor& in, bool peek) {
    FetchBody body;
    body.peek = peek;
    body.section = parse_section(in);
    body.partial = parse_partial(in);
    return body;
}

// RFC 3516 §7: section-binary = "[" [section-part] "]", after the "["
FetchBinary parse_binary(Cursor& in, bool size_alone, bool peek) {
    FetchBinary binary{.part = {}, .size_alone = size_alone, .peek = peek, .partial = {}};
    if (!in.accept(']')) {
        Section section;
        if (parse_part(in, section)) in.fail("Only whole parts can be decoded");
        in.expect(']');
        binary.part = std::move(section.part);
    }
    if (!size_alone) binary.partial = parse_partial(in);
    return binary;
}

FetchBody old_name(FetchBody::Name name, Section::Text text, bool peek) {
    FetchBody body;
    body.section.text = text;
    body.peek = peek;
    body.name = name;
    return body;
}

struct AttributeRow {
    std::string_view name;
    FetchAttribute attribute;
};
constexpr AttributeRow attribute_rows[] = {
    {"BODY", FetchAttribute::body},
    {"BODYSTRUCTURE", FetchAttribute::body_structure},
    {"EMAILID", FetchAttribute::email_id},
    {"ENVELOPE", FetchAttribute::envelope},
    {"FLAGS", FetchAttribute::flags},
    {"INTERNALDATE", FetchAttribute::internal_date},
    {"MODSEQ", FetchAttribute::modseq},
    {"RFC822.SIZE", FetchAttribute::rfc822_size},
    {"SAVEDATE", FetchAttribute::save_date},
    {"THREADID", FetchAttribute::thread_id},
    {"UID", FetchAttribute::uid},
};

// RFC 8970 §6: "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"], after the name. Without LAZY it says more.
void add_preview(Cursor& in, Items& items) {
    bool const lazy = in.accept_word(" (LAZY");
    if (lazy) {
        while (in.accept(' '))
            if (!in.accept_word("LAZY")) in.fail("Unknown preview modifier");
        in.expect(')');
    }
    if (!lazy) std::erase(items, FetchItem(FetchAttribute::preview_lazy));
    if (!lazy || !std::ranges::contains(items, FetchItem(FetchAttribute::preview)))
        add(items, lazy ? FetchAttribute::preview_lazy : FetchAttribute::preview);
}

void parse_item(Cursor& in, std::string_view name, Items& items) {
    bool const peek = text::iequals(name, "BODY.PEEK");
    if ((peek || text::iequals(name, "BODY")) && in.accept('[')) return add(items, parse_body(in, peek));
    bool const binary_size = text::iequals(name, "BINARY.SIZE"), binary_peek = text::iequals(name, "BINARY.PEEK");
    if ((binary_size || binary_peek || text::iequals(name, "BINARY")) && in.accept('['))
        return add(items, parse_binary(in, binary_size, binary_peek));
    if (text::iequals(name, "PREVIEW")) return add_preview(in, items);
    for (AttributeRow const& row : attribute_rows)
        if (text::iequals(name, row.name)) return add(items, row.attribute);
    using enum FetchBody::Name;
    if (text::iequals(name, "RFC822")) return add(items, old_name(rfc822, Section::Text::whole, false));
    if (text::iequals(name, "RFC822.HEADER")) return add(items, old_name(rfc822_header, Section::Text::header, true));
    if (text::iequals(name, "RFC822.TEXT")) return add(items, old_name(rfc822_text, Section::Text::text, false));
    in.fail("Unknown data item", name);
}

// RFC 3501 §6.4.5
bool parse_macro(std::string_view name, Fetch& fetch) {
    using enum FetchAttribute;
    bool const full = text::iequals(name, "FULL");
    bool const all = full || text::iequals(name, "ALL");
    if (!all && !text::iequals(name, "FAST")) return false;
    for (FetchAttribute const item : {flags, internal_date, rfc822_size}) fetch.items.emplace_back(item);
    if (all) fetch.items.emplace_back(envelope);
    if (full) fetch.items.emplace_back(body);
    return true;
}

// RFC 4466 §2.4: fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")"
void parse_modifiers(Cursor& in, Fetch& fetch) {
    in.expect('(');
    do {
        std::string_view const name = in.atom("a fetch modifier");
        if (text::iequals(name, "CHANGEDSINCE") && !fetch.changed_since) {
            in.space();
            fetch.changed_since = parse_modseq(in);
        } else if (text::iequals(name, "PARTIAL") && fetch.uid && !fetch.partial) {
            in.space();
            fetch.partial = parse_partial_range(in); // RFC 9394 §3.3: of UID FETCH alone
        } else if (text::iequals(name, "VANISHED") && fetch.uid && !fetch.vanished) {
            fetch.vanished = true; // RFC 7162 §3.2.6
        } else {
            in.fail("Unknown or repeated fetch modifier", name);
        }
    } while (in.accept(' '));
    in.expect(')');
    if (fetch.vanished && !fetch.changed_since) in.fail("VANISHED needs CHANGEDSINCE");
}

} // namespace

Section parse_section(Cursor& in) {
    Section section;
    if (in.accept(']')) return section;
    if (parse_part(in, section)) {
        std::string_view const name = take_name(in);
        if (text::iequals(name, "HEADER")) {
            section.text = Section::Text::header;
        } else if (text::iequals(name, "HEADER.FIELDS")) {
            section.text = Section::Text::header_fields;
            parse_header_list(in, section);
        } else if (text::iequals(name, "HEADER.FIELDS.NOT")) {
            section.text = Section::Text::header_fields_not;
            parse_header_list(in, section);
        } else if (text::iequals(name, "TEXT")) {
            section.text = Section::Text::text;
        } else if (text::iequals(name, "MIME") && !section.part.empty()) {
            section.text = Section::Text::mime;
        } else {
            in.fail("Unknown section", name);
        }
    }
    in.expect(']');
    return section;
}

std::vector<FetchItem> parse_fetch_attributes(Cursor& in) {
    Items items;
    do {
        parse_item(in, take_name(in), items);
        if (items.size() > item_limit) in.fail("Too many data items");
    } while (in.accept(' '));
    in.expect(')');
    return items;
}

// RFC 3501 §9: fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att)
// ")")
Fetch parse_fetch(Cursor& in, bool uid) {
    Fetch fetch;
    fetch.uid = uid;
    in.space();
    fetch.messages = parse_sequence_set(in);
    in.space();
    if (in.accept('(')) {
        fetch.items = parse_fetch_attributes(in);
    } else {
        std::string_view const name = take_name(in);
        if (!parse_macro(name, fetch)) parse_item(in, name, fetch.items);
    }
    if (in.accept(' ')) parse_modifiers(in, fetch);
    fetch.names_uid = std::ranges::contains(fetch.items, FetchItem(FetchAttribute::uid));
    if (uid) add(fetch.items, FetchAttribute::uid);                    // RFC 3501 §6.4.8
    if (fetch.changed_since) add(fetch.items, FetchAttribute::modseq); // RFC 7162 §3.1.4.1
    return fetch;
}

} // namespace postern::wire::imap
