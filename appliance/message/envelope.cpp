#include "message/envelope.h"

#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace postern::message {
namespace {

constexpr std::uint64_t envelope_version = 1;

template <typename As>
constexpr std::array<std::pair<std::string_view, typename BasicEnvelope<As>::Text BasicEnvelope<As>::*>, 4>
    string_fields = {{{"Date", &BasicEnvelope<As>::date},
                      {"Subject", &BasicEnvelope<As>::subject},
                      {"In-Reply-To", &BasicEnvelope<As>::in_reply_to},
                      {"Message-ID", &BasicEnvelope<As>::message_id}}};

template <typename As>
constexpr std::array<std::pair<std::string_view, typename BasicEnvelope<As>::Addresses BasicEnvelope<As>::*>, 6>
    address_fields = {{{"From", &BasicEnvelope<As>::from},
                       {"Sender", &BasicEnvelope<As>::sender},
                       {"Reply-To", &BasicEnvelope<As>::reply_to},
                       {"To", &BasicEnvelope<As>::to},
                       {"Cc", &BasicEnvelope<As>::cc},
                       {"Bcc", &BasicEnvelope<As>::bcc}}};

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
        for (auto const& [name, member] : string_fields<Owned>)
            if (text::iequals(field.name, name) && !(envelope.*member)) envelope.*member = unfold(field.raw_body);
        for (auto const& [name, member] : address_fields<Owned>) {
            if (!text::iequals(field.name, name)) continue;
            auto addresses = parse_address_list(field.raw_body, mailboxes);
            mailboxes -= count(addresses);
            std::ranges::move(addresses, std::back_inserter(envelope.*member));
        }
    }
    return envelope;
}

template <typename As> void put(PackedWriter& out, BasicEnvelope<As> const& envelope) {
    for (auto const& field : string_fields<As>) out.optional(envelope.*field.second);
    for (auto const& field : address_fields<As>)
        out.list(envelope.*field.second, [&](BasicAddress<As> const& address) { put(out, address); });
}

void get(PackedReader& in, EnvelopeView& envelope) {
    for (auto const& field : string_fields<Packed>) envelope.*field.second = in.optional();
    for (auto const& field : address_fields<Packed>) envelope.*field.second = in.list<AddressView>();
}

template <typename As> std::string encode(BasicEnvelope<As> const& envelope) {
    PackedWriter out;
    out.number(envelope_version);
    put(out, envelope);
    return out.take();
}

std::optional<EnvelopeView> decode_envelope(std::string_view bytes) {
    PackedReader in(bytes);
    if (in.number() != envelope_version) return std::nullopt;
    EnvelopeView envelope;
    get(in, envelope);
    if (!in.at_end()) return std::nullopt;
    return envelope;
}

template void put(PackedWriter& out, Envelope const& envelope);
template void put(PackedWriter& out, EnvelopeView const& envelope);
template std::string encode(Envelope const& envelope);
template std::string encode(EnvelopeView const& envelope);

} // namespace postern::message
