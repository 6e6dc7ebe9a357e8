#include "wire/imap_body_structure.h"

#include "text/ascii.h"
#include "wire/imap_response.h"

#include <string_view>
#include <variant>

namespace postern::wire::imap {

namespace {

// RFC 3501 §9 nstring, of what is absent if empty
void put_unless_empty(std::string& out, std::string_view octets) {
    if (octets.empty())
        out += "NIL";
    else
        put_string(out, octets);
}

// RFC 3501 §9: address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")". An address without domain has the
// host "", since NIL would make it the begin or the end of a group.
void put_address(std::string& out, message::MailboxView const& mailbox) {
    out += '(';
    put_unless_empty(out, mailbox.display_name);
    out += ' ';
    put_unless_empty(out, mailbox.route);
    out += ' ';
    put_string(out, mailbox.local_part);
    out += ' ';
    put_string(out, mailbox.domain);
    out += ')';
}

void put_addresses(std::string& out, message::EnvelopeView::Addresses const& addresses) {
    if (addresses.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (message::AddressView const& address : addresses) {
        if (auto const* mailbox = std::get_if<message::MailboxView>(&address)) {
            put_address(out, *mailbox);
            continue;
        }
        auto const& group = std::get<message::GroupView>(address);
        out += "(NIL NIL ";
        put_string(out, group.name);
        out += " NIL)";
        for (message::MailboxView const& member : group.members) put_address(out, member);
        out += "(NIL NIL NIL NIL)";
    }
    out += ')';
}

// RFC 3501 §9: body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
void put_parameters(std::string& out, message::PackedList<message::ParameterView> const& parameters) {
    if (parameters.empty()) {
        out += "NIL";
        return;
    }
    char before = '(';
    for (auto const& [name, value] : parameters) {
        out += before;
        put_string(out, name);
        out += ' ';
        put_string(out, value);
        before = ' ';
    }
    out += ')';
}

// The extension data both kinds of body have in common: disposition, language, location.
void put_common_extension(std::string& out, message::PartView const& part) {
    if (part.disposition) {
        out += " (";
        put_string(out, *part.disposition);
        out += ' ';
        put_parameters(out, part.disposition_parameters);
        out += ") ";
    } else {
        out += " NIL ";
    }
    if (part.languages.empty()) {
        out += "NIL";
    } else if (part.languages.size() == 1) {
        put_string(out, *part.languages.begin());
    } else {
        char before = '(';
        for (std::string_view const language : part.languages) {
            out += before;
            put_string(out, language);
            before = ' ';
        }
        out += ')';
    }
    out += ' ';
    put_nstring(out, part.location);
}

// RFC 3501 §9 body-type-mpart
void put_multipart(std::string& out, message::PartView const& part, bool extensible) {
    for (message::PartView const& child : part.children) put_body_structure(out, child, extensible);
    // The grammar asks for a part: without one, an empty text stands in, as other servers have it.
    if (part.children.empty()) put_body_structure(out, message::PartView{}, extensible);
    out += ' ';
    put_string(out, part.subtype);
    if (!extensible) return;
    out += ' ';
    put_parameters(out, part.parameters);
    put_common_extension(out, part);
}

// RFC 3501 §9 body-type-1part
void put_single_part(std::string& out, message::PartView const& part, bool extensible) {
    put_string(out, part.type);
    out += ' ';
    put_string(out, part.subtype);
    out += ' ';
    put_parameters(out, part.parameters);
    out += ' ';
    put_nstring(out, part.id);
    out += ' ';
    put_nstring(out, part.description);
    out += ' ';
    put_string(out, part.encoding);
    out += ' ';
    put_number(out, part.body_end - part.body_begin);

    bool const message = message::is_message(part);
    if (message) { // body-type-msg; what a limit cut off is shown as empty
        message::PartView const inner = part.children.empty() ? message::PartView{} : *part.children.begin();
        out += ' ';
        put_envelope(out, inner.envelope.value_or(message::EnvelopeView{}));
        out += ' ';
        put_body_structure(out, inner, extensible);
    }
    if (message || text::iequals(part.type, "text")) {
        out += ' ';
        put_number(out, part.body_lines);
    }
    if (!extensible) return;
    out += ' ';
    put_nstring(out, part.md5);
    put_common_extension(out, part);
}

} // namespace

void put_envelope(std::string& out, message::EnvelopeView const& envelope) {
    out += '(';
    put_nstring(out, envelope.date);
    out += ' ';
    put_nstring(out, envelope.subject);
    // RFC 3501 §7.4.2: Sender and Reply-To are those of From where the message has none.
    auto const* const sender = envelope.sender.empty() ? &envelope.from : &envelope.sender;
    auto const* const reply_to = envelope.reply_to.empty() ? &envelope.from : &envelope.reply_to;
    for (auto const* addresses : {&envelope.from, sender, reply_to, &envelope.to, &envelope.cc, &envelope.bcc}) {
        out += ' ';
        put_addresses(out, *addresses);
    }
    out += ' ';
    put_nstring(out, envelope.in_reply_to);
    out += ' ';
    put_nstring(out, envelope.message_id);
    out += ')';
}

void put_body_structure(std::string& out, message::PartView const& part, bool extensible) {
    out += '(';
    if (message::is_multipart(part))
        put_multipart(out, part, extensible);
    else
        put_single_part(out, part, extensible);
    out += ')';
}

} // namespace postern::wire::imap
