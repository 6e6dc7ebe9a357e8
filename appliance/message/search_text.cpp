#include "message/search_text.h"

#include "message/encoded_word.h"
#include "text/ascii.h"
#include "text/casemap.h"

#include <array>
#include <format>
#include <utility>

namespace postern::message {
namespace {

constexpr char after_each = '\xff';

constexpr std::array<std::pair<SearchField, std::string_view>, 5> fields = {{{SearchField::from, "From"},
                                                                             {SearchField::to, "To"},
                                                                             {SearchField::cc, "Cc"},
                                                                             {SearchField::bcc, "Bcc"},
                                                                             {SearchField::subject, "Subject"}}};

void append(std::string_view raw, std::string& out) {
    text::append_casemap(decode_words(raw), out);
    out += after_each;
}

void append(MailboxView const& mailbox, std::string& out) {
    append(std::format("{} <{}@{}>", mailbox.display_name, mailbox.local_part, mailbox.domain), out);
}

std::string text_of(EnvelopeView::Addresses const& addresses) {
    std::string text;
    for (AddressView const& address : addresses) {
        if (auto const* mailbox = std::get_if<MailboxView>(&address)) {
            append(*mailbox, text);
            continue;
        }
        auto const& group = std::get<GroupView>(address);
        append(group.name, text);
        for (MailboxView const& member : group.members) append(member, text);
    }
    return text;
}

} // namespace

std::optional<SearchField> search_field(std::string_view name) {
    for (auto const& [field, spelled] : fields)
        if (text::iequals(spelled, name)) return field;
    return std::nullopt;
}

std::string search_text(EnvelopeView const& envelope, SearchField field) {
    switch (field) {
    case SearchField::from: return text_of(envelope.from);
    case SearchField::to: return text_of(envelope.to);
    case SearchField::cc: return text_of(envelope.cc);
    case SearchField::bcc: return text_of(envelope.bcc);
    case SearchField::subject: break;
    }
    std::string text;
    if (envelope.subject) append(*envelope.subject, text);
    return text;
}

FirstAddress first_address(std::string_view search_text) {
    std::string_view const first = search_text.substr(0, search_text.find(after_each));
    auto const bracket = first.rfind(" <");
    if (bracket == std::string_view::npos || !first.ends_with('>')) return {first, first};
    std::string_view const address = first.substr(bracket + 2, first.size() - bracket - 3);
    return {bracket > 0 ? first.substr(0, bracket) : address, address.substr(0, address.rfind('@'))};
}

std::string_view whole_subject(std::string_view search_text) {
    return search_text.substr(0, search_text.find(after_each));
}

std::string pack_search_texts(EnvelopeView const& envelope) {
    PackedWriter out;
    for (auto const& [field, name] : fields) out.string(search_text(envelope, field));
    auto packed = out.take();
    if (packed.size() > search_texts_limit) packed.clear();
    return packed;
}

std::optional<std::string_view> packed_search_text(std::string_view packed, SearchField field) {
    PackedReader in(packed);
    for (auto const& [at, name] : fields) {
        std::string_view const text = in.string();
        if (in.failed()) break;
        if (at == field) return text;
    }
    return std::nullopt;
}

} // namespace postern::message
