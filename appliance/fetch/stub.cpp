#include "fetch/stub.h"

#include "message/body_text.h"
#include "message/encoded_word.h"
#include "message/extended_parameters.h"
#include "message/header.h"
#include "message/structure.h"
#include "text/ascii.h"
#include "text/quoted_printable.h"
#include "text/size.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <ranges>
#include <utility>

namespace postern::fetch {

namespace {

constexpr std::size_t most_named = 20; // parts
constexpr std::size_t most_name = 200; // octets of a part's

constexpr std::string_view mime_fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: quoted-printable\r\n";
constexpr std::string_view state = "Postern-State";
constexpr std::string_view rule = "----------------------------------------------------------------------";

// Of the message's header, those that are true of its stub as well; ours are nobody else's to write.
bool belongs_to_stub(message::Field const& field) {
    return !text::istarts_with(field.name, "Content-") && !text::istarts_with(field.name, "Postern-") &&
           !text::iequals(field.name, "MIME-Version");
}

// "application/pdf, "Plan.pdf", 20.0 MB"
std::string describe(MissingPart const& part) {
    std::string words = text::one_line(part.type, most_name);
    if (!part.name.empty())
        words += std::format(", \"{}\"", text::one_line(message::decode_words(part.name), most_name));
    if (part.octets > 0) words += ", " + text::size_text(part.octets);
    return words;
}

// Of the lines of `text`, which end in LF or CRLF.
std::string encode_body(std::string_view text) {
    std::string lines;
    for (char const c : text) {
        if (c == '\r') continue;
        if (c == '\n') lines += '\r';
        if (c == '\n' || c == '\t' || !text::is_control(c)) lines += c;
    }
    if (!lines.ends_with('\n')) lines += "\r\n";
    return text::quoted_printable_encode(lines);
}

// The first part that has text for people, plain or else HTML.
message::Part const* find_text(message::Part const& part, std::string_view subtype) {
    for (message::Part const& child : part.children)
        if (auto const* const found = message::is_message(part) ? nullptr : find_text(child, subtype)) return found;
    bool const fits = part.children.empty() && text::iequals(part.type, "text") &&
                      text::iequals(part.subtype, subtype) &&
                      !(part.disposition && text::iequals(*part.disposition, "attachment"));
    return fits ? &part : nullptr;
}

// Of parameters that were joined: what is not ASCII stands under the name with a "*".
std::string file_name(std::vector<message::Parameter> const& parameters, std::string_view name) {
    for (message::Parameter const& parameter : parameters)
        if (std::string_view bare = parameter.name; text::iequals(bare.substr(0, bare.find('*')), name))
            return message::as_read(parameter);
    return {};
}

void add_missing(message::Part const& part, std::uint64_t end, std::vector<MissingPart>& missing) {
    if (missing.size() > most_named) return;
    if (message::is_multipart(part)) {
        for (message::Part const& child : part.children) add_missing(child, end, missing);
        return;
    }
    std::string name = file_name(part.disposition_parameters, "filename");
    if (name.empty()) name = file_name(part.parameters, "name");
    // One that comes to the end of what is here goes on.
    missing.push_back({text::lower(part.type) + "/" + text::lower(part.subtype), std::move(name),
                       part.body_end < end ? part.body_end - part.body_begin : 0});
}

} // namespace

std::string make_stub(Outline const& outline) {
    std::string stub = std::format("{}: only the beginning is here; the whole message waits at its provider\r\n"
                                   "Postern-Size: {} octets\r\n",
                                   state, outline.octets);
    for (MissingPart const& part : std::views::take(outline.parts, most_named))
        message::put_folded(stub, "Postern-Part", message::encode_words(describe(part)));
    stub += "Postern-Hint: Marked with a flag or star, or with the keyword $FetchNow, the whole\r\n"
            " message comes and takes the place of this one.\r\n";
    for (message::Field const& field : message::HeaderSection(outline.header)) {
        if (!belongs_to_stub(field)) continue;
        stub += field.whole;
        if (!stub.ends_with('\n')) stub += "\r\n";
    }
    stub += mime_fields;
    stub += "\r\n";

    std::string body = std::format("This is the beginning of a message of {}. The rest is still at its\n"
                                   "provider. To get the whole message, mark this one with a flag or a\n"
                                   "star (or give it the keyword $FetchNow): it comes as soon as the\n"
                                   "connection allows, and takes the place of this one. If you delete\n"
                                   "this one, it does not come.\n\n",
                                   text::size_text(outline.octets));
    if (!outline.parts.empty()) {
        body += "The message consists of:\n";
        for (MissingPart const& part : std::views::take(outline.parts, most_named))
            body += std::format("  {}\n", describe(part));
        if (outline.parts.size() > most_named) body += "  and more\n";
        body += '\n';
    }
    if (!outline.text.empty())
        body += std::format("{}:\n{}\n{}{}", outline.goes_on ? "It begins so" : "Its text", rule, outline.text,
                            outline.goes_on ? " [...]\n" : "");
    return stub + encode_body(body);
}

std::string beginning_of(std::string_view octets, std::string_view encoding, std::string_view charset, bool html,
                         bool goes_on) {
    std::string text;
    message::TextExtractor extractor(
        encoding, charset, html, [&](std::string_view utf8) { text += utf8; }, message::HtmlText::Breaks::lines);
    extractor.feed(octets);
    if (!goes_on) extractor.finish(); // otherwise a character may be cut off
    std::erase(text, '\r');
    auto const end = text.find_last_not_of(" \t\n");
    return text.substr(0, end == std::string::npos ? 0 : end + 1);
}

Outline outline_of(std::string_view beginning, std::uint64_t octets) {
    Outline outline;
    outline.octets = octets;
    outline.header = beginning.substr(0, message::header_end(beginning));
    message::StructureParser parser;
    parser.feed(beginning);
    auto const structure = parser.finish();
    add_missing(structure.root, beginning.size(), outline.parts);
    auto const* plain = find_text(structure.root, "plain");
    auto const* const text = plain != nullptr ? plain : find_text(structure.root, "html");
    if (text == nullptr) return outline;
    outline.goes_on = text->body_end >= beginning.size() && beginning.size() < octets;
    auto const shown = std::min<std::uint64_t>(text->body_end - text->body_begin, stub_text_octets);
    outline.goes_on = outline.goes_on || shown < text->body_end - text->body_begin;
    outline.text =
        beginning_of(beginning.substr(text->body_begin, shown), text->encoding,
                     message::find(text->parameters, "charset").value_or(""), text != plain, outline.goes_on);
    return outline;
}

std::string make_lost(std::string_view stub, std::string_view why) {
    auto const begin = std::min(message::header_end(stub), stub.size());
    std::string lost;
    for (message::Field const& field : message::HeaderSection(stub.substr(0, begin))) {
        if (text::iequals(field.name, state))
            lost += std::format("{}: only the beginning is here; {}\r\n", state, why);
        else if (!text::iequals(field.name, "Postern-Hint"))
            lost += field.whole;
    }
    std::string body;
    text::QuotedPrintableDecoder decoder;
    decoder.feed(stub.substr(begin), body);
    decoder.finish(body);
    constexpr std::string_view end_of_paragraph = "\r\n\r\n";
    auto const rest = body.find(end_of_paragraph);
    return lost + "\r\n" +
           encode_body(std::format("This is the beginning of a message. The rest cannot be fetched any\n"
                                   "more: {}.\n\n{}",
                                   why, rest == std::string::npos ? "" : body.substr(rest + end_of_paragraph.size())));
}

} // namespace postern::fetch
