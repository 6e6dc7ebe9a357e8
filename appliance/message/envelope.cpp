#include "message/envelope.h"

#include "message/packed.h"
#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace postern::message {
namespace {

constexpr std::uint64_t version = 1;

constexpr std::array<std::pair<std::string_view, std::optional<std::string> Envelope::*>, 4> string_fields = {
    {{"Date", &Envelope::date},
     {"Subject", &Envelope::subject},
     {"In-Reply-To", &Envelope::in_reply_to},
     {"Message-ID", &Envelope::message_id}}};

constexpr std::array<std::pair<std::string_view, std::vector<Address> Envelope::*>, 6> address_fields = {
    {{"From", &Envelope::from},
     {"Sender", &Envelope::sender},
     {"Reply-To", &Envelope::reply_to},
     {"To", &Envelope::to},
     {"Cc", &Envelope::cc},
     {"Bcc", &Envelope::bcc}}};

void put(PackedWriter& out, Mailbox const& mailbox) {
    out.string(mailbox.display_name);
    out.string(mailbox.route);
    out.string(mailbox.local_part);
    out.string(mailbox.domain);
}

Mailbox get_mailbox(PackedReader& in) {
    Mailbox mailbox;
    mailbox.display_name = in.string();
    mailbox.route = in.string();
    mailbox.local_part = in.string();
    mailbox.domain = in.string();
    return mailbox;
}

void put(PackedWriter& out, Address const& address) {
    auto const* group = std::get_if<Group>(&address);
    out.number(group != nullptr);
    if (group == nullptr) {
        put(out, std::get<Mailbox>(address));
        return;
    }
    out.string(group->name);
    out.list(group->members, [&](Mailbox const& mailbox) { put(out, mailbox); });
}

Address get_address(PackedReader& in) {
    if (!in.flag()) return get_mailbox(in);
    Group group;
    group.name = in.string();
    group.members = in.list([&] { return get_mailbox(in); });
    return group;
}

std::size_t count(std::vector<Address> const& addresses) {
    std::size_t n = 0;
    for (Address const& address : addresses) {
        auto const* group = std::get_if<Group>(&address);
        n += group != nullptr ? group->members.size() : 1;
    }
    return n;
}

} // namespace

Envelope make_envelope(HeaderSection const& header) {
    std::size_t mailboxes = mailbox_limit;
    return make_envelope(header, mailboxes);
}

Envelope make_envelope(HeaderSection const& header, std::size_t& mailboxes) {
    Envelope envelope;
    for (Field const& field : header) {
        for (auto const& [name, member] : string_fields)
            if (text::iequals(field.name, name) && !(envelope.*member)) envelope.*member = unfold(field.raw_body);
        for (auto const& [name, member] : address_fields) {
            if (!text::iequals(field.name, name)) continue;
            auto addresses = parse_address_list(field.raw_body, mailboxes);
            mailboxes -= count(addresses);
            std::ranges::move(addresses, std::back_inserter(envelope.*member));
        }
    }
    // RFC 3501 §7.4.2
    if (envelope.sender.empty()) envelope.sender = envelope.from;
    if (envelope.reply_to.empty()) envelope.reply_to = envelope.from;
    return envelope;
}

void put(PackedWriter& out, Envelope const& envelope) {
    for (auto const& field : string_fields) out.optional(envelope.*field.second);
    for (auto const& field : address_fields)
        out.list(envelope.*field.second, [&](Address const& address) { put(out, address); });
}

Envelope get_envelope(PackedReader& in) {
    Envelope envelope;
    for (auto const& field : string_fields) envelope.*field.second = in.optional();
    for (auto const& field : address_fields) envelope.*field.second = in.list([&] { return get_address(in); });
    return envelope;
}

std::string encode(Envelope const& envelope) {
    PackedWriter out;
    out.number(version);
    put(out, envelope);
    return out.take();
}

std::optional<Envelope> decode_envelope(std::string_view bytes) {
    PackedReader in(bytes);
    if (in.number() != version) return std::nullopt;
    Envelope envelope = get_envelope(in);
    if (!in.at_end()) return std::nullopt;
    return envelope;
}

} // namespace postern::message
