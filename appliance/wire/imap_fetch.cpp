#include "wire/imap_fetch.h"

#include "wire/imap_response.h"

namespace postern::wire::imap {

namespace {

std::string_view name(FetchAttribute attribute) {
    switch (attribute) {
    case FetchAttribute::envelope: return "ENVELOPE";
    case FetchAttribute::body: return "BODY";
    case FetchAttribute::body_structure: return "BODYSTRUCTURE";
    case FetchAttribute::flags: return "FLAGS";
    case FetchAttribute::internal_date: return "INTERNALDATE";
    case FetchAttribute::uid: return "UID";
    case FetchAttribute::modseq: return "MODSEQ";
    case FetchAttribute::rfc822_size: return "RFC822.SIZE";
    case FetchAttribute::email_id: return "EMAILID";
    case FetchAttribute::thread_id: return "THREADID";
    case FetchAttribute::save_date: return "SAVEDATE";
    case FetchAttribute::preview:
    case FetchAttribute::preview_lazy: return "PREVIEW";
    }
    return {};
}

std::string_view name(Section::Text text) {
    switch (text) {
    case Section::Text::whole: return "";
    case Section::Text::header: return "HEADER";
    case Section::Text::header_fields: return "HEADER.FIELDS";
    case Section::Text::header_fields_not: return "HEADER.FIELDS.NOT";
    case Section::Text::text: return "TEXT";
    case Section::Text::mime: return "MIME";
    }
    return {};
}

} // namespace

std::string to_string(Section const& section) {
    std::string out;
    for (std::uint32_t const number : section.part) {
        if (!out.empty()) out += '.';
        out += std::to_string(number);
    }
    if (!out.empty() && section.text != Section::Text::whole) out += '.';
    out += name(section.text);
    if (section.fields.empty()) return out;
    char before = '(';
    out += ' ';
    for (std::string const& field : section.fields) {
        out += before;
        put_astring(out, field);
        before = ' ';
    }
    return out + ')';
}

std::string response_name(FetchItem const& item) {
    if (auto const* attribute = std::get_if<FetchAttribute>(&item)) return std::string(name(*attribute));
    std::string out;
    if (auto const* binary = std::get_if<FetchBinary>(&item)) {
        out = binary->size_alone ? "BINARY.SIZE[" : "BINARY[";
        out += to_string(Section{.part = binary->part, .fields = {}}) + ']';
        if (binary->partial) out += '<' + std::to_string(binary->partial->origin) + '>';
        return out;
    }
    auto const& body = std::get<FetchBody>(item);
    switch (body.name) {
    case FetchBody::Name::rfc822: return "RFC822";
    case FetchBody::Name::rfc822_header: return "RFC822.HEADER";
    case FetchBody::Name::rfc822_text: return "RFC822.TEXT";
    case FetchBody::Name::body: out = "BODY[" + to_string(body.section) + ']';
    }
    // RFC 3501 §7.4.2: the origin alone
    if (body.partial) out += '<' + std::to_string(body.partial->origin) + '>';
    return out;
}

} // namespace postern::wire::imap
