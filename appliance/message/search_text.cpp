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
